"""Can this installation make and publish a day? What `soundflow doctor` asks.

`diagnose` runs every check: of this machine (`machine`), of the buckets (`buckets`), and of what
strangers can reach (`exposure`). Nothing here repairs anything, and nothing is left behind.
"""
