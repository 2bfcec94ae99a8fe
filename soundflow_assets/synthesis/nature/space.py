"""The place a bed's events happen in: a small feedback delay network that runs tile by tile.

Six lines mixed by a Householder reflection, which loses no energy, each with its own gain for one
T60 on all and a three-tap low-pass for the air. It differs from the music's reverb in that it can
be asked for an endless stretch piece by piece, and in its long sparse lines: outdoors there are no
walls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.nature.curves import TILE

LINES = 6
RING = 8192
BLOCK = 1024  # shorter than any line
LENGTHS = np.array([1429, 1949, 2549, 3167, 3931, 4567])  # mutually prime, 32 to 104 ms
QUIET = 1e-7


@njit(cache=True)
def _reflect(
    wet: Audio,
    out: Audio,
    t60_s: float,
    dullness: float,
    gain: float,
    rings: npt.NDArray[np.float32],
    at: int,
) -> None:
    """Add one tile's reflections of `wet` to `out`; `at` is the write position in the rings.

    No line is shorter than a block, so a block of all lines is known before any of it is written,
    and each step below runs over whole blocks.
    """
    heard = np.zeros((LINES, BLOCK), np.float32)
    raw = np.empty(BLOCK + 2, np.float32)
    shared = np.empty(BLOCK, np.float32)
    outer = np.float32(dullness)
    inner = np.float32(1.0 - 2.0 * dullness)
    level = np.float32(gain)
    share = np.float32(2.0 / LINES)
    for block in range(TILE // BLOCK):
        first = block * BLOCK
        here = (at + first) % RING
        shared[:] = np.float32(0.0)
        for k in range(LINES):
            line = rings[k]
            base = (here - LENGTHS[k] - 1 + RING) % RING
            whole = min(BLOCK + 2, RING - base)
            for n in range(whole):
                raw[n] = line[base + n]
            for n in range(whole, BLOCK + 2):
                raw[n] = line[n - whole]
            kept = np.float32(db_to_gain(-60.0 * LENGTHS[k] / (SAMPLE_RATE * t60_s)))
            echo = heard[k]
            for n in range(BLOCK):
                echo[n] = kept * (inner * raw[n + 1] + outer * (raw[n] + raw[n + 2]))
                shared[n] += share * echo[n]
        for k in range(LINES):
            line = rings[k]
            echo = heard[k]
            sign_l = level if k % 2 == 0 else -level
            sign_r = level if k < 2 or k == 5 else -level
            into = wet[k % 2]
            for n in range(BLOCK):
                out[0, first + n] += sign_l * echo[n]
                out[1, first + n] += sign_r * echo[n]
                line[here + n] = np.float32(0.5) * into[first + n] + (echo[n] - shared[n])


@dataclass(slots=True)
class Space:
    """A place with its T60 and the dullness of its air; `gain` sets the returns' level."""

    t60_s: float = 1.2
    dullness: float = 0.12  # of each pass: 0 keeps the treble, 0.25 loses all of it at the top
    gain: float = 0.7
    rings: npt.NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((LINES, RING), np.float32)
    )
    silent_tiles: int = 1 << 30

    def add(self, start: int, wet: Audio, out: Audio) -> None:
        """Add the reflections of the tile `wet` (2, >= tile), which begins at sample `start`."""
        loud = float(np.max(np.abs(wet[:, :TILE]))) > QUIET
        self.silent_tiles = 0 if loud else self.silent_tiles + 1
        if self.silent_tiles * TILE > 2.0 * self.t60_s * SAMPLE_RATE:
            return  # nothing has sounded for so long that nothing comes back
        _reflect(wet, out, self.t60_s, self.dullness, self.gain, self.rings, start % RING)
