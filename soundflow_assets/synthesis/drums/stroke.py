"""One stroke: how hard, which of the round robin, how long; and what it does to the numbers.

Recipes read a stroke and never draw at random: two strokes with the same fields are the same
sound, and different `variant`s differ the way two strokes of one player do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.kernels.math import db_to_gain


@dataclass(frozen=True, slots=True)
class Stroke:
    """A hit to be rendered. `velocity` is 0 to 1; `duration_s` is 0 where the sound decides."""

    sound: str
    velocity: float
    variant: int
    duration_s: float = 0.0

    def seed(self, layer: str) -> int:
        """Return a noise seed for one ingredient of this stroke."""
        return seed_of("stroke", self.sound, layer, self.variant) & 0x7FFFFFFF

    def vary(self, quantity: str, share: float) -> float:
        """Return a factor within 1 ± `share` for `quantity`, fixed for this variant."""
        unit = seed_of("vary", self.sound, quantity, self.variant) / float(1 << 62) - 1.0
        return 1.0 + share * unit

    def between(self, soft: float, hard: float) -> float:
        """Return the value that lies at this velocity on the line from `soft` to `hard`."""
        return soft + (hard - soft) * self.velocity


def blank(seconds: float) -> Audio:
    """Return silence, float32 (2, samples)."""
    return np.zeros((2, max(int(seconds * SAMPLE_RATE), 64)), np.float32)


def gain(db: float) -> float:
    """Return the amplitude ratio of `db`, without a call that differs between processors."""
    return float(db_to_gain(db))
