"""Measures of sound and score, and the verdicts drawn from them."""
