"""A meter that hears a programme in blocks says what the whole-array functions say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signals import silences, waveform_of

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening import loudness
from soundflow_assets.listening.meter import listen

RATE = 44100
STEP = 70_560  # of what every measuring step divides


def blocks(audio: Audio, size: int = STEP) -> list[Audio]:
    return [audio[:, start : start + size] for start in range(0, audio.shape[1], size)]


@pytest.fixture(scope="module")
def eventful(music: Audio) -> Audio:
    """Return music with a hole, and a peak between the samples where two blocks meet."""
    audio = music.copy()
    audio[:, 100_000:140_000] = 0.0
    wave = np.sin(2 * np.pi * (np.arange(400) / 4 + 0.125))
    audio[:, 2 * STEP - 200 : 2 * STEP + 200] = (0.9 * wave * np.hanning(400)).astype(np.float32)
    return audio


def test_blocks_measure_as_the_whole(eventful: Audio) -> None:
    heard = listen(blocks(eventful), RATE)
    assert (heard.samples, heard.channels) == (eventful.shape[1], 2)
    assert heard.integrated_lufs == loudness.integrated(eventful)
    assert heard.true_peak_dbtp == loudness.true_peak(eventful)
    assert heard.waveform == waveform_of(eventful)
    assert heard.silences(0.3) == silences(eventful, RATE, 0.3) != ()


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(1, 400), at=st.integers(0, 399), size=st.sampled_from([64, 128, 192]))
def test_no_peak_hides_at_a_cut_or_an_end(samples: int, at: int, size: int) -> None:
    audio = np.zeros((2, samples), dtype=np.float32)
    audio[1, min(at, samples - 1)] = 0.5
    audio[0, min(at + 1, samples - 1)] = -0.5
    assert listen(blocks(audio, size), RATE).true_peak_dbtp == loudness.true_peak(audio)


def test_another_rate_is_measured_as_players_play_it(music: Audio) -> None:
    heard = listen(blocks(music), 48000)
    assert heard.duration_s == pytest.approx(music.shape[1] / 48000)
    assert heard.integrated_lufs == loudness.integrated(loudness.at_44100(music, 48000))


def test_one_channel_is_one_channel(music: Audio) -> None:
    heard = listen(blocks(music[:1]), RATE)
    assert heard.channels == 1
    assert heard.integrated_lufs == loudness.integrated(loudness.stereo(music[:1]))


@pytest.mark.parametrize("bad", [[], [np.zeros((2, 0), np.float32)]])
def test_nothing_is_refused(bad: list[Audio]) -> None:
    with pytest.raises(BadInput, match="no samples"):
        listen(bad, RATE)


def test_a_sample_that_is_no_number_is_refused(music: Audio) -> None:
    wrong = music.copy()
    wrong[1, 200_000] = np.nan
    with pytest.raises(BadInput, match="not numbers"):
        listen(blocks(wrong), RATE)
