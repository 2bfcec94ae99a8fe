"""Master to files, and back: MP3 with tags, other formats, waveform peaks, cover, pictures."""
