"""Models that make sound: one small interface, each library behind it imported when it is used."""
