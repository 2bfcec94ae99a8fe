"""Beds of nature and of rooms: endless textures that never repeat, one module per landscape."""
