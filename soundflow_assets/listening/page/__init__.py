"""The listening report as a page: one self-contained HTML file a track, with its pictures."""
