"""A bank of drifting oscillators: where each is at any moment of a note, and what they sound.

Pitch, level and pulse width are known every `GRID` samples and move smoothly in between.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dexp2, dsin
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, TRIANGLE
from soundflow_assets.synthesis.kernels.waves import BLOCK, add_saw, add_sine, add_triangle

GRID = 8 * BLOCK

OSCILLATOR = np.dtype(
    [
        ("shape", "f8"),  # SAW, PULSE, TRIANGLE, SINE
        ("ratio", "f8"),  # of the note's frequency
        ("left", "f8"),  # gains
        ("right", "f8"),
        ("phase", "f8"),  # cycles, where it starts
        ("width", "f8"),  # of a pulse, 0 to 1
        ("pwm", "f8"),  # how far the width swings
        ("pwm_hz", "f8"),
        ("drift_cents", "f8"),  # wander of pitch: two sines of unrelated rates
        ("drift_hz", "f8"),
        ("vibrato_cents", "f8"),
        ("vibrato_hz", "f8"),
        ("swell", "f8"),  # depth of a slow change of level, 0 to 1
        ("swell_hz", "f8"),
    ]
)


Bank = npt.NDArray[np.void]  # of OSCILLATOR
Numbers = npt.NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def motion(bank: Bank, freq_hz: float, vibrato_delay_s: float, moments: Numbers) -> None:
    """Fill `moments` (4, oscillators, n): step, left and right gain, and pulse width, `GRID` apart.

    The first stands one `GRID` before the note: what lies between two moments takes four.
    """
    for v in range(bank.shape[0]):
        osc = bank[v]
        seat = osc.phase
        for p in range(moments.shape[2]):
            time_s = (p - 1) * GRID / SAMPLE_RATE
            vibrato = min(max((time_s - vibrato_delay_s) * 2.0, 0.0), 1.0)
            wander = 0.6 * dsin(time_s * osc.drift_hz + seat)
            wander += 0.4 * dsin(time_s * osc.drift_hz * 2.618 + 3.0 * seat + 0.3)
            cents = osc.drift_cents * wander
            cents += vibrato * osc.vibrato_cents * dsin(time_s * osc.vibrato_hz + 0.13 * seat)
            moments[0, v, p] = freq_hz * osc.ratio * dexp2(cents / 1200.0) / SAMPLE_RATE
            level = 1.0 - osc.swell * (0.5 + 0.5 * dsin(time_s * osc.swell_hz + 7.0 * seat))
            moments[1, v, p] = osc.left * level
            moments[2, v, p] = osc.right * level
            moments[3, v, p] = osc.width + osc.pwm * dsin(time_s * osc.pwm_hz + seat)


@njit(cache=True, error_model="numpy", inline="always")
def _at(moments: Numbers, start: int) -> float:
    """Return a value of `moments` (n,) at sample `start`: on the cubic of Catmull and Rom."""
    p = start // GRID
    t = start / GRID - p
    a, b, c, d = moments[p], moments[p + 1], moments[p + 2], moments[p + 3]
    value: float = b + 0.5 * t * (
        c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a))
    )
    return value


@njit(cache=True, error_model="numpy")
def phases_at(bank: Bank, steps: Numbers, places: npt.NDArray[np.int64], phases: Numbers) -> None:
    """Fill `phases` (cuts, oscillators) with where each oscillator is at each of `places`."""
    for v in range(bank.shape[0]):
        phase = bank[v].phase
        start = 0
        for cut in range(places.shape[0]):
            while start < places[cut]:
                phase += _at(steps[v], start) * BLOCK
                start += BLOCK
            phases[cut, v] = phase - np.floor(phase)


@njit(cache=True, error_model="numpy")
def oscillate(
    bank: Bank,
    phases: Numbers,
    moments: Numbers,
    start: int,
    left: Numbers,
    right: Numbers,
) -> None:
    """Add the block at `start` of all oscillators to `left` and `right`, moving `phases` on."""
    for v in range(bank.shape[0]):
        step = _at(moments[0, v], start)
        gain_l = _at(moments[1, v], start)
        gain_r = _at(moments[2, v], start)
        phase = phases[v]
        shape = bank[v].shape
        if step >= 0.25:
            continue
        if shape == SAW:
            add_saw(left, right, phase, step, gain_l, gain_r)
        elif shape == PULSE:
            late = phase + 1.0 - _at(moments[3, v], start)
            add_saw(left, right, late, step, gain_l, gain_r)
            add_saw(left, right, phase, step, -gain_l, -gain_r)
        elif shape == TRIANGLE:
            add_triangle(left, right, phase, step, gain_l, gain_r)
        else:
            add_sine(left, right, phase, step, gain_l, gain_r)
        phase += step * BLOCK
        phases[v] = phase - np.floor(phase)
