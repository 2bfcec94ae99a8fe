"""The writers: one module per family of parts, each turning form and chords into written notes."""
