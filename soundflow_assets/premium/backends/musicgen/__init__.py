"""MusicGen over the weights that transformers loads, with a decode loop of our own."""
