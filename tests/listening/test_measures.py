"""The score's measures, and the report as a whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signals import MAJOR, RATE, noise

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Chord, Note, Score
from soundflow_assets.listening.measure import measure
from soundflow_assets.listening.notes import (
    clash_share,
    measure_notes,
    outside_share,
    pitch_class_entropy,
    voice_motion,
)
from soundflow_assets.plans.model import TrackPlan


def note(onset_s: float, duration_s: float, pitch: int) -> Note:
    return Note(onset_s, onset_s, duration_s, pitch, 90)


def test_notes_outside_chord_and_scale_are_counted() -> None:
    chord = Chord(0, 4, 0, 4, "I", "C", 0, 0, (0, 4, 7), MAJOR, (60, 64, 67))
    notes = [note(0, 1, 60), note(1, 1, 61), note(2, 1, 65), note(3, 1, 70)]
    assert outside_share(notes, [chord]) == 0.5
    assert outside_share([], [chord]) is None


def test_clashes_are_the_time_minor_seconds_and_ninths_sound() -> None:
    assert clash_share([note(0, 2, 60), note(1, 1, 61)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 73)]) == 0.5
    assert clash_share([note(0, 2, 60), note(1, 1, 71)]) == 0.0
    assert clash_share([note(0, 1, 60), note(1, 1, 61)]) == 0.0


@given(st.lists(st.integers(36, 84), min_size=1, max_size=40))
def test_entropy_lies_between_none_and_twelve_equal_classes(pitches: list[int]) -> None:
    entropy = pitch_class_entropy([note(i, 1, pitch) for i, pitch in enumerate(pitches)])
    assert entropy is not None
    assert 0 <= entropy <= 3.585


def test_voice_motion_is_small_where_tones_are_held() -> None:
    def voiced(*voicing: int) -> Chord:
        return Chord(0, 4, 0, 4, "", "", 0, 0, (), (), voicing)

    assert voice_motion([voiced(60, 64, 67), voiced(60, 65, 69)]) == 1.0
    assert voice_motion([voiced(60, 64, 67)]) is None


def test_the_report_judges_against_plan_and_score(
    music: Audio, plan: TrackPlan, score: Score
) -> None:
    report = measure(music, RATE, score, plan)
    assert report.value("duration") == 6.0
    assert report.value("outside_share") == 0.0
    assert report.value("hat_velocity_sd") == 10.0
    assert measure_notes(score).low_clusters == 0
    assert {one.group for one in report.indicators} == {
        "file", "loudness", "waveform", "stereo", "spectrum", "music", "form", "score",
    }  # fmt: skip
    loud = measure(music * np.float32(4), RATE, score, plan)
    assert "integrated" in {one.name for one in loud.misses()}


def test_any_sound_can_be_measured_without_plan_or_score() -> None:
    for audio in (noise(0.5), noise(5)[:1], np.zeros((2, 5 * RATE), np.float32)):
        report = measure(audio, RATE)
        document = json.loads(json.dumps(report.as_json(), allow_nan=False))
        assert [one["name"] for one in document] == [one.name for one in report.indicators]
    assert measure(noise(6), 48000).value("duration") == pytest.approx(6 * 44100 / 48000, abs=0.01)


def test_an_indicator_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        measure(noise(1), RATE).value("groove")
