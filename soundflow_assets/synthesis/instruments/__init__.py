"""Pitched instruments: one module each, a table of them in `registry`, patches as data."""
