"""Dagster: assets, checks, automation and resources. The music itself lives outside, below."""
