"""Tone of a bus: saturation, high-pass, and a low-pass that moves with the form.

Filters are two-pole state-variable filters in the trapezoidal form (Zavalishin, *The Art of VA
Filter Design*, ch. 4), which may be swept at any speed. Saturation stands first, so that the
low-pass also tames what it adds and the high-pass takes away the DC of its even harmonics.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST, one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, dexp2, soft_clip
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve, Mono

DRIVE_DB = 26.0  # pre-gain at full drive
DRIVE_LEVEL = 0.2  # the level (rms) that counts as unity into the saturator
LIFT_HZ = 1200.0
BIAS = 0.12  # asymmetry, for the even harmonics


@njit(cache=True, error_model="numpy")
def tone(
    audio: Audio,
    start: int,
    stop: int,
    drive_gain: float,
    highpass_hz: float,
    cutoff: Curve,
    damping: float,
    lift: float,
    state: npt.NDArray[np.float64],
) -> None:
    """Shape `audio[:, start:stop]` in place; `start` is a multiple of CONTROL.

    Parameters
    ----------
    drive_gain : gain into the saturator; 0 leaves it out.
    highpass_hz : corner of the high-pass (Butterworth).
    cutoff : corner of the low-pass in octaves (log2 of Hz), a curve over the whole track.
    damping : 1/Q of the low-pass.
    lift : what a first-order shelf at 1.2 kHz adds to the treble, as amplitude; 0 leaves it out.
    state : (10,) filter memories: four of each channel, then the shelf's two.
    """
    high_g = svf_g(highpass_hz)
    lift_g = svf_g(LIFT_HZ)
    left = audio[0]
    right = audio[1]
    la, lb, lc, ld = state[0], state[1], state[2], state[3]
    ra, rb, rc, rd = state[4], state[5], state[6], state[7]
    le, re = state[8], state[9]
    for first in range(start, stop, CONTROL):
        last = min(stop, first + CONTROL)
        if drive_gain > 0.0:
            _saturate(left[first:last], drive_gain)
            _saturate(right[first:last], drive_gain)
        g = svf_g(dexp2(float(cutoff[first // CONTROL])))
        for n in range(first, last):
            x = float(left[n])
            y = float(right[n])
            if lift != 0.0:
                low, le = one_pole(x, le, lift_g)
                x += lift * (x - low)
                low, re = one_pole(y, re, lift_g)
                y += lift * (y - low)
            low, band, la, lb = svf(x, la, lb, high_g, ROOT_TWO)
            left[n], band, lc, ld = svf(x - ROOT_TWO * band - low + QUIETEST, lc, ld, g, damping)
            low, band, ra, rb = svf(y, ra, rb, high_g, ROOT_TWO)
            right[n], band, rc, rd = svf(y - ROOT_TWO * band - low + QUIETEST, rc, rd, g, damping)
    state[0], state[1], state[2], state[3] = la, lb, lc, ld
    state[4], state[5], state[6], state[7] = ra, rb, rc, rd
    state[8], state[9] = le, re


@njit(cache=True, error_model="numpy")
def _saturate(row: Mono, gain: float) -> None:
    """Round off `row` in place, a little more on one side; unity for small signals."""
    offset = soft_clip(BIAS)
    back = 1.0 / gain
    for n in range(row.shape[0]):
        row[n] = (soft_clip(row[n] * gain + BIAS) - offset) * back


def drive_gain(amount: float, level: float) -> float:
    """Return the saturator's input gain for `amount` 0 to 1 of a bus whose rms is `level`."""
    if amount <= 0.0 or level <= 0.0:
        return 0.0
    return float(db_to_gain(DRIVE_DB * amount)) * DRIVE_LEVEL / level
