"""The report as a whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
from signals import RATE, noise

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.measure import measure
from soundflow_assets.plans.model import TrackPlan


def test_the_report_judges_against_plan_and_score(
    music: Audio, plan: TrackPlan, score: Score
) -> None:
    report = measure(music, RATE, score, plan)
    assert report.value("duration") == 6.0
    assert report.value("outside_share") == 0.0
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
