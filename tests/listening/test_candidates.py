"""Of three scores of one plan the best is kept, and a settled plan is composed as it is."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.composition.compose import compose
from soundflow_assets.listening.candidates import best_candidate, room, standing
from soundflow_assets.listening.score_report import Aim, aims
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import CANDIDATES, TrackPlan
from soundflow_assets.plans.resolve import genre_plan


@pytest.fixture(scope="module")
def plan() -> TrackPlan:
    return genre_plan(load_configs(), "lofi", dt.date(2025, 1, 15), duration_s=60)


def test_no_candidate_measures_better_than_the_one_that_is_kept(plan: TrackPlan) -> None:
    best = best_candidate(plan)
    chosen, score = best.plan, best.score
    assert chosen.candidate in range(CANDIDATES)
    assert score == compose(chosen)
    misses, inside = standing(aims(score, chosen))
    for number in range(CANDIDATES):
        other = plan.model_copy(update={"candidate": number})
        others, others_inside = standing(aims(compose(other), other))
        assert (misses, -inside) <= (others, -others_inside)


def test_candidates_are_different_music_of_the_same_choices(plan: TrackPlan) -> None:
    numbered = [plan.model_copy(update={"candidate": n}) for n in range(CANDIDATES)]
    scores = [compose(one) for one in numbered]
    assert len({(score.parts, score.hits) for score in scores}) == CANDIDATES
    assert len({(score.key, score.bpm, score.swing, score.sections) for score in scores}) == 1


def test_a_settled_plan_is_composed_as_it_is(plan: TrackPlan) -> None:
    settled = plan.model_copy(update={"candidate": 2})
    kept = best_candidate(settled)
    assert (kept.plan, kept.score) == (settled, compose(settled))
    assert TrackPlan.model_validate_json(settled.model_dump_json()) == settled


def test_the_first_candidate_is_the_plan_itself(plan: TrackPlan) -> None:
    assert compose(plan) == compose(plan.model_copy(update={"candidate": 0}))


def test_a_missed_target_weighs_more_than_any_room() -> None:
    tight = [Aim("a", 0.01, low=0.0, high=1.0), Aim("b", 1.0, high=1.0)]
    loose = [Aim("a", 0.5, low=0.0, high=1.0), Aim("b", 1.01, high=1.0)]
    assert standing(tight)[0] == 0 < standing(loose)[0]
    assert standing(tight)[1] < standing(loose)[1]
    assert standing([Aim("free", 3.0), Aim("unknown", None, low=1.0)]) == (0, 0.0)


@given(st.floats(-5, 5), st.floats(-2, 0), st.floats(0.1, 2))
def test_room_is_positive_inside_and_negative_outside(
    value: float, low: float, high: float
) -> None:
    for aim in (
        Aim("both", value, low=low, high=high),
        Aim("most", value, high=high),
        Aim("least", value, low=low),
    ):
        found = room(aim)
        assert -1.0 <= found <= 1.0
        assert found >= 0.0 if aim.met else found <= 0.0


def test_room_is_greatest_in_the_middle() -> None:
    assert room(Aim("both", 2.0, low=1.0, high=3.0)) == 1.0
    assert room(Aim("both", 1.0, low=1.0, high=3.0)) == 0.0
    assert room(Aim("none allowed", 0.0, high=0.0)) == 1.0
    assert room(Aim("none allowed", 4.0, high=0.0)) == -1.0
