"""The `soundflow` command: a thin door on the same functions that Dagster and the service call."""
