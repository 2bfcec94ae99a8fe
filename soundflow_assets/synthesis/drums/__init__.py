"""Drum kits and effect sounds: a recipe per kind of sound, a YAML file of parameters per kit."""
