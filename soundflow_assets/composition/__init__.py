"""Plan to score: harmony, rhythm, melody, bass and form. Pure Python, no sound."""
