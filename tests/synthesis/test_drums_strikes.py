"""Tones and bursts made eight samples at a time are what they are sample by sample."""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.drums.strikes import CONTROL, FLAT, add_noise, add_tone
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import noise

SAMPLES = 5000
FIRST = 44  # 1 ms


def struck(attack_s: float, t60_s: float) -> np.ndarray:
    """An even rise, then a decay."""
    n = np.arange(SAMPLES - FIRST)
    attack = np.minimum(n / (attack_s * SAMPLE_RATE), 1.0)
    over = np.maximum(n - int(attack_s * SAMPLE_RATE), 0)
    level = decay_factor(t60_s) ** over
    return np.where(level >= 1e-5, attack * level, 0.0)


def test_a_tone_is_a_gliding_sine_that_dies_away() -> None:
    out = np.zeros((2, SAMPLES), np.float32)
    add_tone(out, 0.001, 400.0, 90.0, 0.01, 0.002, 0.05, 0.5, 0.25, 0.1)
    n = np.arange(SAMPLES - FIRST)
    hz = 90.0 + 310.0 * np.exp(-n / (0.01 * SAMPLE_RATE))
    cycles = 0.1 + np.concatenate([[0.0], np.cumsum(hz)[:-1]]) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * cycles) * struck(0.002, 0.05)
    expected = np.stack([0.5 * tone, 0.25 * tone])
    assert not out[:, :FIRST].any()
    np.testing.assert_allclose(out[:, FIRST:], expected, atol=1e-6)


def test_a_burst_is_noise_between_two_corners_of_which_the_upper_glides() -> None:
    out = np.zeros((2, SAMPLES), np.float32)
    add_noise(out, 6, 0.001, 0.002, 0.05, 300.0, 8000.0, 2000.0, 0.02, 0.5, 0.25, 0.6)
    rows = []
    for side_gain, gain in ((0.6, 0.5), (-0.6, 0.25)):
        a = b = c = d = 0.0
        row = []
        for n in range(SAMPLES - FIRST):
            if n % CONTROL == 0:
                high_hz = 2000.0 * 4.0 ** np.exp(-n / (0.02 * SAMPLE_RATE))
            x = (noise(n, 6) + side_gain * noise(n, 6 + 7919)) / np.sqrt(1.36)
            low, band, a, b = svf(x, a, b, svf_g(300.0), FLAT)
            low, band, c, d = svf(x - FLAT * band - low, c, d, svf_g(float(high_hz)), FLAT)
            row.append(gain * low)
        rows.append(row * struck(0.002, 0.05))
    np.testing.assert_allclose(out[:, FIRST:], rows, atol=2e-6)
