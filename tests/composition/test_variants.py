"""A genre's variants take turns with it, and half-time bass is what its name says."""

from __future__ import annotations

import datetime as dt
import itertools
from functools import cache

import pytest
from pydantic import ValidationError

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan, genre_plan

CONFIGS = load_configs()
THURSDAYS = [dt.date(2025, 1, 2) + dt.timedelta(weeks=n) for n in range(6)]
SNARE_BEAT = 2.0  # the third quarter of the bar


@cache
def half_time(week: int) -> tuple[TrackPlan, Score]:
    plans = [free_plan(CONFIGS, date, "flow-state") for date in THURSDAYS]
    plan = [plan for plan in plans if plan.spec.title == "Half-time bass"][week]
    return plan, compose(plan)


def test_the_ways_of_a_genre_take_turns() -> None:
    plans = [free_plan(CONFIGS, date, "flow-state") for date in THURSDAYS]
    titles = [plan.spec.title for plan in plans]
    assert set(titles) == {"Liquid bass", "Half-time bass"}
    assert all(one != two for one, two in itertools.pairwise(titles))
    for plan in plans:
        low, high = (140, 150) if plan.spec.title == "Half-time bass" else (170, 176)
        assert low <= plan.bpm <= high
        assert plan.genre == "bass" and not plan.spec.variants


def test_a_fixed_tempo_chooses_the_way_that_knows_it() -> None:
    ways = {
        genre_plan(CONFIGS, "bass", date, seed).spec.title for seed, date in enumerate(THURSDAYS)
    }
    assert ways == {"Liquid bass", "Half-time bass"}
    slot = CONFIGS.plan.genre_rotation["flow_state"] | {"thursday": {"genre": "bass", "bpm": 145}}
    rotation = {**CONFIGS.plan.genre_rotation, "flow_state": slot}
    plan = type(CONFIGS.plan).model_validate(
        CONFIGS.plan.model_dump() | {"genre_rotation": rotation}, strict=False
    )
    configs = type(CONFIGS)(plan, CONFIGS.genres, CONFIGS.kits, CONFIGS.patches, CONFIGS.nature)
    for date in THURSDAYS:
        made = free_plan(configs, date, "flow-state")
        assert (made.bpm, made.spec.title) == (145, "Half-time bass")


@pytest.mark.parametrize("week", [0, 1, 2])
def test_half_time_strikes_one_snare_a_bar_on_the_third_beat(week: int) -> None:
    _, score = half_time(week)
    plain = 0
    for section in score.sections:
        for bar in range(section.start_bar, section.start_bar + section.bars):
            if (bar - section.start_bar) % 8 == 7 or bar == section.start_bar + section.bars - 1:
                continue  # a fill
            loud = [
                hit.beat - bar * 4
                for hit in score.hits
                if hit.sound == "snare" and hit.velocity > 80 and bar * 4 <= hit.beat < bar * 4 + 4
            ]
            assert loud in ([], [SNARE_BEAT]), bar
            plain += loud == [SNARE_BEAT]
    assert plain > 0.5 * score.bars


@pytest.mark.parametrize("week", [0, 1, 2])
def test_the_wobble_answers_the_snare(week: int) -> None:
    _, score = half_time(week)
    part = score.part("wobble")
    assert part is not None and part.instrument.startswith("wobble/")
    after = [note for note in part.notes if note.beat % 4 > SNARE_BEAT]
    together = [note for note in part.notes if note.beat % 4 in (0.0, SNARE_BEAT)]
    assert len(after) >= 0.6 * len(part.notes)
    assert len(together) <= 0.12 * len(part.notes)


def test_a_fault_of_a_variant_is_named_with_its_place() -> None:
    raw = CONFIGS.genres["bass"].model_dump(mode="json")
    raw["variants"][0]["forms"][0]["sections"][0]["only"] = ["choir"]
    with pytest.raises(ValidationError, match=r"variants\[0\] \(half_time\): forms\.one_drop"):
        GenreSpec.model_validate(raw)
