"""Metal made in chunks is metal made sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.drums.cymbals import PARTIALS
from soundflow_assets.synthesis.drums.metal import FLAT_FIRST, FLAT_SECOND, add_metal
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import noise
from soundflow_assets.synthesis.kernels.oscillators import pulse


@pytest.mark.parametrize("spread", [0.0, 0.01])
def test_metal_is_squares_through_a_high_pass(spread: float) -> None:
    samples, base_hz, t60_s, gain, seed = 1500, 410.0, 0.2, 5.0, 3
    out = np.zeros((2, samples), np.float32)
    add_metal(out, PARTIALS, base_hz, spread, 0.001, t60_s, 6000.0, gain, seed)
    n = np.arange(1, samples + 1)
    squares = np.zeros((2, samples))
    for k, ratio in enumerate(PARTIALS):
        for channel in range(2):
            step = base_hz * ratio * (1.0 + spread * noise(k + 31, seed) * channel) / SAMPLE_RATE
            apart = noise(k + 61, seed) * channel * min(100.0 * spread, 1.0)
            phases = (0.5 + 0.5 * noise(k + 97, seed) + apart + step * n) % 1.0
            squares[channel] += [pulse(float(phase), step, 0.5) for phase in phases]
    if spread:
        squares[1] = np.sqrt(1.0 - 0.16) * squares[1] + 0.4 * squares[0]
    rises = np.minimum((n - 1) / (0.001 * SAMPLE_RATE), 1.0)
    full = int(0.001 * SAMPLE_RATE) + 1  # where the attack is over
    level = gain / 6 * rises * decay_factor(t60_s) ** np.maximum(n - 1 - full, 0)
    g = svf_g(6000.0)
    for channel in range(2):
        s = [0.0] * 4
        for i, x in enumerate(squares[channel]):
            low, band, s[0], s[1] = svf(float(x), s[0], s[1], g, FLAT_FIRST)
            x -= FLAT_FIRST * band + low
            low, band, s[2], s[3] = svf(float(x), s[2], s[3], g, FLAT_SECOND)
            expected = (x - FLAT_SECOND * band - low) * level[i]
            assert out[channel, i] == pytest.approx(expected, abs=0.01 * level[i] + 1e-6)


def test_metal_that_nobody_hears_is_not_made() -> None:
    out = np.zeros((2, SAMPLE_RATE), np.float32)
    add_metal(out, PARTIALS, 400.0, 0.01, 0.001, 0.2, 6000.0, 5.0, 3)
    assert not out[:, int(0.3 * SAMPLE_RATE) :].any()
    assert np.abs(out[:, int(0.2 * SAMPLE_RATE) : int(0.24 * SAMPLE_RATE)]).max() > 1e-5
