"""The service: catalogs, tracks, signed addresses and live generation over HTTP, and the player."""
