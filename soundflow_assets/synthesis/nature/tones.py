"""Steady tones of a bed: sines in tune whose levels move slowly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP, load, narrowed, store
from soundflow_assets.synthesis.kernels.math import sines
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve
from soundflow_assets.synthesis.nature.ladder import Ladder

Levels = npt.NDArray[np.float64]  # (partials, control points)

RATE = 4  # every so-manieth sample is made: the tones lie far below 5 kHz
PER = CONTROL // RATE


@njit(cache=True)
def add_partials(
    out: Audio, at: int, start: int, freqs_hz: Curve, left: Levels, right: Levels, gain: float
) -> None:
    """Add one tile of steady sines to `out`, made at every `RATE`-th sample, from column `at` on.

    Levels are (partials, control points) a channel.
    """
    into_left, into_right = out[0], out[1]
    ramp = load(RAMP, 0)
    for p in range(freqs_hz.shape[0]):
        step = freqs_hz[p] * RATE / SAMPLE_RATE
        first = step * (start // RATE)
        first -= np.floor(first)
        for place in range(TILE // CONTROL):
            level_l, level_r = gain * left[p, place], gain * right[p, place]
            rise_l = (gain * left[p, place + 1] - level_l) / PER
            rise_r = (gain * right[p, place + 1] - level_r) / PER
            for n in range(0, PER, LANES):
                to = place * PER + n
                tone = sines(first + step * (ramp + float(to)))
                since = ramp + float(n)
                a = narrowed(tone * (level_l + rise_l * since))
                b = narrowed(tone * (level_r + rise_r * since))
                store(into_left, at + to, load(into_left, at + to) + a)
                store(into_right, at + to, load(into_right, at + to) + b)


@dataclass(frozen=True, slots=True)
class Partials:
    """Steady tones of a bed and how loud each is from tile to tile."""

    freqs_hz: Curve  # below 2 kHz
    levels: Callable[[int], tuple[Levels, Levels]]  # start sample -> of each channel

    def add(self, start: int, gain: float, ladder: Ladder, full: Audio) -> None:
        """Add the tile that begins at sample `start` to the ladder over `full`."""
        left, right = self.levels(start)
        out, at = ladder.rung(RATE, full)
        add_partials(out, at, start, self.freqs_hz, left, right, gain)
