"""Filters do to a spectrum what their formulas say, and stay calm while they move."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from soundflow_assets.synthesis.kernels.filters import one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.whole import (
    BANDPASS,
    HIGHPASS,
    LOWPASS,
    filter_stereo,
    peaks,
)

RATE = 44100


def response(process, samples: int = 1 << 14) -> np.ndarray:
    impulse = np.zeros((2, samples), np.float32)
    impulse[:, 0] = 1.0
    process(impulse)
    assert np.array_equal(impulse[0], impulse[1])
    return np.fft.rfft(impulse[0].astype(float))


@pytest.mark.parametrize("kind", [LOWPASS, HIGHPASS, BANDPASS])
@pytest.mark.parametrize(("cutoff_hz", "q"), [(200.0, 0.7), (1500.0, 4.0), (9000.0, 1.0)])
def test_the_state_variable_filter_is_the_bilinear_one(kind: int, cutoff_hz: float, q: float):
    got = response(lambda audio: filter_stereo(audio, kind, cutoff_hz, q, 1))
    w = np.pi * np.arange(got.size) / (got.size - 1)
    s = 1j * np.tan(w / 2 * (1 - 1e-9)) / np.tan(np.pi * cutoff_hz / RATE)
    top = {LOWPASS: 1.0, HIGHPASS: s * s, BANDPASS: s / q}[kind]
    want = top / (s * s + s / q + 1)
    assert np.abs(got - want).max() < 2e-3


def test_two_stages_are_one_stage_twice() -> None:
    once = response(lambda audio: filter_stereo(audio, LOWPASS, 800.0, 0.7, 1))
    twice = response(lambda audio: filter_stereo(audio, LOWPASS, 800.0, 0.7, 2))
    assert np.abs(twice - once**2).max() < 1e-4


def test_a_one_pole_halves_power_at_its_cutoff() -> None:
    samples, state, g = 4096, 0.0, svf_g(1000.0)
    out = np.zeros(samples)
    for i in range(samples):
        out[i], state = one_pole(1.0 if i == 0 else 0.0, state, g)
    gain = np.abs(np.fft.rfft(out, 44100))[1000]
    assert gain == pytest.approx(np.sqrt(0.5), rel=1e-3)


def test_peaks_lift_their_frequencies_and_leave_the_rest() -> None:
    freqs, gains = np.array([300.0, 3000.0]), np.array([6.0, 3.0])
    got = 20 * np.log10(np.abs(response(lambda audio: peaks(audio, freqs, gains, 4.0))))
    at = lambda hz: got[round(hz * (1 << 14) / RATE)]  # noqa: E731
    assert at(300) == pytest.approx(6.0, abs=0.3)
    assert at(3000) == pytest.approx(3.0, abs=0.3)
    assert abs(at(40)) < 0.4
    assert abs(at(15000)) < 0.4


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [3_000, 70_001])
def test_filters_of_a_long_sound_cut_in_pieces_are_those_of_the_whole(channels: int, samples: int):
    rng = np.random.default_rng(2)
    audio = rng.standard_normal((channels, samples)).astype(np.float32)
    expected = audio.astype(np.float64)
    for hz, gain_db in ((150.0, 6.0), (900.0, -4.0)):
        g, k, lift = svf_g(hz), 1.0 / 3.0, (10.0 ** (gain_db / 20.0) - 1.0) / 3.0
        norm = 1.0 + k * g + g * g
        a = np.array([1.0, (2.0 * g * g - 2.0) / norm, (1.0 - k * g + g * g) / norm])
        expected = lfilter(a + lift * g / norm * np.array([1.0, 0.0, -1.0]), a, expected)
    peaks(audio, np.array([150.0, 900.0]), np.array([6.0, -4.0]), 3.0)
    assert np.abs(audio - expected).max() < 1e-5 * np.abs(expected).max()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(1.0, 40000.0), min_size=4, max_size=40),
    st.floats(0.5, 20.0),
)
def test_a_jumping_cutoff_never_blows_the_filter_up(cutoffs: list[float], q: float) -> None:
    rng = np.random.default_rng(1)
    ic1 = ic2 = highest = 0.0
    for cutoff in cutoffs:
        g = svf_g(cutoff)
        for x in rng.uniform(-1, 1, 64):
            low, _, ic1, ic2 = svf(x, ic1, ic2, g, 1.0 / q)
            highest = max(highest, abs(low))
    assert highest < 8.0 * q
