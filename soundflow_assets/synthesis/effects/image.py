"""Image of a bus: width, pan, autopan, and the gain that ducking and fades ask for."""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, dcos, dsin
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve

AUTOPAN_HZ = 4.5
AUTOPAN_DEPTH = 0.35  # of the amplitude, at full tremolo
RAMP = np.arange(CONTROL, dtype=np.float32)


@njit(cache=True, error_model="numpy")
def image(audio: Audio, start: int, stop: int, left: Curve, right: Curve, width: Curve) -> None:
    """Scale the side signal of `audio[:, start:stop]` by `width` and the channels by their gains.

    All three are curves over the whole track; `start` is a multiple of CONTROL.
    """
    row_l = audio[0]
    row_r = audio[1]
    for first in range(start, stop, CONTROL):
        p = first // CONTROL
        gain_l, gain_r, wide = left[p], right[p], width[p]
        step_l = (left[p + 1] - gain_l) * np.float32(1.0 / CONTROL)
        step_r = (right[p + 1] - gain_r) * np.float32(1.0 / CONTROL)
        half = np.float32(0.5)
        if first + CONTROL <= stop:
            for k in range(0, CONTROL, LANES):
                ramp = load(RAMP, k)
                x, y = load(row_l, first + k), load(row_r, first + k)
                middle = (x + y) * half
                aside = (x - y) * half * wide
                store(row_l, first + k, (middle + aside) * (gain_l + step_l * ramp))
                store(row_r, first + k, (middle - aside) * (gain_r + step_r * ramp))
            continue
        for n in range(first, min(stop, first + CONTROL)):
            at = np.float32(n - first)
            mid = (row_l[n] + row_r[n]) * half
            side = (row_l[n] - row_r[n]) * half * wide
            row_l[n] = (mid + side) * (gain_l + step_l * at)
            row_r[n] = (mid - side) * (gain_r + step_r * at)


@njit(cache=True, error_model="numpy")
def gain_curve(
    presence: Curve, duck: Curve, duck_db: float, tremolo: float, rate_hz: float, phase: float
) -> Curve:
    """Return one channel's gain: fades, ducking of `duck_db` at its deepest, and autopan."""
    out = np.empty(presence.shape[0], dtype=np.float32)
    depth = 1.0 - db_to_gain(-duck_db)
    swing = AUTOPAN_DEPTH * tremolo
    for p in range(out.shape[0]):
        gain = presence[p] * (1.0 - depth * duck[p])
        if swing > 0.0:
            gain *= 1.0 - swing * (0.5 + 0.5 * dsin(rate_hz * p * CONTROL / SAMPLE_RATE + phase))
        out[p] = gain
    return out


def pan_gains(pan: float) -> tuple[float, float]:
    """Return left and right gains of `pan` (-1 left … 1 right), equal power, 1 and 1 at the centre.

    >>> pan_gains(0.0)
    (1.0, 1.0)
    """
    if pan == 0.0:
        return 1.0, 1.0
    angle = 0.125 * (1.0 + pan)  # of a full turn
    return float(dcos(angle)) * ROOT_TWO, float(dsin(angle)) * ROOT_TWO


def autopan_hz(bpm: float) -> float:
    """Return the division of the beat nearest to 4.5 Hz: a tremolo that belongs to the tempo."""
    beat_hz = bpm / 60.0
    return min(
        (beat_hz * division for division in (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)),
        key=lambda hz: abs(hz - AUTOPAN_HZ),
    )
