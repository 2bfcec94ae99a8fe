"""Form as heard: how bars resemble each other, and where the music turns.

A bar is described by the levels in dB of 24 bands in each of its quarters, floored at 60 dB under
the loudest. Two bars are the same when these differ by less than 1 dB (RMS). Novelty at a bar line
is what separates the four bars before it from the four after (Foote's checkerboard kernel); its
clear peaks are boundaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.spectrum import frames

Floats = npt.NDArray[np.float64]
_SIZE, _HOP, _BANDS, _QUARTERS = 2048, 1024, 24, 4
_SAME_DB = 1.0
_KERNEL_BARS = 4
_BOUNDARY_DB = 2.0


@dataclass(frozen=True, slots=True)
class Structure:
    """Shape of a track over its bars."""

    bars: int
    repeated_share: float  # of bars that equal an earlier one
    boundaries: tuple[int, ...]  # bar lines where the music turns
    on_grid_share: float  # of boundaries that stand on a multiple of four bars


def measure_structure(audio: Audio, sample_rate: int, bar_times_s: Sequence[float]) -> Structure:
    """Return the structure over bars that begin at `bar_times_s`; the last entry ends the last."""
    if len(bar_times_s) < 3:
        raise BadInput(f"structure needs two bars; got {max(0, len(bar_times_s) - 1)}")
    bars = describe_bars(audio, sample_rate, bar_times_s)
    distance = np.sqrt(np.mean((bars[:, None] - bars[None]) ** 2, axis=2))
    earlier = np.where(np.tri(len(bars), k=-1, dtype=bool), distance, np.inf).min(axis=1)
    boundaries = _boundaries(distance)
    on_grid = sum(bar % 4 == 0 for bar in boundaries)
    return Structure(
        bars=len(bars),
        repeated_share=round(float((earlier < _SAME_DB).mean()), 3),
        boundaries=boundaries,
        on_grid_share=round(on_grid / len(boundaries), 3) if boundaries else 1.0,
    )


def describe_bars(audio: Audio, sample_rate: int, bar_times_s: Sequence[float]) -> Floats:
    """Return the description of each bar, (bars, quarters × bands) in dB."""
    edges = np.geomspace(50.0, min(16000.0, sample_rate / 2.1), _BANDS + 1)
    bins = np.maximum(
        np.rint(edges * _SIZE / sample_rate).astype(np.int64), np.arange(_BANDS + 1) + 2
    )
    blocks = [
        np.add.reduceat(np.abs(block) ** 2, bins, axis=1)[:, :_BANDS]
        for block in frames(audio.mean(axis=0), _SIZE, _HOP)
    ]
    power = np.concatenate(blocks).astype(np.float64)
    times = np.asarray(bar_times_s)
    quarters = np.interp(
        np.arange((len(times) - 1) * _QUARTERS + 1) / _QUARTERS, np.arange(len(times)), times
    )
    lines = np.clip(np.rint(quarters * sample_rate / _HOP).astype(np.int64), 0, len(power) - 1)
    summed = np.add.reduceat(power, lines[:-1], axis=0)
    mean = summed / np.maximum(1, np.diff(lines))[:, None]
    level = 10.0 * np.log10(np.maximum(mean, 1e-12))
    floored: Floats = np.maximum(level, level.max() - 60.0)
    return floored.reshape(len(times) - 1, _QUARTERS * _BANDS)


def _boundaries(distance: Floats) -> tuple[int, ...]:
    """Return the bar lines where novelty has a peak of at least 2 dB."""
    bars, reach = len(distance), _KERNEL_BARS
    novelty = np.zeros(bars)
    for bar in range(reach, bars - reach + 1):
        before, after = slice(bar - reach, bar), slice(bar, bar + reach)
        within = (distance[before, before].mean() + distance[after, after].mean()) / 2
        novelty[bar] = distance[before, after].mean() - within
    return tuple(
        bar
        for bar in range(1, bars - 1)
        if novelty[bar] >= _BOUNDARY_DB and novelty[bar] == novelty[max(0, bar - 2) : bar + 3].max()
    )
