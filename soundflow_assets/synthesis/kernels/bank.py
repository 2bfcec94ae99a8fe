"""A bank of drifting oscillators: where each is at any moment of a note, and what they sound.

Pitch, level and pulse width are known every `GRID` samples and move by straight lines in between.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load, smaller, store
from soundflow_assets.synthesis.kernels.math import exp2s, sines
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, TRIANGLE
from soundflow_assets.synthesis.kernels.paths import (
    Lines,
    Row,
    draw,
    path_saw,
    path_sine,
    path_triangle,
)
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

GRID = LANES * BLOCK
GROWN = 0.5 * RAMP * (RAMP - 1.0)
HIGHEST_STEP = 0.25  # cycles a sample: 11 kHz; what lies above is left out

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

    `n` is a multiple of 8.
    """
    for v in range(bank.shape[0]):
        osc = bank[v]
        seat = osc.phase
        steps, lefts, rights, widths = moments[0, v], moments[1, v], moments[2, v], moments[3, v]
        for p in range(0, moments.shape[2], LANES):
            time_s = (load(RAMP, 0) + float(p)) * (GRID / SAMPLE_RATE)
            vibrato = smaller(larger((time_s - vibrato_delay_s) * 2.0, 0.0), 1.0)
            wander = 0.6 * sines(time_s * osc.drift_hz + seat)
            wander = wander + 0.4 * sines(time_s * (osc.drift_hz * 2.618) + (3.0 * seat + 0.3))
            cents = osc.drift_cents * wander
            shake = sines(time_s * osc.vibrato_hz + 0.13 * seat)
            cents = cents + osc.vibrato_cents * (vibrato * shake)
            store(steps, p, (freq_hz * osc.ratio / SAMPLE_RATE) * exp2s(cents * (1.0 / 1200.0)))
            level = 1.0 - osc.swell * (0.5 + 0.5 * sines(time_s * osc.swell_hz + 7.0 * seat))
            store(lefts, p, osc.left * level)
            store(rights, p, osc.right * level)
            store(widths, p, osc.width + osc.pwm * sines(time_s * osc.pwm_hz + seat))


@njit(cache=True, error_model="numpy")
def phases_at(bank: Bank, moments: Numbers, places: npt.NDArray[np.int64], phases: Numbers) -> None:
    """Fill `phases` (cuts, oscillators) with where each oscillator is at each of `places`.

    Places are multiples of `GRID`, in order.
    """
    for v in range(bank.shape[0]):
        phase = bank[v].phase
        p = 0
        for cut in range(places.shape[0]):
            while p * GRID < places[cut]:
                phase += _turned(moments[0, v, p], moments[0, v, p + 1])
                p += 1
            phases[cut, v] = phase - np.floor(phase)


@njit(cache=True, error_model="numpy", inline="always")
def _turned(step: float, later: float) -> float:
    """Return the cycles of a `GRID` at whose ends an oscillator moves by `step` and `later`."""
    turned: float = BLOCK * (LANES * step + 0.5 * (LANES - 1) * (later - step))
    return turned


@njit(cache=True, error_model="numpy", inline="always")
def _along(moments: Numbers, what: int, v: int, p: int) -> Any:
    """Return a value of `moments` at each block of the `GRID` at `p`, on a straight line.

    `what` is the first index of `moments`, `v` the oscillator.
    """
    here, rise = moments[what, v, p], moments[what, v, p + 1] - moments[what, v, p]
    return here + (rise / LANES) * load(RAMP, 0)


@njit(cache=True, error_model="numpy")
def oscillate(
    bank: Bank,
    phases: Numbers,
    moments: Numbers,
    start: int,
    lines: Lines,
    left: Row,
    right: Row,
) -> None:
    """Add all oscillators from sample `start`, a multiple of `GRID`, on, moving `phases` on.

    `left` and `right` hold `GRID` samples; `lines` are empty before and after.
    """
    p = start // GRID
    course = lines.course
    for v in range(bank.shape[0]):
        step, later = moments[0, v, p], moments[0, v, p + 1]
        if max(step, later) >= HIGHEST_STEP:
            continue
        gain_l, gain_r = _along(moments, 1, v, p), _along(moments, 2, v, p)
        # By block k the oscillator has moved by k steps, and by k(k - 1)/2 times what a step grows.
        turns = load(RAMP, 0) * step + load(GROWN, 0) * ((later - step) / LANES)
        phase = phases[v] + BLOCK * turns
        store(course[0], 0, phase)
        store(course[1], 0, _along(moments, 0, v, p))
        store(course[2], 0, gain_l)
        store(course[3], 0, gain_r)
        shape = bank[v].shape
        if shape == SAW:
            path_saw(left, right, lines)
        elif shape == PULSE:
            store(course[0], 0, phase + (1.0 - _along(moments, 3, v, p)))
            path_saw(left, right, lines)
            store(course[0], 0, phase)
            store(course[2], 0, 0.0 - gain_l)
            store(course[3], 0, 0.0 - gain_r)
            path_saw(left, right, lines)
        elif shape == TRIANGLE:
            path_triangle(left, right, lines)
        else:
            path_sine(left, right, lines)
        moved = phases[v] + _turned(step, later)
        phases[v] = moved - np.floor(moved)
    draw(lines, left, right)
