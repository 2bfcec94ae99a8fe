"""Prompts: the book that ships, and what an operator's own words become for each model."""
