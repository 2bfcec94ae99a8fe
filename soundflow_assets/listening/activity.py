"""How busy the music is: onsets, their density by section, and builds that are nothing but volume.

An onset is a moment at which the mel bands rise by half a decibel or more in mean, the highest such
rise within 46 ms either way. Bands are floored at 25 dB under the programme's loudest: what is
quieter, such as drops of rain or crackle in a break, does not make music busy. A section's activity
is how much the bands, floored at 20 dB, rise a second: onsets weighted by their strength, for
in a full mix strokes of several parts fall on one moment, and a dense bed leaves no moment free.
Sections are compared by rank (Spearman's correlation), for energy is an order, not a quantity.

A build is a rise of the level by 3 dB or more from one four-bar block to a later one at most four
blocks on. It is only louder, a gain ramp, when meanwhile neither the spectrum's shape (mel levels
without their mean) moves by 1.5 dB RMS nor the density of onsets by 15 %.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.bands import MEL_HOP, MEL_SIZE
from soundflow_assets.listening.structure import means_between

Floats = npt.NDArray[np.float64]
Series = npt.NDArray[np.float32]

BLOCK_BARS = 4
_APART = 2
_AUDIBLE_DB, _LEAST_RISE_DB = 25.0, 0.5
_PROMINENT_DB = 20.0
_RISE_DB, _SHAPE_DB, _DENSITY = 3.0, 1.5, 0.15
_REACH = 4
_SILENT_DB = -70.0


def onset_times(mel: Series) -> Floats:
    """Return the onsets of mel power (frames, bands) in seconds, rising."""
    if len(mel) <= 2 * _APART:
        return np.zeros(0)
    rise = _rises(mel, _AUDIBLE_DB)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(rise, _APART), 2 * _APART + 1)
    places = np.flatnonzero((rise >= _LEAST_RISE_DB) & (rise == around.max(axis=1)))
    times: Floats = (places * MEL_HOP + 0.5 * MEL_SIZE) / SAMPLE_RATE
    return times


def activities(mel: Series, spans_s: Sequence[tuple[float, float]]) -> list[float]:
    """Return how far the mel bands rise in each span, dB a second in the mean of the bands."""
    rise = _rises(mel, _PROMINENT_DB)
    centres = (np.arange(len(rise)) * MEL_HOP + 0.5 * MEL_SIZE) / SAMPLE_RATE
    edges = np.searchsorted(centres, np.asarray(spans_s, dtype=np.float64))
    return [
        float(rise[first:last].sum()) / (end - start)
        for (first, last), (start, end) in zip(edges, spans_s, strict=True)
    ]


def _rises(mel: Series, under_db: float) -> Floats:
    """Return the rise of every frame over the one before, mean of the bands, dB."""
    level = 10.0 * np.log10(np.maximum(mel, 1e-12))
    floored = np.maximum(level, np.percentile(level, 99.9) - under_db)
    rise: Floats = np.maximum(np.diff(floored, axis=0, prepend=floored[:1]), 0.0).mean(axis=1)
    return rise


def densities(onsets_s: Floats, edges_s: Sequence[float] | Floats) -> Floats:
    """Return the onsets per second between consecutive edges."""
    edges = np.asarray(edges_s, dtype=np.float64)
    counts = np.diff(np.searchsorted(onsets_s, edges))
    per_second: Floats = counts / np.maximum(1e-9, np.diff(edges))
    return per_second


def gain_ramps(mel: Series, onsets_s: Floats, bar_times_s: Floats) -> tuple[tuple[int, int], ...]:
    """Return the builds that are only louder, as (bar it starts from, bar it arrives at)."""
    edges = bar_times_s[::BLOCK_BARS]
    if len(edges) < 3:
        return ()
    power = np.maximum(means_between(mel, edges), 1e-12)
    level = 10.0 * np.log10(power.sum(axis=1))
    bands = 10.0 * np.log10(power)
    shape = np.maximum(bands, bands.max() - 60.0)
    shape = shape - shape.mean(axis=1, keepdims=True)
    busy = densities(onsets_s, edges)
    found: list[tuple[int, int]] = []
    for end in range(1, len(level)):
        start = max(0, end - _REACH) + int(np.argmin(level[max(0, end - _REACH) : end]))
        if level[end] - level[start] < _RISE_DB or level[start] < level.max() + _SILENT_DB:
            continue
        moved = float(np.sqrt(np.mean((shape[end] - shape[start]) ** 2)))
        busier = abs(busy[end] - busy[start]) / max(busy[start], busy[end], 0.1)
        if moved < _SHAPE_DB and busier < _DENSITY:
            if found and found[-1][1] >= start * BLOCK_BARS:  # the same climb goes on
                start = found.pop()[0] // BLOCK_BARS
            found.append((start * BLOCK_BARS, end * BLOCK_BARS))
    return tuple(found)
