"""Amplitude modulation of the pads, where a plan asks for it: a fast, shallow, sine-shaped swell.

The room's answer is not modulated: pads are sent to it before. The gain's mean is 1, so that the
level of a stem stays what the mix asked for.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.model import Modulation
from soundflow_assets.synthesis.effects.automation import control_points
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Swell

CYCLES_PER_BEAT = 8.0  # thirty-second notes


def swell_of(modulation: Modulation | None, score: Score, samples: int) -> Swell:
    """Return the level of the pads, float64 at every control point; empty where it stays 1.

    Between its extremes the level falls by `depth_percent`. Locked to the tempo, every beat of the
    score falls on a crest, whatever the rubato; a rate of its own counts from the start.
    """
    if modulation is None or modulation.depth_percent == 0.0:
        return np.empty(0)
    depth = modulation.depth_percent / 100.0
    at_s = np.arange(control_points(samples)) * (CONTROL / SAMPLE_RATE)
    if modulation.rate_hz is not None:
        cycles = at_s * modulation.rate_hz
    else:
        times = np.array(score.beat_times_s)
        beat_s = times[-1] - times[-2]
        beats = np.interp(at_s, times, np.arange(times.size))
        cycles = CYCLES_PER_BEAT * (beats + np.maximum(0.0, at_s - times[-1]) / beat_s)
    return _swell(np.asarray(cycles, dtype=np.float64), depth / (2.0 - depth))


@njit(cache=True, error_model="numpy")
def _swell(cycles: Swell, swing: float) -> Swell:
    """Return 1 + swing·cos(2π·cycles)."""
    out = np.empty_like(cycles)
    for p in range(cycles.shape[0]):
        out[p] = 1.0 + swing * dsin(cycles[p] + 0.25)
    return out
