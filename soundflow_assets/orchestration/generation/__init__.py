"""Tracks made on request: each is a run of one job, and its event log is all there is of it."""
