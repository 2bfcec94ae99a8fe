"""What is known of the tracks in a bucket: sidecars, the catalogs derived from them, their checks.

The order of a track's life: `publish` puts its files and last its sidecar; `build` reads sidecars
into month shards and catalog files; `commit` makes them current; `validate` checks what is there.
"""
