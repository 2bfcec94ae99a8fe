"""The place a bed's events happen in: a small feedback delay network that runs tile by tile.

Six lines mixed by a Householder reflection, which loses no energy, each with its own gain for one
T60 on all and a low-pass for the air. It differs from the music's reverb in that it can be asked
for an endless stretch piece by piece, and in its long sparse lines: outdoors there are no walls.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.math import SAMPLE_RATE, db_to_gain, dexp
from soundflow_assets.synthesis.nature.curves import TILE

LINES = 6
RING = 8192
LENGTHS = np.array([1429, 1949, 2549, 3167, 3931, 4567])  # mutually prime, 32 to 104 ms
QUIET = 1e-7


@njit(cache=True)
def _reflect(
    wet: Audio,
    out: Audio,
    t60_s: float,
    damping_hz: float,
    gain: float,
    rings: npt.NDArray[np.float32],
    low: npt.NDArray[np.float64],
    at: int,
) -> None:
    """Add one tile's reflections of `wet` to `out`; `at` is the write position in the rings."""
    gains = np.empty(LINES)
    for k in range(LINES):
        gains[k] = db_to_gain(-60.0 * LENGTHS[k] / (SAMPLE_RATE * t60_s))
    damp = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    mask = RING - 1
    s = np.empty(LINES)
    for n in range(TILE):
        left = np.float64(wet[0, n])
        right = np.float64(wet[1, n])
        total = 0.0
        for k in range(LINES):
            value = np.float64(rings[k, (at + n - LENGTHS[k]) & mask])
            low[k] += damp * (value - low[k]) + 1e-20
            s[k] = low[k] * gains[k]
            total += s[k]
        out[0, n] += gain * (s[0] - s[1] + s[2] - s[3] + s[4] - s[5])
        out[1, n] += gain * (s[0] + s[1] - s[2] - s[3] - s[4] + s[5])
        total *= 2.0 / LINES
        for k in range(LINES):
            entering = left if k % 2 == 0 else right
            rings[k, (at + n) & mask] = 0.5 * entering + s[k] - total


@dataclass(slots=True)
class Space:
    """A place with its T60 and the dullness of its air; `gain` sets the returns' level."""

    t60_s: float = 1.2
    damping_hz: float = 4500.0
    gain: float = 0.7
    rings: npt.NDArray[np.float32] = field(
        default_factory=lambda: np.zeros((LINES, RING), np.float32)
    )
    low: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(LINES))
    silent_tiles: int = 1 << 30

    def add(self, start: int, wet: Audio, out: Audio) -> None:
        """Add the reflections of the tile `wet` (2, >= tile), which begins at sample `start`."""
        loud = float(np.max(np.abs(wet[:, :TILE]))) > QUIET
        self.silent_tiles = 0 if loud else self.silent_tiles + 1
        if self.silent_tiles * TILE > 2.0 * self.t60_s * SAMPLE_RATE:
            return  # nothing has sounded for so long that nothing comes back
        _reflect(
            wet, out, self.t60_s, self.damping_hz, self.gain, self.rings, self.low, start % RING
        )
