"""Saws and triangles of a bank all at once: their sum is one broken line.

Between its jumps a saw is straight, and so is the sum of many. So each wave says only where a block
begins, how steep it is, and where it jumps or turns; the sum's line is drawn once for all of them.
Roundings of jumps and corners are added beside it, as `waves` does for one wave.

Waves are asked for `LANES` blocks of `BLOCK` samples at a time; a line begins anew with each. All
in float32: rounding stays 110 dB under the waves.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    WIDE_LANES,
    floored,
    load,
    load_wide,
    smaller,
    splat_wide,
    store,
)
from soundflow_assets.synthesis.kernels.math import single_sines
from soundflow_assets.synthesis.kernels.oscillators import step_rest
from soundflow_assets.synthesis.kernels.shuffles import last, shifted
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

RAMP_SINGLE = RAMP.astype(np.float32)

Row = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


class Lines(NamedTuple):
    """What a bank's waves write before their sum is drawn, and where the next of them runs."""

    paths: npt.NDArray[np.float32]  # (4, LANES * BLOCK) added to a line's height, left and right,
    # and to its slope, at a sample
    starts: Numbers  # (4, LANES) height and slope with which each block's line begins
    course: Numbers  # (4, LANES) the wave's phase (cycles) and step at each block, and its gains


@njit(cache=True)
def empty_lines() -> Lines:
    """Return lines without a wave."""
    return Lines(
        np.zeros((4, LANES * BLOCK), dtype=np.float32),
        np.zeros((4, LANES)),
        np.zeros((4, LANES)),
    )


@njit(cache=True, inline="always")
def _corner_rest(distance: float) -> float:
    """Return how far a unit change of slope is from its rounding; see `oscillators.step_rest`."""
    if distance >= 1.0:
        d = max(2.0 - distance, 0.0)
        return (d * d) * (d * d) * d * 0.008333333333333333
    square = distance * distance
    bend = square * (0.3333333333333333 - square * (0.08333333333333333 - 0.025 * distance))
    return 0.23333333333333334 - 0.5 * distance + bend


@njit(cache=True, inline="always")
def _begin(lines: Lines, height: Any, slope: Any) -> None:
    """Let a wave's line begin at `height` in each block, and rise by `slope` a sample."""
    for channel in range(2):
        gain = load(lines.course[2 + channel], 0)
        heights, slopes = lines.starts[channel], lines.starts[2 + channel]
        store(heights, 0, load(heights, 0) + gain * height)
        store(slopes, 0, load(slopes, 0) + gain * slope)


@njit(cache=True, error_model="numpy")
def path_saw(left: Row, right: Row, lines: Lines) -> None:
    """Add a saw on `lines.course`; see `oscillators.saw`."""
    phase, step = load(lines.course[0], 0), load(lines.course[1], 0)
    _begin(lines, 2.0 * (phase - floored(phase)) - 1.0, 2.0 * step)
    for block in range(LANES):
        _jumps(left, right, lines, block)


@njit(cache=True, inline="always")
def _course_of(lines: Lines, block: int) -> tuple[float, float, float, float]:
    """Return phase, step and both gains of the wave at a block."""
    course = lines.course
    return course[0, block], course[1, block], course[2, block], course[3, block]


@njit(cache=True, error_model="numpy", inline="always")
def _jumps(left: Row, right: Row, lines: Lines, block: int) -> None:
    """Let a saw jump wherever it does in or near a block, rounded."""
    paths, at = lines.paths, block * BLOCK
    phase, step, gain_l, gain_r = _course_of(lines, block)
    jump = np.floor(phase - 2.0 * step) + 1.0
    while jump < phase + step * (BLOCK + 1):
        place = (jump - phase) / step  # in samples
        landing = int(np.ceil(place))
        if 0 < landing < BLOCK:
            paths[0, at + landing] -= 2.0 * gain_l
            paths[1, at + landing] -= 2.0 * gain_r
        for i in range(max(0, landing - 2), min(BLOCK, landing + 2)):
            y = 2.0 * step_rest(i - place) if i >= landing else -2.0 * step_rest(place - i)
            left[at + i] += gain_l * y
            right[at + i] += gain_r * y
        jump += 1.0


@njit(cache=True, error_model="numpy")
def path_triangle(left: Row, right: Row, lines: Lines) -> None:
    """Add a triangle on `lines.course`; see `oscillators.triangle`."""
    phase, step = load(lines.course[0], 0), load(lines.course[1], 0)
    cycle = phase - floored(phase)
    rising = 1.0 - 2.0 * floored(2.0 * cycle)  # 1, or -1 in the second half
    _begin(lines, smaller(4.0 * cycle - 1.0, 3.0 - 4.0 * cycle), 4.0 * rising * step)
    for block in range(LANES):
        _corners(left, right, lines, block)


@njit(cache=True, error_model="numpy", inline="always")
def _corners(left: Row, right: Row, lines: Lines, block: int) -> None:
    """Let a triangle turn wherever it does in or near a block, rounded."""
    paths, at = lines.paths, block * BLOCK
    phase, step, gain_l, gain_r = _course_of(lines, block)
    corner = 0.5 * (np.floor(2.0 * (phase - 2.0 * step)) + 1.0)
    while corner < phase + step * (BLOCK + 1):
        turn = 8.0 * step if corner == np.floor(corner) else -8.0 * step
        place = (corner - phase) / step
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
def path_sine(left: Row, right: Row, lines: Lines) -> None:
    """Add a sine on `lines.course`; it has no line; see `math.single_sines`."""
    course = lines.course
    for block in range(LANES):
        start = np.float32(course[0, block] - np.floor(course[0, block]))
        step = np.float32(course[1, block])
        gain_l, gain_r = np.float32(course[2, block]), np.float32(course[3, block])
        for at in range(0, BLOCK, WIDE_LANES):
            y = single_sines(start + step * load_wide(RAMP_SINGLE, at))
            n = block * BLOCK + at
            store(left, n, load_wide(left, n) + gain_l * y)
            store(right, n, load_wide(right, n) + gain_r * y)


@njit(cache=True, error_model="numpy")
def draw(lines: Lines, left: Row, right: Row) -> None:
    """Add the lines to `left` and `right` (LANES * BLOCK,), and leave none."""
    for channel in range(2):
        row = left if channel == 0 else right
        heights, slopes = lines.paths[channel], lines.paths[2 + channel]
        _draw_one(lines.starts[channel], lines.starts[2 + channel], heights, slopes, row)


@njit(cache=True, error_model="numpy")
def _draw_one(tops: Numbers, rises: Numbers, heights: Row, slopes: Row, row: Row) -> None:
    nothing = splat_wide(np.float32(0.0))
    for block in range(LANES):
        slope = np.float32(rises[block])
        height = np.float32(tops[block] - rises[block])  # a sample before the block
        for n in range(block * BLOCK, (block + 1) * BLOCK, WIDE_LANES):
            steep = slope + _sums(load_wide(slopes, n))
            line = height + _sums(load_wide(heights, n) + steep)
            slope, height = last(steep), last(line)
            store(row, n, load_wide(row, n) + line)
            store(heights, n, nothing)
            store(slopes, n, nothing)
    tops[:] = 0.0
    rises[:] = 0.0


@njit(cache=True, inline="always")
def _sums(x: Any) -> Any:
    """Return the sums of all lanes up to each (Hillis & Steele, CACM 29, 1986)."""
    x = x + shifted(x, 1)
    x = x + shifted(x, 2)
    x = x + shifted(x, 4)
    return x + shifted(x, 8)
