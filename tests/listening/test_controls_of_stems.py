"""A layer that does not sound as it was asked to is caught in the stems of our own tracks."""

from __future__ import annotations

from pathlib import Path

import pytest
import short_track

from soundflow_assets.composition.compose import compose
from soundflow_assets.export import write_stems
from soundflow_assets.listening.known import known_of
from soundflow_assets.listening.stems import hear_stems, judge_stems
from soundflow_assets.listening.verdict import Indicator
from soundflow_assets.plans.model import TrackPlan

WEIGHTS = {"drums": 70, "bass": 60, "music": 70, "pad": 50}


def judged(asked: TrackPlan, made: TrackPlan, folder: Path) -> dict[str, Indicator]:
    write_stems(made, folder)
    known = known_of(compose(asked), asked)
    return {one.name: one for one in judge_stems(hear_stems(folder), known)}


def test_layers_stand_where_the_plan_weighs_them(tmp_path: Path) -> None:
    plan = short_track.plan(layers=WEIGHTS)
    found = judged(plan, plan, tmp_path)
    assert found["missing_roles"].verdict == "pass"
    assert found["layer_level"].verdict == "pass"
    assert abs(float(found["layer_level"].value)) <= 0.1


def test_a_silent_layer_is_missed(tmp_path: Path) -> None:
    plan = short_track.plan(layers=WEIGHTS)
    found = judged(plan, short_track.plan(layers=WEIGHTS | {"pad": 0}), tmp_path)
    assert (found["missing_roles"].verdict, found["missing_roles"].unit) == ("miss", "pad")


@pytest.mark.parametrize(("layer", "role"), [("drums", "drums"), ("bass", "bass")])
def test_a_layer_at_another_weight_is_missed(layer: str, role: str, tmp_path: Path) -> None:
    plan = short_track.plan(layers=WEIGHTS)
    heavier = short_track.plan(layers=WEIGHTS | {layer: WEIGHTS[layer] + 8})
    found = judged(plan, heavier, tmp_path)["layer_level"]
    assert (found.verdict, found.unit) == ("miss", f"dB ({role})")
