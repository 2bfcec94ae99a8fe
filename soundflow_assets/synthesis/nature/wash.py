"""The continuous part of a bed: coloured noise in a band whose edges and level move.

Two independent sources make left and right, so that a bed is wide without being two mono beds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import dexp
from soundflow_assets.synthesis.nature.bands import BANDS, Colours
from soundflow_assets.synthesis.nature.coloured import DIRECT, EDGE, GAINS, KEEPS, KEPT, add_bank
from soundflow_assets.synthesis.nature.curves import POINTS, Curve
from soundflow_assets.synthesis.nature.ladder import Ladder

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


@dataclass(frozen=True, slots=True)
class Band:
    """A noise band of a bed: its colour and edges, and how it moves from tile to tile."""

    seed: int
    motion: Callable[[int], Motion]  # start sample -> the tile's curves
    colour: int = PINK
    width: float = 0.7  # 0 is one source for both ears, 1 is two
    low_hz: float = 60.0
    q: float = 0.7071067811865476
    peaked: bool = False  # a band-pass of unit peak; else a low-pass of 12 dB/oct
    rate: int = 1  # made at every so-manieth sample: 1, 2, 4 or 8


def banks(heard: Sequence[tuple[Band, float]]) -> list[Bank]:
    """Return bands and their gains as banks: up to four of the same rate in each."""
    found = []
    for rate in (1, 2, 4, 8):
        own = [(band, gain) for band, gain in heard if band.rate == rate]
        found += [Bank(rate, own[first : first + BANDS]) for first in range(0, len(own), BANDS)]
    return found


class Bank:
    """Bands of one rate that are made side by side, each at its own gain."""

    def __init__(self, rate: int, heard: Sequence[tuple[Band, float]]) -> None:
        self._rate = rate
        self._heard = tuple(heard)
        self._colours = _colours(rate, [band for band, _ in heard])
        self._corners_hz = np.empty((len(heard), POINTS))
        self._levels = np.empty((len(heard), 2, POINTS))
        self._kept = np.zeros((KEPT, LANES), np.float32)

    def add(self, start: int, ladder: Ladder, full: Audio) -> None:
        """Add the tile that begins at sample `start` to the ladder over `full`."""
        for number, (band, gain) in enumerate(self._heard):
            motion = band.motion(start)
            self._corners_hz[number] = motion.corners_hz
            np.multiply(motion.left, gain, out=self._levels[number, 0])
            np.multiply(motion.right, gain, out=self._levels[number, 1])
        out, at = ladder.rung(self._rate, full)
        add_bank(
            out, at, start, self._rate, len(self._heard), self._colours,
            self._corners_hz, self._levels, self._kept,
        )  # fmt: skip


def _colours(rate: int, bands: Sequence[Band]) -> Colours:
    """Return what does not move about up to four bands."""
    filters = np.zeros((EDGE + 1, BANDS), np.float32)
    for number, band in enumerate(bands):
        poles, direct = colour_at(band.colour, rate)
        filters[KEEPS : KEEPS + len(poles), number] = poles[:, 0]
        filters[GAINS : GAINS + len(poles), number] = poles[:, 1]
        filters[DIRECT, number] = direct
        filters[EDGE, number] = dexp(-2.0 * math.pi * band.low_hz * rate / SAMPLE_RATE)
    return Colours(
        seeds=np.array([band.seed for band in bands]),
        widths=np.array([band.width for band in bands]),
        filters=filters,
        dampings=np.array([1.0 / band.q for band in bands]),
        peaked=np.array([band.peaked for band in bands]),
    )
