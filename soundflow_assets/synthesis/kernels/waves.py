"""A block of a waveform at a time: what `oscillators` says of one sample, for `BLOCK` of them.

The naive wave of a whole block is reckoned eight samples at a time; then each jump or corner that
lies in or near the block is rounded off on the two samples either side of it. That gives the same
wave as asking for every sample whether it lies near a jump, which hardly any of them do.

All functions add to `left` and `right`, from element `at` on. `phase` is that of the first sample,
in cycles, any number; `step` is cycles a sample, below 0.25.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, floored, load, store
from soundflow_assets.synthesis.kernels.math import sines
from soundflow_assets.synthesis.kernels.oscillators import step_residual

BLOCK = 32
RAMP = np.arange(BLOCK, dtype=np.float64)

Row = npt.NDArray[np.float64]


@njit(cache=True, inline="always")
def _add(left: Row, right: Row, k: int, y: Any, gain_l: float, gain_r: float) -> None:
    store(left, k, load(left, k) + gain_l * y)
    store(right, k, load(right, k) + gain_r * y)


@njit(cache=True, error_model="numpy")
def add_saw(
    left: Row, right: Row, at: int, phase: float, step: float, gain_l: float, gain_r: float
) -> None:
    """Add a saw; see `oscillators.saw`."""
    for k in range(0, BLOCK, LANES):
        cycles = phase + step * load(RAMP, k)
        _add(left, right, at + k, 2.0 * (cycles - floored(cycles)) - 1.0, gain_l, gain_r)
    inverse = 1.0 / step
    jump = np.floor(phase - 2.0 * step) + 1.0
    while jump < phase + step * (BLOCK + 1):
        place = (jump - phase) * inverse  # in samples
        first = max(0, int(np.ceil(place - 2.0)))
        for i in range(first, min(BLOCK, int(np.floor(place + 2.0)) + 1)):
            after = phase + step * i - jump
            y = -2.0 * step_residual(after if after >= 0.0 else 1.0 + after, step)
            left[at + i] += gain_l * y
            right[at + i] += gain_r * y
        jump += 1.0


@njit(cache=True, error_model="numpy")
def add_sine(
    left: Row, right: Row, at: int, phase: float, step: float, gain_l: float, gain_r: float
) -> None:
    """Add a sine; see `math.dsin`."""
    for k in range(0, BLOCK, LANES):
        _add(left, right, at + k, sines(phase + step * load(RAMP, k)), gain_l, gain_r)
