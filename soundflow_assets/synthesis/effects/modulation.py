"""Amplitude modulation of the pads, where a plan asks for it: a fast, shallow, sine-shaped swell.

The room's answer is not modulated: pads are sent to it before. The gain's mean is 1, so that the
level of a stem stays what the mix asked for.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.model import Modulation
from soundflow_assets.synthesis.effects.automation import control_points
from soundflow_assets.synthesis.kernels.dynamics import Gains
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.kernels.mixing import CONTROL

CYCLES_PER_BEAT = 8.0  # thirty-second notes


def modulate(audio: Audio, modulation: Modulation, score: Score) -> None:
    """Swell the level of `audio` (2, samples) in place.

    Between its extremes the level falls by `depth_percent`. Locked to the tempo, every beat of the
    score falls on a crest, whatever the rubato; a rate of its own counts from the start.
    """
    depth = modulation.depth_percent / 100.0
    if depth == 0.0:
        return
    at_s = np.arange(control_points(audio.shape[1])) * (CONTROL / SAMPLE_RATE)
    if modulation.rate_hz is not None:
        cycles = at_s * modulation.rate_hz
    else:
        times = np.array(score.beat_times_s)
        beat_s = times[-1] - times[-2]
        beats = np.interp(at_s, times, np.arange(times.size))
        cycles = CYCLES_PER_BEAT * (beats + np.maximum(0.0, at_s - times[-1]) / beat_s)
    _swell(audio, np.asarray(cycles, dtype=np.float64), depth / (2.0 - depth))


@njit(cache=True, error_model="numpy")
def _swell(audio: Audio, cycles: Gains, swing: float) -> None:
    """Multiply `audio` by 1 + swing·cos(2π·cycles); `cycles` stands at every control point."""
    left = audio[0]
    right = audio[1]
    samples = audio.shape[1]
    for first in range(0, samples, CONTROL):
        p = first // CONTROL
        now = 1.0 + swing * dsin(cycles[p] + 0.25)
        step = (1.0 + swing * dsin(cycles[p + 1] + 0.25) - now) / CONTROL
        for n in range(first, min(samples, first + CONTROL)):
            gain = np.float32(now + step * (n - first))
            left[n] *= gain
            right[n] *= gain
