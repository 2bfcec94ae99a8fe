"""An hour's score: one piece without gap, its movements handed over bar on bar."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache

import pytest

from soundflow_assets.composition.compose import compose, passages
from soundflow_assets.composition.fills import BODY
from soundflow_assets.composition.midi import score_to_midi
from soundflow_assets.composition.programme import Passage, has_beat, joined
from soundflow_assets.composition.score import Note, Score
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()
QUICK = ("ambient", "bass", "classic", "deep", "jazz")  # without a kit, fast, rubato, even, swung
GENRES = [
    pytest.param(genre, marks=() if genre in QUICK else pytest.mark.slow)
    for genre in sorted(CONFIGS.genres)
]
BLEND = CONFIGS.plan.programme.blend_bars
SECONDS = 600.0


@cache
def composed(genre: str) -> tuple[TrackPlan, tuple[Passage, ...], Score]:
    plan = genre_plan(CONFIGS, genre, dt.date(2025, 1, 15), None, SECONDS)
    parts = passages(plan)
    return plan, parts, joined(plan, parts)


def changes(parts: tuple[Passage, ...]) -> list[tuple[Passage, Passage, float]]:
    """Return neighbours and the beat in the middle of their blend."""
    return [
        (one, two, 4.0 * (two.start_bar + BLEND // 2)) for one, two in itertools.pairwise(parts)
    ]


def notes_of(score: Score) -> list[Note]:
    return [note for part in score.parts for note in part.notes]


@pytest.mark.parametrize("genre", GENRES)
def test_the_whole_is_one_timeline_without_gap(genre: str) -> None:
    plan, _, score = composed(genre)
    assert score.duration_s == plan.duration_s
    assert len(score.beat_times_s) == 4 * score.bars + 1
    assert all(one < two for one, two in itertools.pairwise(score.beat_times_s))
    assert score.beat_times_s[-1] == score.body_s
    for one, two in itertools.pairwise(score.sections):
        assert (one.start_bar + one.bars, one.end_s) == (two.start_bar, two.start_s)
    assert score.sections[-1].end_s == pytest.approx(score.body_s, abs=1e-5)
    assert len({section.name for section in score.sections}) == len(score.sections)
    for before, after in itertools.pairwise(score.chords):
        assert before.beat + before.beats == pytest.approx(after.beat)
        assert before.onset_s + before.duration_s == pytest.approx(after.onset_s, abs=0.06)
    assert 1.5 <= score.duration_s - score.body_s <= 7.0


@pytest.mark.parametrize("genre", GENRES)
def test_movements_overlap_by_whole_bars_beat_on_beat(genre: str) -> None:
    _, parts, _ = composed(genre)
    for one, two in itertools.pairwise(parts):
        assert one.start_bar + one.score.bars == two.start_bar + BLEND
        shared = 4 * BLEND + 1
        before = [one.start_s + time for time in one.score.beat_times_s[-shared:]]
        after = [two.start_s + time for time in two.score.beat_times_s[:shared]]
        # With rubato the scaling to the nominal length differs by a hair between movements.
        rubato = one.plan.spec.bpm.rubato > 0.0
        assert before == pytest.approx(after, abs=0.02 if rubato else 1e-4)


@pytest.mark.parametrize("genre", GENRES)
def test_with_a_kit_what_is_heavy_changes_hands_in_the_middle_of_a_blend(genre: str) -> None:
    _, parts, _ = composed(genre)
    for one, two, middle in changes(parts):
        if not has_beat(one.plan):
            assert one.score.hits == ()
            continue
        out = [note.beat + one.start_beat for note in notes_of(one.score)]
        into = [note.beat + two.start_beat for note in notes_of(two.score)]
        assert max(out) < middle <= min(into)
        for sound in BODY:
            out = [hit.beat + one.start_beat for hit in one.score.hits if hit.sound == sound]
            into = [hit.beat + two.start_beat for hit in two.score.hits if hit.sound == sound]
            if out and into:
                assert max(out) < middle <= min(into) or max(out) < min(into), sound


@pytest.mark.parametrize("genre", GENRES)
def test_there_is_always_something_playing(genre: str) -> None:
    _, _, score = composed(genre)
    bar_s = 240.0 / score.bpm
    spans = sorted(
        [(note.onset_s, note.onset_s + note.duration_s) for note in notes_of(score)]
        + [(hit.onset_s, hit.onset_s + max(0.1, hit.duration_s)) for hit in score.hits]
    )
    reached = 0.0
    for start, end in spans:
        assert start - reached < 1.01 * bar_s, f"a gap from {reached:.1f} to {start:.1f} s"
        reached = max(reached, end)
    assert reached > score.body_s - 2.0


@pytest.mark.parametrize("genre", GENRES)
def test_only_the_last_movement_ends(genre: str) -> None:
    plan, parts, score = composed(genre)
    home = score.chords[-1]
    assert home.root == parts[-1].score.chords[-1].root
    assert plan.programme is not None
    held = [note for note in notes_of(score) if note.onset_s + note.duration_s > score.body_s - 0.5]
    assert held, "the last chord is held to the end of the body"
    for one, two, middle in changes(parts):
        if has_beat(one.plan):
            sounding = [
                note for note in notes_of(one.score)
                if note.onset_s + note.duration_s > one.score.beat_times_s[-1] - 0.5
            ]  # fmt: skip
            assert not sounding, f"movement at bar {two.start_bar}: an ending before bar {middle}"


@pytest.mark.parametrize("genre", ["deep", "classic"])
def test_an_hour_is_written_as_midi(genre: str) -> None:
    _, _, score = composed(genre)
    assert score_to_midi(score)[:4] == b"MThd"


def test_the_same_programme_is_composed_again() -> None:
    plan, _, score = composed("lofi")
    assert compose(plan) == score
