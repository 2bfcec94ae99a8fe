"""Stems to master: sum, mix bus, loudness, true-peak limiting, 16 bits."""
