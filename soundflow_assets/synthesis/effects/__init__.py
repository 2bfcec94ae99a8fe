"""What a bus does to its sound: tone, motion, image, ducking, and the shared space.

Effects that change in time read curves: one float32 value every `CONTROL` samples of the whole
track. They work tile by tile on a buffer in place and carry their own state from tile to tile.
"""
