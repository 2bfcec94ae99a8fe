"""Sounds whose measures are known beforehand, and a plan and score that fit them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Chord, Hit, Note, PartScore, Score, Section
from soundflow_assets.plans.model import Choices, Layers, TrackPlan
from tests.short_track import spec

RATE = 44100
LENGTH_S = 6.0


@pytest.fixture(scope="session")
def music() -> Audio:
    """Return 6 s of stereo noise and tones at -14 LUFS or so, float32 (2, samples)."""
    rng = np.random.default_rng(8)
    time_s = np.arange(int(LENGTH_S * RATE)) / RATE
    shared = np.sin(2 * np.pi * 220 * time_s) + 0.5 * np.sin(2 * np.pi * 1375 * time_s)
    sides = 0.25 * rng.standard_normal((2, len(time_s)))
    return (0.13 * (shared + sides)).astype(np.float32)


@pytest.fixture(scope="session")
def plan() -> TrackPlan:
    choices = Choices(
        progression="p0", instrument_set="i", form="f", kit="deep", lanes={}, parts={}, motif=1,
        swing=54.0,
    )  # fmt: skip
    return TrackPlan.model_construct(
        engine_version="1",
        seed=42,
        tier="free",
        date=dt.date(2025, 1, 15),
        track_id="deep_work_daily",
        category="Deep Work",
        title="Quiet Arithmetic",
        plain_title="Deep Work Daily - 2025-01-15",
        genre="deep",
        bpm=120.0,
        key="Am",
        duration_s=LENGTH_S,
        layers=Layers(drums=70, bass=80, music=60, pad=50),
        target_lufs=-14.0,
        bitrate_kbps=192,
        choices=choices,
        spec=spec(),
    )


@pytest.fixture(scope="session")
def score() -> Score:
    notes = tuple(Note(beat, beat / 2, 0.5, 57 + 12 * (beat % 2), 90) for beat in range(12))
    chord = Chord(0, 12, 0.0, 6.0, "i", "Am", 9, 9, (9, 0, 4), (9, 11, 0, 2, 4, 5, 7), (57, 60, 64))
    hits = tuple(Hit(beat, beat / 2, "hat_closed", 70 + 20 * (beat % 2)) for beat in range(12))
    sections = (Section("groove", 0, 3, 0.0, 6.0, 0.6, ("lead", "drums"), "none"),)
    return Score(
        title="Quiet Arithmetic",
        genre="deep",
        key="Am",
        bpm=120.0,
        swing=54.0,
        steps_per_bar=16,
        duration_s=LENGTH_S,
        body_s=5.5,
        bars=3,
        beat_times_s=tuple(beat / 2 for beat in range(13)),
        sections=sections,
        chords=(chord,),
        parts=(PartScore("lead", "bell/glass", notes),),
        hits=hits,
    )
