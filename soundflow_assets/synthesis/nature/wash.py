"""The continuous part of a bed: coloured noise in a band whose edges and level move.

Two independent sources make left and right, so that a bed is wide without being two mono beds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.synthesis.kernels.math import dexp
from soundflow_assets.synthesis.nature.coloured import (
    CHUNK,
    PAST,
    Memory,
    Row,
    Rows,
    Stages,
    add_band,
    empty_memory,
    empty_rows,
    empty_stages,
)
from soundflow_assets.synthesis.nature.curves import POINTS, Curve
from soundflow_assets.synthesis.nature.tones import add_partials

WHITE, PINK, BROWN = 0, 1, 2
# One-poles in parallel, (keep, gain) each, and the direct path. Pink is Paul Kellet's economy
# filter, -3 dB/oct within half a decibel at any rate it runs at; brown falls 6 dB/oct above 60 Hz.
PINK_POLES = np.array([[0.99765, 0.0990460], [0.96300, 0.2965164], [0.57000, 1.0526913]])
PINK_DIRECT = 0.1848
BROWN_HZ = 60.0
BROWN_GAIN = 0.13


def colour_at(colour: int, rate: int) -> tuple[Curve, float]:
    """Return poles (n, 2) and direct gain of a colour made at every `rate`-th sample.

    The density per hertz is the same at every rate.
    """
    if colour == PINK:
        return PINK_POLES, PINK_DIRECT
    per_hertz = 1.0 / math.sqrt(rate)
    if colour == WHITE:
        return np.zeros((0, 2)), per_hertz
    keep = float(dexp(-2.0 * math.pi * BROWN_HZ * rate / SAMPLE_RATE))
    return np.array([[keep, BROWN_GAIN * rate * per_hertz]]), 0.0


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a band stands during one tile: arrays of `POINTS` control values."""

    corners_hz: Curve
    left: Curve
    right: Curve


def still(value: float) -> Curve:
    """Return a curve that does not move."""
    return np.full(POINTS, value)


@dataclass(slots=True)
class Band:
    """A noise band of a bed: its colour and edges, and how it moves from tile to tile."""

    seed: int
    motion: Callable[[int], Motion]  # start sample -> the tile's curves
    colour: int = PINK
    width: float = 0.7
    low_hz: float = 60.0
    q: float = 0.7071067811865476
    peaked: bool = False
    rate: int = 1  # made at every so-manieth sample: 1, 2, 4 or 8
    rows: Rows = field(default_factory=empty_rows)
    memory: Memory = field(default_factory=empty_memory)
    outputs: Curve = field(default_factory=lambda: np.zeros(4))
    stages: Stages = field(default_factory=empty_stages)

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start`."""
        motion = self.motion(start)
        poles, direct = colour_at(self.colour, self.rate)
        add_band(
            dry, start, self.rate, self.seed, poles, direct, self.width, self.low_hz,
            motion.corners_hz, 1.0 / self.q, self.peaked, motion.left, motion.right,
            self.rows, self.memory, self.outputs, self.stages,
        )  # fmt: skip


@dataclass(slots=True)
class Partials:
    """Steady tones of a bed and how loud each is from tile to tile."""

    freqs_hz: Curve  # below 2 kHz
    levels: Callable[[int], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]
    rows: Row = field(default_factory=lambda: np.zeros((2, PAST + CHUNK), np.float32))
    stages: Stages = field(default_factory=empty_stages)

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start`."""
        left, right = self.levels(start)
        add_partials(dry, start, self.freqs_hz, left, right, self.rows, self.stages)
