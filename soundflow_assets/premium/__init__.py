"""Premium tracks on demand: requests, prompts, model backends, GPU providers, production."""
