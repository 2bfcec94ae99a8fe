"""SoundFlow: a Dagster asset graph that composes, renders, checks and publishes focus music."""
