"""A long track's plan: movements of a few minutes, in related keys, of different material."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.plans.key import Key, parse_key
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import Movement, TrackPlan
from soundflow_assets.plans.programme import energy_window, movement_plan
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()
GENRES = sorted(CONFIGS.genres)
DAY = dt.date(2025, 1, 15)
RULE = CONFIGS.plan.programme
HOUR = 3600.0


def plan_of(genre: str, duration_s: float, seed: int | None = None) -> TrackPlan:
    return genre_plan(CONFIGS, genre, DAY, seed, duration_s)


def movements_of(genre: str, duration_s: float = HOUR) -> tuple[Movement, ...]:
    programme = plan_of(genre, duration_s).programme
    assert programme is not None
    return programme.movements


def shared_notes(one: Key, other: Key) -> int:
    """Count the notes the natural scales of two keys have in common."""
    scales = [
        {(key.tonic + (3 if key.minor else 0) + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
        for key in (one, other)
    ]
    return len(scales[0] & scales[1])


@pytest.mark.parametrize("genre", GENRES)
def test_up_to_the_threshold_a_track_is_one_piece(genre: str) -> None:
    assert plan_of(genre, RULE.from_sec - 1.0).programme is None
    assert plan_of(genre, RULE.from_sec).programme is not None


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(GENRES), st.floats(RULE.from_sec, HOUR), st.integers(0, 50))
def test_movements_last_a_few_minutes_and_fill_the_track_exactly(
    genre: str, duration_s: float, seed: int
) -> None:
    plan = plan_of(genre, duration_s, seed)
    assert plan.programme is not None
    movements, bar_s = plan.programme.movements, 240.0 / plan.bpm
    assert all(130.0 <= movement.duration_s <= 300.0 for movement in movements)
    for one, following in itertools.pairwise(movements):
        assert following.start_bar % 8 == 0
        shared_s = one.start_bar * bar_s + one.duration_s - following.start_bar * bar_s
        assert shared_s == pytest.approx(RULE.blend_bars * bar_s + 5.0)
    last = movements[-1]
    assert last.start_bar * bar_s + last.duration_s == pytest.approx(duration_s)


@pytest.mark.parametrize("genre", GENRES)
def test_neighbours_are_in_keys_that_share_six_notes_and_the_end_is_at_home(genre: str) -> None:
    home = parse_key(plan_of(genre, HOUR).key)
    keys = [parse_key(movement.key) for movement in movements_of(genre)]
    assert keys[0] == keys[-1] == home
    assert all(shared_notes(one, other) >= 6 for one, other in itertools.pairwise(keys))
    assert len(set(keys)) >= 3, "an hour goes somewhere"


@pytest.mark.parametrize("genre", GENRES)
def test_the_end_recalls_the_beginning_and_the_middle_is_other_material(genre: str) -> None:
    plan, movements = plan_of(genre, HOUR), movements_of(genre)
    first, last = movements[0].choices, movements[-1].choices
    assert first == plan.choices
    assert movements[0].seed == plan.seed
    for field in ("progression", "motif", "instrument_set", "kit"):
        assert getattr(last, field) == getattr(first, field)
    assert [one.choices.motif for one in movements[4::4]] == [first.motif] * len(movements[4::4])
    middle = movements[1:-1]
    assert all(one.choices.progression != first.progression for one in middle)
    for one, other in itertools.pairwise(movements[:-1]):
        assert one.choices.progression != other.choices.progression
    assert len({one.choices.progression for one in middle}) >= 4
    assert len({one.choices.instrument_set for one in middle}) >= 2
    assert len({one.seed for one in movements}) == len(movements)
    assert {one.choices.swing for one in movements} == {first.swing}, "blends are in one groove"


@pytest.mark.parametrize("genre", GENRES)
def test_the_plan_holds_every_patch_and_kit_its_movements_play(genre: str) -> None:
    plan = plan_of(genre, HOUR)
    for movement in movements_of(genre):
        alone = movement_plan(plan, movement)
        voices = next(
            one.voices for one in plan.spec.instrument_sets
            if one.name == alone.choices.instrument_set
        )  # fmt: skip
        assert set(voices.values()) <= set(plan.patches)
        assert bool(alone.kit) == bool(plan.spec.drums.kits)
        assert (alone.bpm, alone.programme, alone.beds) == (plan.bpm, None, ())


@pytest.mark.parametrize("curve", ["linear", "build", "drop", "peak"])
def test_the_energy_curve_spans_the_programme(curve: str) -> None:
    plan = plan_of("deep", HOUR).model_copy(update={"curve": curve})
    count = 12
    windows = [energy_window(plan, index / (count - 1), index) for index in range(count)]
    assert min(low for low, _ in windows) >= plan.energy_min
    assert max(high for _, high in windows) <= plan.energy_max
    lows = [low for low, _ in windows]
    if curve == "build":
        assert lows == sorted(lows) and lows[0] < lows[-1]
    elif curve == "drop":
        assert lows == sorted(lows, reverse=True) and lows[0] > lows[-1]
    elif curve == "peak":
        assert 0 < lows.index(max(lows)) < count - 1
    else:
        assert len(set(lows)) > 4, "hills and valleys"


def test_the_same_plan_is_planned_again() -> None:
    assert plan_of("jazz", 1234.5, 7) == plan_of("jazz", 1234.5, 7)
    assert plan_of("jazz", 1234.5, 7).programme != plan_of("jazz", 1234.5, 8).programme
