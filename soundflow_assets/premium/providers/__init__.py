"""Where generation happens: a GPU here, a person with one, or a service."""
