"""A bank of drifting oscillators: where each is at any moment of a note, and what they sound.

Pitch, level and pulse width are known every `GRID` samples and move by straight lines in between.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load, smaller, store
from soundflow_assets.synthesis.kernels.math import exp2s, sines
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, TRIANGLE
from soundflow_assets.synthesis.kernels.paths import Row, add_sine, draw, path_saw, path_triangle
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

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


@njit(cache=True, error_model="numpy", inline="always")
def _at(moments: Numbers, what: int, v: int, p: int, t: float) -> float:
    """Return a value of `moments` a share `t` of a `GRID` after its `p`th, on a straight line.

    `what` is the first index of `moments`, `v` the oscillator.
    """
    here = moments[what, v, p]
    value: float = here + t * (moments[what, v, p + 1] - here)
    return value


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
                for k in range(GRID // BLOCK):
                    phase += _at(moments, 0, v, p, k * BLOCK / GRID) * BLOCK
                p += 1
            phases[cut, v] = phase - np.floor(phase)


@njit(cache=True, error_model="numpy")
def oscillate(
    bank: Bank,
    phases: Numbers,
    moments: Numbers,
    start: int,
    paths: Row,
    left: Row,
    right: Row,
) -> None:
    """Add all oscillators from sample `start`, a multiple of `GRID`, on, moving `phases` on.

    `left` and `right` hold `GRID` samples, `paths` (4, GRID) is scratch, empty before and after.
    """
    p = start // GRID
    for v in range(bank.shape[0]):
        phase = phases[v]
        shape = bank[v].shape
        for at in range(0, GRID, BLOCK):
            t = at / GRID
            step = _at(moments, 0, v, p, t)
            gain_l = _at(moments, 1, v, p, t)
            gain_r = _at(moments, 2, v, p, t)
            if step >= 0.25:
                continue
            if shape == SAW:
                path_saw(left, right, paths, at, phase, step, gain_l, gain_r)
            elif shape == PULSE:
                late = phase + 1.0 - _at(moments, 3, v, p, t)
                path_saw(left, right, paths, at, late, step, gain_l, gain_r)
                path_saw(left, right, paths, at, phase, step, -gain_l, -gain_r)
            elif shape == TRIANGLE:
                path_triangle(left, right, paths, at, phase, step, gain_l, gain_r)
            else:
                add_sine(left, right, at, phase, step, gain_l, gain_r)
            phase += step * BLOCK
            phase -= np.floor(phase)
        phases[v] = phase
    draw(paths, left, right)
