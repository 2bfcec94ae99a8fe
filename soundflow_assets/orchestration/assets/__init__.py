"""What exists: five free tracks a day, premium tracks, eight catalogs."""
