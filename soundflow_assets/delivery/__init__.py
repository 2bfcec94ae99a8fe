"""Master to files: MP3 with tags, other formats, waveform peaks, cover, pictures; and back again."""
