"""A blown pipe: a few partials that bloom one after another, and air that is never steady."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import (
    ROUNDING,
    decay_factor,
    next_level,
)
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import dexp2, dsin, noise

BLOCK = 32


class Breath(NamedTuple):
    """One blown note; gains are amplitudes against the fundamental."""

    hold_s: float
    attack_s: float
    release_s: float
    second: float
    third: float
    fourth: float
    air: float  # steady band noise around the partials
    chiff: float  # the burst before the tone settles
    vibrato_cents: float
    vibrato_hz: float
    vibrato_delay_s: float
    scoop_cents: float  # how far below the note speaks at first


@njit(cache=True)
def blow(out: npt.NDArray[np.float32], freq_hz: float, tone: Breath, seed: int) -> None:
    """Write one note into `out` (2, samples): the tone in the centre, the air around it."""
    samples = out.shape[1]
    attack = max(int(tone.attack_s * SAMPLE_RATE), 88)
    hold = int(tone.hold_s * SAMPLE_RATE)
    release = decay_factor(tone.release_s)
    chiff_k = decay_factor(0.07)
    level = 0.0
    even = 0.0
    bloom = 0.0  # upper partials follow the fundamental late
    chiff = 0.0
    phase = 0.0
    seat = noise(3, seed)
    k = 0.28
    states = np.zeros((4, 2))
    for start in range(0, samples, BLOCK):
        time_s = start / SAMPLE_RATE
        onset = min(max((time_s - tone.vibrato_delay_s) * 2.5, 0.0), 1.0)
        wave = dsin(time_s * tone.vibrato_hz * (1.0 + 0.04 * dsin(0.23 * time_s + seat)) + seat)
        sway = 0.35 * dsin(time_s * 0.7 + 2.0 * seat) + 0.2 * dsin(time_s * 1.9 + seat)
        cents = onset * tone.vibrato_cents * wave + 2.0 * sway
        cents -= tone.scoop_cents * dexp2(-time_s / 0.018)
        step = freq_hz * dexp2(cents / 1200.0) / SAMPLE_RATE
        loud = 1.0 + onset * 0.10 * wave + 0.06 * sway
        edge = 1.0 + onset * 0.35 * wave + 0.15 * sway
        g1 = svf_g(freq_hz * (1.0 + 0.02 * sway))
        g2 = svf_g(min(freq_hz * 3.0, 7000.0))
        for i in range(start, min(start + BLOCK, samples)):
            level = next_level(level, i, attack, hold, 1.0, 0.0, release)
            bloom += (level - bloom) * 0.0012
            chiff = chiff + 0.004 if i < 250 else chiff * chiff_k
            phase += step
            phase -= np.float64(phase >= 1.0)
            body = dsin(phase)
            rich = tone.second * dsin(2.0 * phase + 0.1) + tone.third * dsin(3.0 * phase + 0.3)
            rich += tone.fourth * dsin(4.0 * phase + 0.2)
            even += (level - even) * ROUNDING
            tonal = loud * (even * body + bloom * edge * rich)
            air = tone.air * even * edge + tone.chiff * chiff
            for channel in range(2):
                x = noise(2 * i + channel, seed)
                row = 2 * channel
                _, near, states[row, 0], states[row, 1] = svf(
                    x, states[row, 0], states[row, 1], g1, k
                )
                _, high, states[row + 1, 0], states[row + 1, 1] = svf(
                    x, states[row + 1, 0], states[row + 1, 1], g2, 1.2
                )
                out[channel, i] = tonal + air * (k * near * 2.2 + 0.8 * high)
