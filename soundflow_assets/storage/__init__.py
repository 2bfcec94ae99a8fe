"""Objects under keys: one protocol, a local folder and S3/R2 behind it, and signed addresses.

Nothing here knows what a track or a catalog is, except `keys`, which knows where they lie.
"""
