"""Loudness against the standards' own test signals and an independent meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening import loudness
from soundflow_assets.listening.meter import listen
from soundflow_assets.reel import in_blocks

RATE = 44100


def tone(level_dbfs: float, seconds: float, hertz: float = 1000.0) -> Audio:
    time_s = np.arange(int(seconds * RATE)) / RATE
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hertz * time_s)
    return np.stack((wave, wave)).astype(np.float32)


def measured(audio: Audio) -> loudness.Loudness:
    levels = listen(in_blocks(audio), RATE)
    return loudness.loudness_of(levels.energies, levels.true_peak)


def joined(*parts: Audio) -> Audio:
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_the_reference_tone_reads_its_own_level(level: float) -> None:
    """EBU Tech 3341, cases 1 and 2."""
    assert loudness.integrated(tone(level, 10)) == pytest.approx(level, abs=0.1)


def test_quiet_stretches_are_gated_out() -> None:
    """EBU Tech 3341, case 3, shortened."""
    programme = joined(tone(-36, 4), tone(-23, 24), tone(-36, 4))
    assert loudness.integrated(programme) == pytest.approx(-23, abs=0.1)


def test_an_independent_meter_agrees(music: Audio) -> None:
    rng = np.random.default_rng(2)
    for audio in (music, (0.1 * rng.standard_normal((2, 8 * RATE))).astype(np.float32)):
        judge = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio.T)
        assert loudness.integrated(audio) == pytest.approx(judge, abs=0.05)


@pytest.mark.parametrize(
    ("levels", "expected"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)]
)
def test_loudness_range_is_that_of_the_test_signals(
    levels: tuple[float, float], expected: float
) -> None:
    """EBU Tech 3342, cases 1 to 3."""
    figures = measured(joined(*(tone(level, 20) for level in levels)))
    assert figures.range_lu == pytest.approx(expected, abs=1)


def test_true_peak_finds_what_lies_between_the_samples() -> None:
    """A tone at a quarter of the rate, 45° off: its samples lie 3 dB under its peak."""
    n = np.arange(RATE)
    wave = 0.5 * np.sin(2 * np.pi * n / 4 + np.pi / 4)
    audio = np.stack((wave, wave)).astype(np.float32)
    # EBU Tech 3341, case 15: +0.2/-0.4 dB. The onset and end are abrupt, so fade them.
    audio *= np.minimum(1, np.minimum(n, n[::-1]) / 2000).astype(np.float32)
    assert np.abs(audio).max() < 0.36
    assert loudness.true_peak(audio) == pytest.approx(-6.02, abs=0.2)


def test_momentary_exceeds_short_term_exceeds_integrated() -> None:
    figures = measured(joined(tone(-30, 8), tone(-12, 0.6), tone(-30, 8)))
    assert figures.momentary_max_lufs == pytest.approx(-12, abs=0.2)
    assert figures.momentary_max_lufs > figures.short_term_max_lufs > figures.integrated_lufs


def test_a_jump_of_level_is_a_large_step() -> None:
    steady = measured(tone(-20, 20))
    jumping = measured(joined(tone(-20, 10), tone(-32, 10)))
    assert steady.short_term_step_lu < 0.1
    assert jumping.short_term_step_lu > 3


def test_other_rates_measure_alike() -> None:
    time_s = np.arange(48000 * 8) / 48000
    wave = (0.1 * np.sin(2 * np.pi * 997 * time_s)).astype(np.float32)
    audio = loudness.at_44100(np.stack((wave, wave)), 48000)
    assert audio.shape == (2, 44100 * 8)
    assert loudness.integrated(audio) == pytest.approx(-20, abs=0.1)


def test_a_lone_channel_is_three_decibels_quieter_than_two() -> None:
    pair = tone(-23, 5)
    lone = loudness.stereo(pair[:1])
    assert loudness.integrated(pair) - loudness.integrated(lone) == pytest.approx(3.01, abs=0.05)


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (np.zeros((2, 0), np.float32), "no samples"),
        (np.zeros((3, 10), np.float32), r"\(3, 10\)"),
        (np.zeros((2, 10), np.float64), "float64"),
        (np.full((2, 10), np.nan, np.float32), "not numbers"),
    ],
)
def test_what_is_not_audio_is_named(audio: Audio, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        loudness.validate(audio)
