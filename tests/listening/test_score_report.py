"""The score's indicators: judged where the genre says how, told where it does not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.score_report import aims, judge_score
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan
from soundflow_assets.plans.targets import GenreTargets
from tests.short_track import replace

DAY = dt.date(2025, 1, 15)


@pytest.fixture(scope="module")
def jazz() -> tuple[TrackPlan, Score]:
    plan = genre_plan(load_configs(), "jazz", DAY, duration_s=60)
    return plan, compose(plan)


def named(score: Score, plan: TrackPlan | None) -> dict[str, str]:
    return {one.name: one.verdict for one in judge_score(score, plan)}


def test_every_indicator_is_of_the_score_and_stands_once(jazz: tuple[TrackPlan, Score]) -> None:
    plan, score = jazz
    indicators = judge_score(score, plan)
    assert {one.group for one in indicators} == {"score"}
    assert len({one.name for one in indicators}) == len(indicators) >= 19


def test_without_a_plan_nothing_is_judged(jazz: tuple[TrackPlan, Score]) -> None:
    assert set(named(jazz[1], None).values()) == {"info"}


def test_without_drums_their_indicators_only_inform(jazz: tuple[TrackPlan, Score]) -> None:
    plan, score = jazz
    silent = replace(score, hits=())
    told = named(silent, plan)
    for name in ("drum_groove_consistency", "swing", "jitter_sd", "drum_pattern_share"):
        assert named(score, plan)[name] != "info"
        assert told[name] == "info"


def test_a_kit_that_repeats_one_bar_for_ever_misses_in_every_genre(
    jazz: tuple[TrackPlan, Score],
) -> None:
    plan, score = jazz
    bar = [hit for hit in score.hits if hit.beat < 4 and hit.duration_s == 0]
    loop = tuple(
        replace(hit, beat=hit.beat + 4 * n, onset_s=hit.onset_s + score.beat_times_s[4 * n])
        for n in range(score.bars - 1)
        for hit in bar
    )
    targets = GenreTargets()
    lenient = plan.model_copy(update={"spec": plan.spec.model_copy(update={"listening": targets})})
    assert targets.drum_groove_consistency is None
    told = named(replace(score, hits=loop), lenient)
    assert told["drum_groove_consistency"] == "miss"
    assert told["identical_blocks"] == "miss"


def test_planing_is_exempt_from_voice_leading(jazz: tuple[TrackPlan, Score]) -> None:
    plan, score = jazz
    harmony = plan.spec.harmony
    planed = tuple(p.model_copy(update={"planing": True}) for p in harmony.progressions)
    spec = plan.spec.model_copy(
        update={"harmony": harmony.model_copy(update={"progressions": planed})}
    )
    assert named(score, plan)["voice_motion"] != "info"
    assert named(score, plan.model_copy(update={"spec": spec}))["voice_motion"] == "info"


def test_wrong_notes_are_counted_against_the_genre(jazz: tuple[TrackPlan, Score]) -> None:
    plan, score = jazz
    assert named(score, plan)["outside_share"] == "pass"
    parts = tuple(
        replace(
            part,
            notes=tuple(replace(n, pitch=n.pitch + i % 2) for i, n in enumerate(part.notes)),
        )
        for part in score.parts
    )
    wrong = named(replace(score, parts=parts), plan)
    assert wrong["outside_share"] == wrong["clash_share"] == wrong["scale_consistency"] == "miss"


def test_an_aim_is_met_at_both_ends_of_its_interval(jazz: tuple[TrackPlan, Score]) -> None:
    plan, score = jazz
    for aim in aims(score, plan):
        assert (aim.indicator().verdict == "pass") == (aim.judged and aim.met)
        if aim.judged:
            for end in (aim.low, aim.high):
                assert dataclasses.replace(aim, value=end).met
