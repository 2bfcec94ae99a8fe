"""From every eighth sample to all of them: what is slow is made seldom, then doubled.

A rumble needs no 44100 samples a second. Whatever is made at every 8th, 4th or 2nd sample is added
up on the rung of its rate, and each rung is raised to the next: a new sample lies on the cubic
through its four neighbours (Deslauriers & Dubuc 1989), flat to a third of the band. What is left of
the images carries a noise's slope on beyond its band's own end, so that no edge is heard.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.nature.curves import TILE

PAST = 8  # samples of what went before, in front of a rung


@njit(cache=True)
def raise_into(low: Audio, high: Audio, at: int, samples: int) -> None:
    """Add `samples` of `low` as twice as many to `high` from column `at`; leave `low` for the next.

    They come two of low's samples late.
    """
    near, far = np.float32(0.5625), np.float32(0.0625)
    for channel in range(2):
        x, y = low[channel], high[channel, at : at + 2 * samples]
        for n in range(samples):
            y[2 * n] += x[n + 6]
            y[2 * n + 1] += near * (x[n + 6] + x[n + 7]) - far * (x[n + 5] + x[n + 8])
        for n in range(PAST):
            x[n] = x[n + samples]
        x[PAST:] = np.float32(0.0)


class Ladder:
    """The rungs of a tile: what has been added to each rate below the full one."""

    def __init__(self) -> None:
        self._rungs = {rate: np.zeros((2, PAST + TILE // rate), np.float32) for rate in (8, 4, 2)}
        self._used = 1  # the slowest rate that anything was made at

    def rung(self, rate: int, full: Audio) -> tuple[Audio, int]:
        """Return where to add what is made at every `rate`-th sample, and its first column.

        At rate 1 that is `full` (2, >= tile).
        """
        self._used = max(self._used, rate)
        return (full, 0) if rate == 1 else (self._rungs[rate], PAST)

    def climb(self, full: Audio) -> None:
        """Add everything to `full` at the full rate, and clear the rungs."""
        rate = self._used
        while rate > 1:
            high, at = self.rung(rate // 2, full)
            raise_into(self._rungs[rate], high, at, TILE // rate)
            rate //= 2
