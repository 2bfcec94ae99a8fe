"""Envelopes of single notes.

An envelope is recursive: a straight attack, an exponential decay to the sustain level, an
exponential release. T60 is the time of a 60 dB fall, as for rooms and strings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dexp2

ROUNDING = 0.03  # of the way a sample: 0.75 ms, so that no envelope has a corner
CLEAN_S = 0.012  # straight fade at the very end, so that the last sample is silence


@njit(cache=True, inline="always")
def decay_factor(t60_s: float) -> float:
    """Return the gain per sample of a decay by 60 dB in `t60_s`: 2^(-log2(1000) / samples)."""
    return dexp2(-9.965784284662087 / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def fallen(samples: float, t60_s: float) -> float:
    """Return what a decay by 60 dB in `t60_s` leaves after so many samples."""
    return dexp2(-9.965784284662087 * samples / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def next_level(
    level: float, i: int, attack: int, hold: int, sustain: float, decay: float, release: float
) -> float:
    """Return the envelope after sample `i`: attack and hold in samples, the rest as factors.

    The attack rises by equal steps; a note let go inside its attack falls from where it was.
    """
    if i >= hold:
        return level * release
    if i < attack:
        return level + 1.0 / attack
    return sustain + (level - sustain) * decay


@njit(cache=True)
def shape(
    audio: npt.NDArray[np.float32],
    attack_s: float,
    hold_s: float,
    release_t60_s: float,
    tremolo_depth: float,
    tremolo_hz: float,
    tremolo_phase: float,
) -> None:
    """Lay attack, release and tremolo over sound that decays by itself, (channels, n) in place.

    The tremolo is a smooth swell between 1 - depth and 1, opposite in the two channels by a
    quarter of its cycle, as the rotors of a vibraphone spread it.
    """
    attack = max(int(attack_s * SAMPLE_RATE), 88)
    hold = int(hold_s * SAMPLE_RATE)
    release = decay_factor(release_t60_s)
    step = tremolo_hz / SAMPLE_RATE
    left, right = audio[0], audio[audio.shape[0] - 1]
    level = 0.0
    smooth = 0.0
    for i in range(left.shape[0]):
        level = next_level(level, i, attack, hold, 1.0, 0.0, release)
        smooth += (level - smooth) * ROUNDING
        gain_l = gain_r = smooth
        if tremolo_depth > 0.0:
            phase = tremolo_phase + step * (i + 1)
            gain_l *= 1.0 - tremolo_depth * _swell(phase)
            gain_r *= 1.0 - tremolo_depth * _swell(phase + 0.25)
        left[i] *= gain_l
        if audio.shape[0] == 2:
            right[i] *= gain_r


@njit(cache=True, inline="always")
def _swell(phase: float) -> float:
    """Return a parabola, close to a raised sine: 0 at whole cycles, 1 between."""
    part: float = phase - np.floor(phase)
    return 4.0 * part * (1.0 - part)


@njit(cache=True, inline="always")
def samples_of(duration_s: float, release_t60_s: float) -> int:
    """Return the length of a note whose release runs 70 dB down before the closing fade."""
    return int((duration_s + 1.17 * release_t60_s + CLEAN_S) * SAMPLE_RATE)
