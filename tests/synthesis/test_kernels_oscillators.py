"""Band-limited waves are what a B-spline would make of the naive ones, and do not alias."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.synthesis.kernels.oscillators import (
    corner_residual,
    draws,
    pulse,
    saw,
    step_residual,
    triangle,
)

RATE = 44100


def spline(u: np.ndarray) -> np.ndarray:
    """Cubic B-spline over four samples, by its definition as a convolution of boxes."""
    a = np.abs(u)
    inner = 2 / 3 - a**2 + a**3 / 2
    return np.where(a < 1, inner, np.where(a < 2, (2 - a) ** 3 / 6, 0.0))


def smoothed(naive, phase: float, step: float, points: int = 4000) -> float:
    """The naive wave around `phase`, weighted by the spline: what band-limiting means here."""
    u = (np.arange(points) + 0.5) / points * 4.0 - 2.0
    return float((naive((phase - u * step) % 1.0) * spline(u)).sum() * 4.0 / points)


@pytest.mark.parametrize("step", [0.003, 0.017, 0.09])
def test_waves_equal_the_naive_ones_smoothed_by_the_spline(step: float) -> None:
    for phase in np.linspace(0.0, 0.999, 41):
        assert saw(phase, step) == pytest.approx(
            smoothed(lambda p: 2 * p - 1, phase, step), abs=1e-3
        )
        assert triangle(phase, step) == pytest.approx(
            smoothed(lambda p: 1 - 4 * np.abs(p - 0.5), phase, step), abs=1e-3
        )
        # A pulse of width 0.3 without DC: its levels are in the ratio 0.7 to 0.3.
        assert pulse(phase, step, 0.3) == pytest.approx(
            smoothed(lambda p: np.where(p < 0.3, 1.4, -0.6), phase, step), abs=1e-3
        )


def test_residuals_end_where_the_spline_ends() -> None:
    for residual in (step_residual, corner_residual):
        assert residual(2.0 * 0.01, 0.01) == 0.0
        assert residual(1.0 - 2.0 * 0.01, 0.01) == 0.0
    assert step_residual(1e-12, 0.01) == pytest.approx(-0.5)
    assert step_residual(1.0 - 1e-12, 0.01) == pytest.approx(0.5)


@pytest.mark.parametrize("cycles", [743, 1511, 2999])
def test_a_high_saw_keeps_to_its_harmonics(cycles: int) -> None:
    """Between the harmonics there is nothing above -70 dB below 10 kHz; a naive saw has -40 dB."""
    n = 1 << 15
    step = cycles / n  # 1, 2 and 4 kHz, whole cycles: every harmonic is one bin
    phases = (np.arange(n) * step) % 1.0
    spectrum = np.abs(np.fft.rfft([saw(p, step) for p in phases])) / n
    naive = np.abs(np.fft.rfft(2 * phases - 1)) / n
    between = np.ones(n // 2 + 1, bool)
    between[::cycles] = False
    low = np.arange(n // 2 + 1) < 10_000 / RATE * n
    assert 20 * np.log10(spectrum[between & low].max() / spectrum[cycles]) < -70
    assert 20 * np.log10(naive[between & low].max() / naive[cycles]) > -45
    assert spectrum[0] < 1e-6


def test_draws_depend_on_the_seed_alone() -> None:
    assert draws(5, 64).tobytes() == draws(5, 64).tobytes()
    assert draws(5, 8).tolist() == draws(5, 64)[:8].tolist()
    assert not np.array_equal(draws(5, 64), draws(6, 64))
    many = draws(11, 20_000)
    assert abs(many.mean()) < 0.02
    assert many.std() == pytest.approx(1 / np.sqrt(3), rel=0.02)
