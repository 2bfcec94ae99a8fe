"""The place a bed's events happen in: a small feedback delay network that runs tile by tile.

Six lines mixed by a Householder reflection, which loses no energy, each with its own gain for one
T60 on all and a three-tap low-pass for the air. It differs from the music's reverb in that it can
be asked for an endless stretch piece by piece, and in its long sparse lines: outdoors there are no
walls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.nature.curves import TILE

LINES = 6
RING = 8192
BLOCK = 256  # shorter than any line
AGAIN = 2 * BLOCK  # samples of a ring's beginning that stand behind its end once more
LENGTHS = np.array([1429, 1949, 2549, 3167, 3931, 4567])  # mutually prime, 32 to 104 ms
QUIET = 1e-7

Rings = npt.NDArray[np.float32]  # (LINES, RING + AGAIN)


@njit(cache=True, inline="always")
def _echo(line: Any, at: int, kept: np.float32, inner: np.float32, outer: np.float32) -> Any:
    """Return eight samples that come back, from one before `at` on: softened and weakened."""
    return kept * (inner * load(line, at + 1) + outer * (load(line, at) + load(line, at + 2)))


@njit(cache=True)
def _reflect(
    wet: Audio, out: Audio, t60_s: float, dullness: float, gain: float, rings: Rings, at: int
) -> None:
    """Add one tile's reflections of `wet` to `out`; `at` is the write position in the rings.

    No line is shorter than a block, so a block of all lines is known before any of it is written,
    and eight samples of it are made at a time. What stands at the rings' beginning stands once more
    behind their end, so that no block is broken.
    """
    kept = np.empty(LINES, np.float32)
    for k in range(LINES):
        kept[k] = db_to_gain(-60.0 * LENGTHS[k] / (SAMPLE_RATE * t60_s))
    outer = np.float32(dullness)
    inner = np.float32(1.0 - 2.0 * dullness)
    level = np.float32(gain)
    share = np.float32(2.0 / LINES)
    half = np.float32(0.5)
    wet_l, wet_r, out_l, out_r = wet[0], wet[1], out[0], out[1]
    line_a, line_b, line_c = rings[0], rings[1], rings[2]
    line_d, line_e, line_f = rings[3], rings[4], rings[5]
    for first in range(0, TILE, BLOCK):
        here = (at + first) % RING
        a, b, c = _back(here, 0), _back(here, 1), _back(here, 2)
        d, e, f = _back(here, 3), _back(here, 4), _back(here, 5)
        for n in range(0, BLOCK, LANES):
            p = _echo(line_a, a + n, kept[0], inner, outer)
            q = _echo(line_b, b + n, kept[1], inner, outer)
            r = _echo(line_c, c + n, kept[2], inner, outer)
            s = _echo(line_d, d + n, kept[3], inner, outer)
            t = _echo(line_e, e + n, kept[4], inner, outer)
            u = _echo(line_f, f + n, kept[5], inner, outer)
            shared = share * (((p + q) + (r + s)) + (t + u))
            to = first + n
            store(out_l, to, load(out_l, to) + level * ((p + r + t) - (q + s + u)))
            store(out_r, to, load(out_r, to) + level * ((p + q + u) - (r + s + t)))
            from_left = half * load(wet_l, to) - shared
            from_right = half * load(wet_r, to) - shared
            store(line_a, here + n, from_left + p)
            store(line_b, here + n, from_right + q)
            store(line_c, here + n, from_left + r)
            store(line_d, here + n, from_right + s)
            store(line_e, here + n, from_left + t)
            store(line_f, here + n, from_right + u)
        if here < AGAIN:
            for k in range(LINES):
                for n in range(here, here + BLOCK):
                    rings[k, RING + n] = rings[k, n]


@njit(cache=True, inline="always")
def _back(here: int, k: int) -> int:
    """Return the sample of ring `k` that is heard just before the one to be written `here`."""
    return int((here - LENGTHS[k] - 1 + RING) % RING)


@dataclass(slots=True)
class Space:
    """A place with its T60 and the dullness of its air; `gain` sets the returns' level."""

    t60_s: float = 1.2
    dullness: float = 0.12  # of each pass: 0 keeps the treble, 0.25 loses all of it at the top
    gain: float = 0.7
    rings: Rings = field(default_factory=lambda: np.zeros((LINES, RING + AGAIN), np.float32))
    silent_tiles: int = 1 << 30

    def add(self, start: int, wet: Audio, out: Audio) -> None:
        """Add the reflections of the tile `wet` (2, >= tile), which begins at sample `start`."""
        loud = max(highest(wet[0], 0, TILE), highest(wet[1], 0, TILE)) > QUIET
        self.silent_tiles = 0 if loud else self.silent_tiles + 1
        if self.silent_tiles * TILE > 2.0 * self.t60_s * SAMPLE_RATE:
            return  # nothing has sounded for so long that nothing comes back
        _reflect(wet, out, self.t60_s, self.dullness, self.gain, self.rings, start % RING)
