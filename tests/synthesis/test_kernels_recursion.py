"""Recursions made eight samples at a time are those made one by one."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.signal import lfilter

from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, store
from soundflow_assets.synthesis.kernels.recursion import (
    powers_of,
    recursed,
    resonance_of,
    resonated,
    silence,
)

SAMPLES = 512 * LANES


@njit
def _first_order(x: np.ndarray, powers: np.ndarray) -> None:
    past = silence()
    for n in range(0, SAMPLES, LANES):
        y, past = recursed(load(x, n), past, powers)
        store(x, n, y)


@njit
def _second_order(x: np.ndarray, reach: np.ndarray) -> None:
    nothing = splat(0.0)
    past = nothing, nothing, nothing, nothing, nothing
    for n in range(0, SAMPLES, LANES):
        y, past = resonated(load(x, n), past, reach)
        store(x, n, y)


@pytest.mark.parametrize("k", [0.2, 0.958, 0.9991])
def test_a_first_order_recursion_waits_for_nothing_but_eight_samples_ago(k: float) -> None:
    x = np.random.default_rng(1).standard_normal(SAMPLES).astype(np.float32)
    expected = lfilter([1], [1, -k], x)
    _first_order(x, powers_of(k))
    np.testing.assert_allclose(x, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("turn", [0.02, 0.125, 0.3])
@pytest.mark.parametrize("radius", [0.5, 0.999])
def test_a_resonance_looks_ahead_without_hearing_anything_else(turn: float, radius: float) -> None:
    x = np.random.default_rng(1).standard_normal(SAMPLES)
    a1, a2 = -2.0 * radius * np.cos(2 * np.pi * turn), radius**2
    expected = lfilter([1], [1, a1, a2], x)
    _second_order(x, resonance_of(a1, a2))
    np.testing.assert_allclose(x, expected, atol=1e-9 * np.abs(expected).max())
