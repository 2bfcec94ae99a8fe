"""Beds as recordings: each passes on three dates; filtered noise, a loop and mono do not."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening.beds import judge_bed, measure_bed
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.nature.beds import BEDS, render_bed

DATES = (dt.date(2025, 1, 15), dt.date(2025, 6, 1), dt.date(2026, 2, 28))
SECONDS = 20
EVENTFUL = ("rain", "ocean", "river", "fire", "crickets", "vinyl", "shimmer")


@functools.cache
def configs() -> Configs:
    return load_configs()


def bed(name: str, date: dt.date, seconds: int = SECONDS) -> Audio:
    seed = seed_of(date, name) & 0x7FFFFFFF
    return render_bed(name, configs().nature.beds[name], seconds * SAMPLE_RATE, seed)


def misses(name: str, audio: Audio) -> dict[str, float | str | None]:
    verdicts = judge_bed(audio, configs().nature.listening[name])
    return {one.name: one.value for one in verdicts if one.verdict == "miss"}


def plain_noise_like(audio: Audio) -> Audio:
    """The long-term spectrum of `audio` and nothing else of it: its phases are drawn anew."""
    rng = np.random.default_rng(3)
    spectrum = np.fft.rfft(audio)
    turned = np.abs(spectrum) * np.exp(2j * np.pi * rng.random(spectrum.shape))
    return np.fft.irfft(turned, audio.shape[1]).astype(np.float32)


@pytest.mark.parametrize("date", DATES, ids=str)
@pytest.mark.parametrize("name", BEDS)
def test_every_bed_could_be_a_recording_on_three_dates(name: str, date: dt.date) -> None:
    assert not misses(name, bed(name, date))


@pytest.mark.slow
@pytest.mark.parametrize("name", BEDS)
def test_every_bed_keeps_it_up_for_a_whole_track(name: str) -> None:
    assert not misses(name, bed(name, DATES[0], 180))


@pytest.mark.parametrize("name", EVENTFUL)
def test_filtered_noise_of_the_same_colour_is_found_out(name: str) -> None:
    found = misses(name, plain_noise_like(bed(name, DATES[0])))
    assert "peakedness" in found
    assert "slope" not in found, "the colour is right: it is not that"


@pytest.mark.parametrize("name", BEDS)
def test_a_loop_of_five_seconds_is_found_out(name: str) -> None:
    piece = bed(name, DATES[0], 5)
    assert "return" in misses(name, np.tile(piece, 4))


def test_mono_swelling_and_outstanding_beds_are_found_out() -> None:
    rain = bed("rain", DATES[0])
    assert "correlation" in misses("rain", np.stack([rain[0], rain[0]]))
    swell = np.linspace(0.2, 2.0, rain.shape[1], dtype=np.float32)
    assert "drift" in misses("rain", rain * swell)
    burst = rain.copy()
    burst[:, SAMPLE_RATE * 9 : SAMPLE_RATE * 10] *= 4.0
    assert "loudest event" in misses("rain", burst)
    hertz = np.arange(rain.shape[1], dtype=np.float32) * np.float32(2 * np.pi * 30 / SAMPLE_RATE)
    assert "rumble" in misses("rain", rain + np.float32(0.2) * np.sin(hertz))


def test_gaussian_noise_measures_as_theory_says() -> None:
    noise = np.random.default_rng(1).standard_normal((2, 30 * SAMPLE_RATE)).astype(np.float32)
    found = measure_bed(noise, (200.0, 8000.0))
    assert found.slope_db_per_octave == pytest.approx(0.0, abs=0.1)
    assert found.peakedness == pytest.approx(3.0, abs=0.05)
    assert found.correlation == pytest.approx(0.0, abs=0.01)
    assert found.slow_movement == pytest.approx(0.05, abs=0.04)
    assert found.events_per_s == 0.0
    assert found.returning < 0.12


def test_a_bed_too_short_to_move_is_refused() -> None:
    with pytest.raises(BadInput, match="must last 20 s, found 3"):
        measure_bed(np.zeros((2, 3 * SAMPLE_RATE), np.float32), (100.0, 1000.0))
