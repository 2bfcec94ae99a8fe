"""Sixty days of the shipped plan, as scores: new every day, whole, and up to the battery."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from soundflow_assets.composition.codec import score_from_json, score_to_json
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.candidates import best_candidate
from soundflow_assets.listening.score_report import Aim, aims
from soundflow_assets.plans.configs import WEEKDAYS, rotated, slot_name
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan

CONFIGS = load_configs()
MONDAY = dt.date(2025, 3, 3)
REMEMBERED = 4  # tracks of a genre that the next one must differ from
WANTED = 0.97  # of all judged indicators


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept of a composed track."""

    plan: TrackPlan
    aims: tuple[Aim, ...]
    faults: tuple[str, ...]


def written(days: Iterable[dt.date]) -> list[Written]:
    """Compose every category's track of each day."""
    tracks = []
    for day, entry in itertools.product(days, CONFIGS.plan.tracks):
        best = best_candidate(free_plan(CONFIGS, day, entry.id))
        found = aims(best.score, best.plan)
        tracks.append(Written(best.plan, found, tuple(faults(best.plan, best.score))))
    return tracks


def faults(plan: TrackPlan, score: Score) -> Iterable[str]:
    """Yield what is not whole in a score, a sentence each."""
    if score_from_json(score_to_json(score)) != score:
        yield "it does not survive its own JSON"
    if not 0 < score.body_s <= score.duration_s == plan.duration_s:
        yield f"its body of {score.body_s} s does not fit {score.duration_s} s"
    ends = [section.start_bar + section.bars for section in score.sections]
    if [0, *ends] != [*(section.start_bar for section in score.sections), score.bars]:
        yield "its sections have gaps or overlap"
    ranges = {part.role: part.pitch_range for part in plan.spec.parts}
    for part in score.parts:
        low, high = ranges[part.role]
        for note in part.notes:
            inside = note.onset_s >= 0 and note.onset_s + note.duration_s <= score.body_s + 1e-5
            if not (inside and low <= note.pitch <= high and 1 <= note.velocity <= 127):
                yield f"{part.role}: {note} is out of bounds ({low} to {high})"
    if not (score.parts and score.chords):
        yield "nobody plays"


def repetitions(tracks: Sequence[Written]) -> list[str]:
    """Return where a genre's track shares what it must not with one of the four before it."""
    by_genre: dict[str, list[TrackPlan]] = defaultdict(list)
    found = []
    for plan in (track.plan for track in tracks):
        for before in by_genre[plan.genre][-REMEMBERED:]:
            one, two = before.choices, plan.choices
            same_groove = (one.lanes, one.parts) == (two.lanes, two.parts)
            if one.progression == two.progression or (same_groove and one.motif == two.motif):
                found.append(f"{plan.id} ({plan.genre}) is like {before.id}: {two.progression}")
        by_genre[plan.genre].append(plan)
    return found


def judged(tracks: Sequence[Written]) -> tuple[float, Counter[tuple[str, str]]]:
    """Return the share of judged indicators that pass, and (genre, indicator) of the misses."""
    every = [(track.plan.genre, aim) for track in tracks for aim in track.aims if aim.judged]
    missed = Counter((genre, aim.name) for genre, aim in every if not aim.met)
    return 1.0 - sum(missed.values()) / len(every), missed


def rotation(day: dt.date) -> list[str]:
    """Return the genres that the plan has for a weekday, by track."""
    weekday = WEEKDAYS[day.weekday()]
    return [
        rotated(CONFIGS.plan.genre_rotation[slot_name(entry.siteCategory)][weekday]).genre
        for entry in CONFIGS.plan.tracks
    ]


def test_a_days_scores_are_whole_and_up_to_the_battery() -> None:
    days = [MONDAY + dt.timedelta(days=number) for number in (0, 3)]
    tracks = written(days)
    assert [track.faults for track in tracks] == [()] * len(tracks)
    assert [track.plan.genre for track in tracks] == [g for day in days for g in rotation(day)]
    share, missed = judged(tracks)
    assert share >= 0.9, missed


def test_no_genre_comes_back_with_the_same_harmony_within_its_memory() -> None:
    plans = [
        Written(free_plan(CONFIGS, MONDAY + dt.timedelta(days=number), entry.id, 60), (), ())
        for number in range(28)
        for entry in CONFIGS.plan.tracks
    ]
    assert repetitions(plans) == []


@pytest.mark.slow
def test_sixty_days_are_new_whole_and_up_to_the_battery() -> None:
    days = [MONDAY + dt.timedelta(days=number) for number in range(60)]
    tracks = written(days)
    assert len(tracks) == 300
    assert [track.plan.genre for track in tracks] == [g for day in days for g in rotation(day)]
    assert {track.plan.genre for track in tracks} == set(CONFIGS.genres)
    assert repetitions(tracks) == []
    assert [(one.plan.id, one.faults) for one in tracks if one.faults] == []
    share, missed = judged(tracks)
    print(f"{share:.4f} of the judged indicators pass; missed: {missed.most_common()}")
    assert share >= WANTED, missed
