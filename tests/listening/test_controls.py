"""The battery can fail: each thing that makes generated music a toy is caught in our own sound.

The same three minutes of house are played as meant and with one defect at a time. What the sound
track passes, the defect must miss, by the measure that stands for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import defects
import pytest

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.grid import grid_of
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.likeness import Likeness, character_of, likeness
from soundflow_assets.listening.measure import measure
from soundflow_assets.listening.verdict import Report
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.reel import in_blocks

pytestmark = pytest.mark.slow

MONDAY = dt.date(2026, 12, 1)


@dataclass(frozen=True)
class Track:
    """A track and what the battery says of it."""

    plan: TrackPlan
    score: Score
    audio: Audio
    report: Report

    def misses(self) -> set[str]:
        return {one.name for one in self.report.misses()}


def heard(plan: TrackPlan, score: Score, audio: Audio) -> Track:
    return Track(plan, score, audio, measure(audio, SAMPLE_RATE, score, plan))


@pytest.fixture(scope="module")
def sound() -> Track:
    plan = free_plan(load_configs(), MONDAY, "Deep Work")
    score = compose(plan)
    return heard(plan, score, defects.rendered(plan, score))


@pytest.fixture(scope="module")
def loop(sound: Track) -> Track:
    busiest = max(sound.score.sections, key=lambda section: section.energy)
    score = defects.looped(sound.score, busiest.start_bar)
    return heard(sound.plan, score, defects.rendered(sound.plan, score))


def test_the_track_itself_passes_what_the_defects_miss(sound: Track) -> None:
    standing_for = {
        "repeated_bars", "sections", "correlation", "side_to_mid", "key", "gain_ramps", "clicks",
        "clipped_pairs", "true_peak", "outside_share",
    }  # fmt: skip
    assert not sound.misses() & standing_for


def test_four_bars_over_and_over_are_a_loop(loop: Track) -> None:
    assert {"repeated_bars", "sections"} & loop.misses()
    assert "identical_blocks" in loop.misses()


def test_two_equal_channels_are_mono(sound: Track) -> None:
    track = heard(sound.plan, sound.score, defects.mono(sound.audio))
    assert {"correlation", "side_to_mid"} <= track.misses()


def test_another_key_than_the_plan_says_is_heard(sound: Track) -> None:
    score = defects.transposed(sound.score, 1)
    track = heard(sound.plan, sound.score, defects.rendered(sound.plan, score))
    assert "key" in track.misses()
    assert "outside_share" in heard(sound.plan, score, track.audio).misses()


def test_a_build_made_by_the_volume_is_a_ramp(loop: Track) -> None:
    swelling = defects.swelling(loop.audio, loop.score)
    assert "gain_ramps" in heard(loop.plan, loop.score, swelling).misses()


def test_notes_cut_at_the_step_click(sound: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    defects.cut_at_the_step(monkeypatch)
    track = heard(sound.plan, sound.score, defects.rendered(sound.plan, sound.score))
    assert "clicks" in track.misses()


def test_the_same_track_under_another_date_is_no_new_track(sound: Track) -> None:
    tomorrow = sound.plan.model_copy(update={"date": MONDAY + dt.timedelta(days=1)})
    again = compose(tomorrow)
    assert _between(sound.audio, sound.score, defects.rendered(tomorrow, again), again).same


def test_next_weeks_track_of_the_genre_is_a_new_one(sound: Track) -> None:
    plan = free_plan(load_configs(), MONDAY + dt.timedelta(days=4), "Deep Work")
    assert plan.genre == sound.plan.genre
    score = compose(plan)
    distance = _between(sound.audio, sound.score, defects.rendered(plan, score), score)
    assert distance.fresh and not distance.same


def test_a_clipped_master_is_caught(sound: Track) -> None:
    track = heard(sound.plan, sound.score, defects.clipped(sound.audio))
    assert {"clipped_pairs", "true_peak"} <= track.misses()


def _between(one: Audio, one_score: Score, other: Audio, other_score: Score) -> Likeness:
    characters = []
    for audio, score in ((one, one_score), (other, other_score)):
        hearing = hear(in_blocks(audio), SAMPLE_RATE)
        characters.append(character_of(hearing, grid_of(hearing, score, None)))
    return likeness(*characters)
