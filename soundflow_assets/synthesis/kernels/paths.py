"""Saws and triangles of a bank all at once: their sum is one broken line.

Between its jumps a saw is straight, and so is the sum of many. So each wave says only where a block
begins, how steep it is, and where it jumps or turns; the sum's line is drawn once for all of them.
Roundings of jumps and corners are added beside it, as `waves` does for one wave.

`paths` (4, n) holds, left and right, what is added to the line's height at a sample and what to its
slope; a line begins anew with every block of `BLOCK` samples. All in float32: rounding stays 110 dB
under the waves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import WIDE_LANES, load_wide, splat_wide, store
from soundflow_assets.synthesis.kernels.math import single_sines
from soundflow_assets.synthesis.kernels.shuffles import last, shifted
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

RAMP_SINGLE = RAMP.astype(np.float32)

Row = npt.NDArray[np.float32]
Paths = npt.NDArray[np.float32]


@njit(cache=True, inline="always")
def _step_rest(distance: float) -> float:
    """Return how far a unit step is from its rounding, `distance` samples away, below 2."""
    if distance < 1.0:
        square = distance * distance
        return 0.5 + distance * (
            -0.6666666666666666 + square * (0.3333333333333333 - 0.125 * distance)
        )
    d = max(2.0 - distance, 0.0)
    return (d * d) * (d * d) * 0.041666666666666664


@njit(cache=True, inline="always")
def _corner_rest(distance: float) -> float:
    """Return the same of a unit change of slope."""
    if distance >= 1.0:
        d = max(2.0 - distance, 0.0)
        return (d * d) * (d * d) * d * 0.008333333333333333
    square = distance * distance
    bend = square * (0.3333333333333333 - square * (0.08333333333333333 - 0.025 * distance))
    return 0.23333333333333334 - 0.5 * distance + bend


@njit(cache=True, inline="always")
def _begin(
    paths: Paths, at: int, height: float, slope: float, gain_l: float, gain_r: float
) -> None:
    """Let a wave's line begin at `height` with the block at element `at`."""
    paths[0, at] += gain_l * height
    paths[1, at] += gain_r * height
    paths[2, at + 1] += gain_l * slope
    paths[3, at + 1] += gain_r * slope


@njit(cache=True, error_model="numpy", inline="always")
def path_saw(
    left: Row,
    right: Row,
    paths: Paths,
    at: int,
    phase: float,
    step: float,
    gain_l: float,
    gain_r: float,
) -> None:
    """Add a block of a saw from element `at` on; see `oscillators.saw`."""
    height = 2.0 * (phase - np.floor(phase)) - 1.0
    _begin(paths, at, height, 2.0 * step, gain_l, gain_r)
    inverse = 1.0 / step
    jump = np.floor(phase - 2.0 * step) + 1.0
    while jump < phase + step * (BLOCK + 1):
        place = (jump - phase) * inverse  # in samples
        landing = int(np.ceil(place))
        if 0 < landing < BLOCK:
            paths[0, at + landing] -= 2.0 * gain_l
            paths[1, at + landing] -= 2.0 * gain_r
        for i in range(max(0, landing - 2), min(BLOCK, landing + 2)):
            y = 2.0 * _step_rest(i - place) if i >= landing else -2.0 * _step_rest(place - i)
            left[at + i] += gain_l * y
            right[at + i] += gain_r * y
        jump += 1.0


@njit(cache=True, error_model="numpy")
def path_triangle(
    left: Row,
    right: Row,
    paths: Paths,
    at: int,
    phase: float,
    step: float,
    gain_l: float,
    gain_r: float,
) -> None:
    """Add a block of a triangle from element `at` on; see `oscillators.triangle`."""
    cycle = phase - np.floor(phase)
    height = 4.0 * cycle - 1.0 if cycle < 0.5 else 3.0 - 4.0 * cycle
    slope = 4.0 * step if cycle < 0.5 else -4.0 * step
    _begin(paths, at, height, slope, gain_l, gain_r)
    inverse = 1.0 / step
    corner = 0.5 * (np.floor(2.0 * (phase - 2.0 * step)) + 1.0)
    while corner < phase + step * (BLOCK + 1):
        turn = 8.0 * step if corner == np.floor(corner) else -8.0 * step
        place = (corner - phase) * inverse
        landing = int(np.ceil(place))
        if 0 < landing < BLOCK:
            paths[0, at + landing] += gain_l * turn * (landing - place)
            paths[1, at + landing] += gain_r * turn * (landing - place)
            if landing + 1 < BLOCK:
                paths[2, at + landing + 1] += gain_l * turn
                paths[3, at + landing + 1] += gain_r * turn
        for i in range(max(0, landing - 2), min(BLOCK, landing + 2)):
            y = turn * _corner_rest(abs(i - place))
            left[at + i] += gain_l * y
            right[at + i] += gain_r * y
        corner += 0.5


@njit(cache=True, error_model="numpy")
def add_sine(
    left: Row, right: Row, at: int, phase: float, step: float, gain_l: float, gain_r: float
) -> None:
    """Add a block of a sine from element `at` on, which has no line; see `math.single_sines`."""
    start = np.float32(phase - np.floor(phase))
    for k in range(0, BLOCK, WIDE_LANES):
        y = single_sines(start + np.float32(step) * load_wide(RAMP_SINGLE, k))
        store(left, at + k, load_wide(left, at + k) + np.float32(gain_l) * y)
        store(right, at + k, load_wide(right, at + k) + np.float32(gain_r) * y)


@njit(cache=True, error_model="numpy")
def draw(paths: Paths, left: Row, right: Row) -> None:
    """Add the lines of `paths` to `left` and `right` (n,), and empty `paths`."""
    _draw_one(paths[0], paths[2], left)
    _draw_one(paths[1], paths[3], right)


@njit(cache=True, error_model="numpy")
def _draw_one(heights: Row, slopes: Row, row: Row) -> None:
    nothing = splat_wide(np.float32(0.0))
    for at in range(0, row.shape[0], BLOCK):
        slope = height = np.float32(0.0)
        for n in range(at, at + BLOCK, WIDE_LANES):
            steep = slope + _sums(load_wide(slopes, n))
            line = height + _sums(load_wide(heights, n) + steep)
            slope, height = last(steep), last(line)
            store(row, n, load_wide(row, n) + line)
            store(heights, n, nothing)
            store(slopes, n, nothing)


@njit(cache=True, inline="always")
def _sums(x: Any) -> Any:
    """Return the sums of all lanes up to each (Hillis & Steele, CACM 29, 1986)."""
    x = x + shifted(x, 1)
    x = x + shifted(x, 2)
    x = x + shifted(x, 4)
    return x + shifted(x, 8)
