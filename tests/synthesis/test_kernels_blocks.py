"""Kernels that make many samples at once sound as if they had made one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.instruments.unison import bank, oscillator
from soundflow_assets.synthesis.kernels.analogue import analogue
from soundflow_assets.synthesis.kernels.bank import GRID
from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import ROUNDING, decay_factor, next_level
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.finish import BLOCKER_HZ, EAR_HZ, WINDOW, unbiased
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, dsin, noise, soft_clip
from soundflow_assets.synthesis.kernels.oscillators import (
    PULSE,
    SAW,
    SINE,
    TRIANGLE,
    saw,
    triangle,
    wave,
)
from soundflow_assets.synthesis.kernels.paths import (
    draw,
    empty_lines,
    path_saw,
    path_sine,
    path_triangle,
)
from soundflow_assets.synthesis.kernels.tone import Tone
from soundflow_assets.synthesis.kernels.waves import BLOCK, add_saw, add_sine

WAVES = {
    "saw": (add_saw, saw),
    "sine": (add_sine, lambda phase, step: dsin(phase)),
}


@pytest.mark.parametrize("name", WAVES)
@settings(deadline=None, max_examples=60)
@given(phase=st.floats(0.0, 1.5), step=st.floats(0.0005, 0.249))
def test_a_block_of_a_wave_is_its_samples_one_by_one(name: str, phase: float, step: float) -> None:
    block, one = WAVES[name]
    left, right = np.full(BLOCK + 8, 1.0), np.zeros(BLOCK + 8)
    block(left, right, 8, phase, step, 0.5, -2.0)
    at = phase + step * np.arange(BLOCK)
    expected = np.array([one(float(p - np.floor(p)), step) for p in at])
    np.testing.assert_allclose(left[8:], 1.0 + 0.5 * expected, atol=1e-9)
    np.testing.assert_allclose(right[8:], -2.0 * expected, atol=1e-9)


LINES = {
    "saw": (path_saw, saw),
    "triangle": (path_triangle, triangle),
    "sine": (path_sine, lambda phase, step: dsin(phase)),
}


@pytest.mark.parametrize("name", LINES)
@settings(deadline=None, max_examples=60)
@given(phase=st.floats(0.0, 1.5), step=st.floats(0.0005, 0.249))
def test_a_sum_of_waves_is_one_broken_line(name: str, phase: float, step: float) -> None:
    add, one = LINES[name]
    left, right = np.full(GRID, 1.0, np.float32), np.zeros(GRID, np.float32)
    lines = empty_lines()
    for function, begin, by, gains in (
        (add, phase, step, (0.5, -2.0)),
        (path_saw, 0.3, 0.01, (0.25, 0.0)),
    ):
        lines.course[0] = begin + by * BLOCK * np.arange(LANES)
        lines.course[1:] = np.array([[by], gains[:1], gains[1:]])
        function(left, right, lines)
    draw(lines, left, right)
    at, other = (p + s * np.arange(GRID) for p, s in ((phase, step), (0.3, 0.01)))
    expected = np.array([one(float(p - np.floor(p)), step) for p in at])
    beside = np.array([saw(float(p - np.floor(p)), 0.01) for p in other])
    np.testing.assert_allclose(left, 1.0 + 0.5 * expected + 0.25 * beside, atol=1e-5)
    np.testing.assert_allclose(right, -2.0 * expected, atol=1e-5)
    assert not lines.paths.any()
    assert not lines.starts.any()


def slow_note(
    freq_hz: float, rows: list[dict[str, float]], tone: Tone, seed: int, samples: int
) -> np.ndarray:
    """A note whose oscillators stand still, a sample at a time."""
    mixed = np.zeros((2, samples))
    for row in rows:
        step = freq_hz * row["ratio"] / SAMPLE_RATE
        for n in range(samples):
            phase = (row["phase"] + step * n) % 1.0
            y = wave(row["shape"], phase, step, row["width"])
            mixed[:, n] += np.array([row["left"], row["right"]]) * y
    attack, hold = max(int(tone.attack_s * SAMPLE_RATE), 88), int(tone.hold_s * SAMPLE_RATE)
    rise = max(int(tone.sweep_attack_s * SAMPLE_RATE), 1)
    decay, release, fall = map(
        decay_factor, (tone.decay_s, tone.release_s, tone.sweep_decay_s)
    )  # fmt: skip
    out, state = np.zeros((2, samples)), np.zeros((2, 6))
    level = smooth = sweep = 0.0
    g_high = svf_g(tone.highpass_hz)
    for n in range(samples):
        if n % BLOCK == 0:
            g = svf_g(tone.cutoff_hz * 2.0 ** (tone.sweep_octaves * sweep))
        level = next_level(level, n, attack, hold, tone.sustain, decay, release)
        sweep = next_level(sweep, n, rise, samples, tone.sweep_sustain, fall, 1.0)
        smooth += (level - smooth) * ROUNDING
        for c in range(2):
            x, s = mixed[c, n] + tone.noise * noise(2 * n + c, seed), state[c]
            low, band, s[0], s[1] = svf(x, s[0], s[1], g_high, ROOT_TWO)
            x -= ROOT_TWO * band + low
            x, _, s[2], s[3] = svf(x, s[2], s[3], g, 1.8477590650225735)
            x, _, s[4], s[5] = svf(x, s[4], s[5], g, 1.0 / tone.resonance)
            out[c, n] = smooth * x
    return out


@pytest.mark.parametrize("samples", [700, 7003])
def test_a_subtractive_note_is_what_its_parts_make_of_it(samples: int) -> None:
    rows = [
        oscillator(SAW, -7.0, 0.5, -0.6, 0.2),
        oscillator(PULSE, 5.0, 0.4, 0.6, 0.7),
        oscillator(TRIANGLE, -1200.0, 0.3, 0.0, 0.4),
        oscillator(SINE, 1902.0, 0.2, 0.3, 0.9),
    ]
    tone = Tone(
        hold_s=0.09, attack_s=0.02, decay_s=0.4, sustain=0.6, release_s=0.15, cutoff_hz=1500.0,
        resonance=1.2, poles=4.0, sweep_octaves=1.0, sweep_decay_s=0.2, highpass_hz=400.0,
        noise=0.1,
    )  # fmt: skip
    out = np.zeros((2, samples), np.float32)
    analogue(out, 220.0, bank(rows), tone, 5)
    expected = slow_note(220.0, rows, tone, 5, samples)
    assert np.abs(out - expected).max() < 2e-6 * np.abs(expected).max() + 1e-7
    mono = np.zeros((1, samples), np.float32)
    analogue(mono, 220.0, bank(rows), tone, 5)
    np.testing.assert_array_equal(mono[0], out[0])


@pytest.mark.parametrize("samples", [1, 8, 1003, 3 * WINDOW + 5])
@pytest.mark.parametrize("into", [0.0, 3.0])
def test_notes_lose_their_dc_and_are_weighed(samples: int, into: float) -> None:
    x = np.random.default_rng(1).standard_normal(samples).astype(np.float32)
    row, power = x.copy(), np.zeros(samples // WINDOW + 1)
    crest = unbiased(row, into, power)
    k, ear = (1.0 - 2 * np.pi * hz / SAMPLE_RATE for hz in (BLOCKER_HZ, EAR_HZ))
    if into:
        x = np.array([0.5 * soft_clip(into * float(one)) for one in x])
    expected = lfilter([1, -1], [1, -k], x)
    np.testing.assert_allclose(row, expected, atol=1e-5)
    assert crest == pytest.approx(np.abs(row).max())
    heard = lfilter([1, -1], [1, -ear], expected) ** 2
    windows = np.add.reduceat(heard, np.arange(0, samples, WINDOW))
    np.testing.assert_allclose(power[: len(windows)], windows, rtol=1e-4, atol=0.02)


def test_a_swinging_delay_is_read_between_its_samples() -> None:
    motion = Motion(0.0145, 0.0018, 0.27, 0.41, 0.25, 0.6, 0.9, 0.3, 0.2)
    x = lfilter([0.2], [1, -0.8], np.random.default_rng(2).standard_normal((2, 20_003)))
    out = x.astype(np.float32)
    swing(out, motion)
    n = np.arange(20_003)
    for channel in range(2):
        seat = motion.phase + channel * motion.turn
        turns = n / SAMPLE_RATE * np.array([[motion.rate_hz], [motion.second_hz]])
        lean = np.array([0.8, 0.2]) @ np.sin(2 * np.pi * (turns + np.array([[seat], [1.7 * seat]])))
        at = n - (motion.delay_s + motion.depth_s * lean) * SAMPLE_RATE
        late = np.interp(at, n, x[channel], left=0.0)
        level = 1.0 - motion.level_depth * (0.5 - 0.5 * lean)
        expected = level * (motion.dry * x[channel] + motion.wet * late)
        # The line between silence and the first sample begins one sample earlier in the kernel.
        np.testing.assert_allclose(out[channel, 900:], expected[900:], atol=0.01)
        assert np.sqrt(np.mean((out[channel, 900:] - expected[900:]) ** 2)) < 5e-4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("start", "stop"), [(0, 0), (3, 4), (0, 8), (5, 100), (1, 96)])
def test_the_highest_sample_is_found_wherever_it_lies(dtype: type, start: int, stop: int) -> None:
    row = np.random.default_rng(2).standard_normal(100).astype(dtype)
    assert highest(row, start, stop) == np.abs(row[start:stop]).max(initial=0.0)
