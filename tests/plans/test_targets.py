"""Targets are data: every category and genre has its own, and a fault in them is a sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.resolve import free_plan, genre_plan
from soundflow_assets.plans.targets import CategoryTargets, GenreTargets
from soundflow_assets.plans.validate import validated

DAY = dt.date(2025, 1, 15)


def test_a_plan_carries_the_targets_of_its_category_and_of_its_genre(configs: Configs) -> None:
    for entry in configs.plan.tracks:
        plan = free_plan(configs, DAY, entry.id)
        assert plan.targets == entry.listening
        assert plan.spec.listening == configs.genres[plan.genre].listening
    assert genre_plan(configs, "jazz", DAY, category="Relax").targets.range_lu == (3, 9)


def test_every_shipped_category_is_judged_by_level_tone_and_width(configs: Configs) -> None:
    for entry in configs.plan.tracks:
        aims = entry.listening
        assert aims.range_lu and aims.peak_to_loudness_lu and aims.tilt_db_per_octave
        assert aims.presence_db and aims.side_to_mid_db


def test_every_genre_is_judged_by_its_pitches_and_every_kit_by_its_groove(
    configs: Configs,
) -> None:
    for spec in configs.genres.values():
        aims = spec.listening
        assert aims.pitch_class_entropy_bits and aims.scale_consistency
        assert bool(aims.drum_groove_consistency) == bool(spec.drums.kits)
        assert bool(aims.energy_correlation) == bool(spec.drums.kits)


def test_what_is_left_out_of_a_plan_is_not_judged() -> None:
    bare = validated(CategoryTargets, {}, "plan.yaml")
    assert bare.range_lu is None
    assert bare.pulse_clarity is None


@pytest.mark.parametrize(
    ("model", "data", "sentence"),
    [
        (CategoryTargets, {"range_lu": [5, 2]}, r"range_lu: \[5, 2\]: the first number is the low"),
        (CategoryTargets, {"range": [2, 5]}, r"range: unknown key 'range'; did you mean"),
        (CategoryTargets, {"pulse_clarity": 2}, r"pulse_clarity: 2 is not allowed"),
        (GenreTargets, {"scale_consistency": [0.9, 1.1]}, r"scale_consistency\[1\]: 1.1 is not"),
        (GenreTargets, {"clash_share": "low"}, r"clash_share: expected a number, found 'low'"),
        (GenreTargets, {"tempo_tolerance": 0}, r"tempo_tolerance: 0 is not allowed"),
    ],
)
def test_a_fault_names_file_field_and_what_is_allowed(
    model: type[CategoryTargets] | type[GenreTargets], data: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadInput, match=r"^here\.yaml: " + sentence):
        validated(model, data, "here.yaml")
