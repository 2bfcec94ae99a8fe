"""Its presence makes this folder importable: test folders share `short_track`."""
