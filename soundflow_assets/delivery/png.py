"""PNG files whose bytes depend on the picture alone.

Pillow's writer brings its own zlib, whose output differs between builds and processors, and so does
Python's; this one filters rows itself and compresses by `deflate`. (W3C PNG, third edition, 9.2 and
9.3.)
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from soundflow_assets.delivery.deflate import compress

Pixels = npt.NDArray[np.uint8]


def png(pixels: Pixels) -> bytes:
    """Return `pixels`, uint8 (height, width, 3), as a PNG file."""
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = _filtered(pixels.reshape(height, width * 3))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", compress(rows))
        + _chunk(b"IEND", b"")
    )


def _filtered(rows: Pixels) -> bytes:
    """Give each row the filter (none, sub, up, Paeth) with the least sum of magnitudes."""
    left = np.zeros_like(rows)
    left[:, 3:] = rows[:, :-3]
    above = np.zeros_like(rows)
    above[1:] = rows[:-1]
    corner = np.zeros_like(rows)
    corner[1:, 3:] = rows[:-1, :-3]
    choices = {0: rows, 1: rows - left, 2: rows - above, 4: rows - _paeth(left, above, corner)}
    costs = np.stack(
        [np.abs(choice.view(np.int8).astype(np.int16)).sum(axis=1) for choice in choices.values()]
    )
    kinds = np.array(list(choices))[costs.argmin(axis=0)]
    return b"".join(
        bytes((kind,)) + choices[int(kind)][row].tobytes() for row, kind in enumerate(kinds)
    )


def _paeth(left: Pixels, above: Pixels, corner: Pixels) -> Pixels:
    """Return whichever neighbour is nearest to left + above - corner."""
    a, b, c = (plane.astype(np.int16) for plane in (left, above, corner))
    to_a, to_b, to_c = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest = np.where((to_a <= to_b) & (to_a <= to_c), a, np.where(to_b <= to_c, b, c))
    return nearest.astype(np.uint8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
