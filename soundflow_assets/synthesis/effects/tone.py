"""Tone of a bus: saturation, high-pass, and a low-pass that moves with the form.

Filters are two-pole state-variable filters in the trapezoidal form (Zavalishin, *The Art of VA
Filter Design*, ch. 4), which may be swept at any speed. Saturation stands first, so that the
low-pass also tames what it adds and the high-pass takes away the DC of its even harmonics.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp2, dtan_pi, soft_clip
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve

SAMPLE_RATE = 44100
DRIVE_DB = 20.0  # pre-gain at full drive
DRIVE_LEVEL = 0.126  # the level (rms) that counts as unity into the saturator
BIAS = 0.12  # asymmetry, for the even harmonics
HIGHEST_OCTAVES = 14.2877  # log2 of 20 kHz


@njit(cache=True)
def tone(
    audio: Audio,
    start: int,
    stop: int,
    drive_gain: float,
    highpass_hz: float,
    cutoff: Curve,
    damping: float,
    state: npt.NDArray[np.float64],
) -> None:
    """Shape `audio[:, start:stop]` in place; `start` is a multiple of CONTROL.

    Parameters
    ----------
    drive_gain : gain into the saturator; 0 leaves it out.
    highpass_hz : corner of the high-pass (Butterworth).
    cutoff : corner of the low-pass in octaves (log2 of Hz), a curve over the whole track.
    damping : 1/Q of the low-pass.
    state : (2, 4) filter memories of each channel.
    """
    g = dtan_pi(highpass_hz / SAMPLE_RATE)
    h1 = 1.0 / (1.0 + g * (g + 1.4142135623730951))
    h2 = g * h1
    h3 = g * h2
    offset = soft_clip(BIAS)
    back = 1.0 / drive_gain if drive_gain > 0.0 else 0.0
    for first in range(start, stop, CONTROL):
        last = min(stop, first + CONTROL)
        octaves = min(HIGHEST_OCTAVES, np.float64(cutoff[first // CONTROL]))
        g = dtan_pi(dexp2(octaves) / SAMPLE_RATE)
        p1 = 1.0 / (1.0 + g * (g + damping))
        p2 = g * p1
        p3 = g * p2
        for channel in range(2):
            row = audio[channel]
            a = float(state[channel, 0])
            b = float(state[channel, 1])
            c = float(state[channel, 2])
            d = float(state[channel, 3])
            for n in range(first, last):
                x = float(row[n])
                if drive_gain > 0.0:
                    x = (soft_clip(x * drive_gain + BIAS) - offset) * back
                v3 = x - b
                v1 = h1 * a + h2 * v3
                v2 = b + h2 * a + h3 * v3
                a = 2.0 * v1 - a
                b = 2.0 * v2 - b
                x = x - 1.4142135623730951 * v1 - v2
                v3 = x - d
                v1 = p1 * c + p2 * v3
                v2 = d + p2 * c + p3 * v3
                c = 2.0 * v1 - c
                d = 2.0 * v2 - d
                row[n] = v2
            # A memory that has died away would go on as denormal numbers, which are slow.
            state[channel, 0] = a if abs(a) > 1e-20 else 0.0
            state[channel, 1] = b if abs(b) > 1e-20 else 0.0
            state[channel, 2] = c if abs(c) > 1e-20 else 0.0
            state[channel, 3] = d if abs(d) > 1e-20 else 0.0


def drive_gain(amount: float, level: float) -> float:
    """Return the saturator's input gain for `amount` 0 to 1 of a bus whose rms is `level`."""
    if amount <= 0.0 or level <= 0.0:
        return 0.0
    return float(db_to_gain(DRIVE_DB * amount)) * DRIVE_LEVEL / level
