"""What must be true of it."""
