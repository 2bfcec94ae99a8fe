"""A plan as it is published is the plan: read again, it composes to the same score."""

import datetime as dt

import pytest

from soundflow_assets.catalog.canonical import ordered
from soundflow_assets.composition.compose import compose
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()


@pytest.mark.parametrize("genre", sorted(CONFIGS.genres))
def test_a_plan_read_again_composes_to_the_same_score(genre: str) -> None:
    plan = genre_plan(CONFIGS, genre, dt.date(2025, 6, 3))
    published = ordered(plan.model_dump(mode="json"))
    again = TrackPlan.model_validate_json(published)
    assert compose(again) == compose(plan)
    assert ordered(again.model_dump(mode="json")) == published
