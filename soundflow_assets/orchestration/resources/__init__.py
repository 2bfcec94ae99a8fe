"""What assets are given: the bucket, and who listens to progress."""
