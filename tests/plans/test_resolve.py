"""A plan is a function of configuration, date and category, and promises what was played."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.ambience import bed_loudness_lu
from soundflow_assets.plans.choices import grid_indexes
from soundflow_assets.plans.configs import WEEKDAYS, Configs
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.mode import is_minor
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan, genre_plan

MONDAY = dt.date(2025, 1, 13)
WEEK = [MONDAY + dt.timedelta(days=day) for day in range(7)]
TRACKS = ("deep_work_daily", "study_daily", "relax_daily", "nature_daily", "flow_state_daily")


def progression_of(plan: TrackPlan) -> tuple[str, ...]:
    chosen = plan.choices.progression
    return next(p for p in plan.spec.harmony.progressions if p.name == chosen).chords


@pytest.mark.parametrize("date", WEEK, ids=WEEKDAYS)
@pytest.mark.parametrize("track_id", TRACKS)
def test_the_shipped_plan_resolves_for_every_weekday_and_category(
    configs: Configs, track_id: str, date: dt.date
) -> None:
    plan = free_plan(configs, date, track_id)
    entry = next(entry for entry in configs.plan.tracks if entry.id == track_id)
    spec = plan.spec
    slot = configs.plan.genre_rotation[entry.siteCategory.lower().replace(" ", "_")]
    assert plan.genre == slot[WEEKDAYS[date.weekday()]]
    if plan.genre == entry.genre:
        assert (plan.bpm, plan.key) == (entry.bpm, entry.key)
    else:
        assert spec.bpm.min <= plan.bpm <= spec.bpm.max and plan.bpm == int(plan.bpm)
        assert parse_key(plan.key).tonic in spec.tonics
    chosen = next(p for p in spec.harmony.progressions if p.name == plan.choices.progression)
    assert parse_key(plan.key).minor == is_minor(chosen)
    voices = next(s for s in spec.instrument_sets if s.name == plan.choices.instrument_set)
    assert set(plan.patches) == set(voices.voices.values())
    assert set(spec.drums.lanes) <= set(plan.kit)
    assert entry.ambienceMin <= plan.ambience_level <= entry.ambienceMax
    assert plan.id == f"free-{date}-{track_id}"
    assert plan.plain_title == f"{entry.siteCategory} Daily - {date}"
    assert TrackPlan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    "name", ["Deep Work", "deep work", "deep-work", "deep_work", "deep_work_daily"]
)
def test_a_category_may_be_named_as_on_the_site_as_slug_or_by_track(
    configs: Configs, name: str
) -> None:
    assert free_plan(configs, MONDAY, name).track_id == "deep_work_daily"


def test_an_unknown_category_or_genre_is_told_the_known_ones(configs: Configs) -> None:
    with pytest.raises(
        BadInput, match=r"unknown category 'Depp Work'; did you mean 'Deep Work'\?.*Flow State"
    ):
        free_plan(configs, MONDAY, "Depp Work")
    with pytest.raises(
        BadInput, match=r"unknown genre 'tecno'; did you mean 'techno'\? known: ambient"
    ):
        genre_plan(configs, "tecno", MONDAY)


@pytest.mark.parametrize("duration_s", [9.99, 0, -5, 3600.5, 7200, float("nan"), float("inf")])
def test_a_duration_out_of_bounds_is_refused_with_the_limits(
    configs: Configs, duration_s: float
) -> None:
    with pytest.raises(BadInput, match="allowed: 10 to 3600 s"):
        free_plan(configs, MONDAY, "Study", duration_s)


def test_no_two_tracks_of_a_genre_within_28_days_share_harmony_and_groove_or_melody(
    configs: Configs,
) -> None:
    days = [MONDAY + dt.timedelta(days=day) for day in range(60)]
    plans = [free_plan(configs, day, track_id) for day in days for track_id in TRACKS]
    for index, plan in enumerate(plans):
        for other in plans[index + 1 :]:
            if other.genre != plan.genre or (other.date - plan.date).days > 28:
                continue
            assert plan.choices.motif != other.choices.motif
            if plan.choices.progression == other.choices.progression:
                grids = (plan.choices.lanes, plan.choices.parts)
                assert grids != (other.choices.lanes, other.choices.parts), (plan.id, other.id)


def test_neighbouring_days_of_a_category_differ_in_harmony_groove_melody_and_title(
    configs: Configs,
) -> None:
    for track_id in TRACKS:
        days = [free_plan(configs, MONDAY + dt.timedelta(days=d), track_id) for d in range(60)]
        for today, tomorrow in pairwise(days):
            assert progression_of(today) != progression_of(tomorrow)
            assert today.choices.motif != tomorrow.choices.motif
            assert today.title != tomorrow.title
            if today.genre == tomorrow.genre:
                assert today.choices.parts != tomorrow.choices.parts
        assert len({plan.title for plan in days}) == 60


def test_every_progression_form_and_instrument_set_gets_its_turn(configs: Configs) -> None:
    plans = [genre_plan(configs, "house", MONDAY + dt.timedelta(days=day)) for day in range(60)]
    spec = configs.genres["house"]
    assert {p.choices.progression for p in plans} == {p.name for p in spec.harmony.progressions}
    assert {p.choices.instrument_set for p in plans} == {s.name for s in spec.instrument_sets}
    assert {p.choices.form for p in plans} == {f.name for f in spec.forms}
    assert {p.choices.kit for p in plans} == set(spec.drums.kits)
    assert len({p.key for p in plans}) >= 6
    assert len({p.bpm for p in plans}) >= 4


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.integers(-10_000, 10_000))
def test_grid_combinations_repeat_only_after_all_were_played(sizes: list[int], start: int) -> None:
    product = 1
    for size in sizes:
        product *= size
    window = [tuple(grid_indexes(start + step, sizes)) for step in range(min(product, 200))]
    assert len(set(window)) == len(window)
    assert all(0 <= i < size for combo in window for i, size in zip(combo, sizes, strict=True))


def test_a_seed_redraws_the_track_and_the_same_seed_repeats_it(configs: Configs) -> None:
    first, again = (free_plan(configs, MONDAY, "Study", seed=7) for _ in range(2))
    assert first == again
    assert first.choices != free_plan(configs, MONDAY, "Study", seed=8).choices
    assert first.seed == 7


def test_ambience_maps_to_bed_loudness_as_specified() -> None:
    points = {10: -30.0, 30: -22.0, 60: -12.0, 80: -5.0, 100: 2.0, 20: -26.0, 70: -8.5}
    assert {level: bed_loudness_lu(level) for level in points} == points


def test_beds_follow_ambience_weights_and_nature_tags(configs: Configs) -> None:
    deep = {bed.name: bed.gain_db for bed in free_plan(configs, MONDAY, "Deep Work").beds}
    assert deep == {"rain": 0.0, "vinyl": -3.52, "white": -9.54}
    nature = {bed.name for bed in free_plan(configs, MONDAY, "Nature").beds}
    assert {"rain", "forest", "river"} <= nature and "vinyl" not in nature


def edited(configs: Configs, track: int, **changes: object) -> Configs:
    """Return the configuration with fields of one entry replaced."""
    data = configs.plan.model_dump()
    data["tracks"][track].update(changes)
    plan = type(configs.plan).model_validate(data)
    return Configs(plan, configs.genres, configs.kits, configs.patches, configs.nature)


@pytest.mark.parametrize(
    ("field", "value", "lands_in"),
    [
        ("bpm", 120.0, "bpm"),
        ("key", "Fm", "key"),
        ("curve", "build", "curve"),
        ("layers", {"drums": 0, "bass": 80, "music": 60, "pad": 50}, "layers"),
        ("synth", {"cutoff": 10, "resonance": 25, "drive": 15, "space": 30}, "synth"),
        ("ambience", {"rain": 0, "vinyl": 10, "white": 5}, "beds"),
        ("natureTags", ("ocean",), "beds"),
        ("energyMin", 10, "energy_min"),
        ("energyMax", 90, "energy_max"),
        ("ambienceMin", 29, "ambience_level"),
        ("goalTags", ("calm",), "goal_tags"),
        ("target_lufs", -18.0, "target_lufs"),
    ],
)
def test_each_field_of_an_entry_reaches_the_plan(
    configs: Configs, field: str, value: object, lands_in: str
) -> None:
    changed = free_plan(edited(configs, 0, **{field: value}), MONDAY, "deep_work_daily")
    before = free_plan(configs, MONDAY, "deep_work_daily")
    assert getattr(changed, lands_in) != getattr(before, lands_in)


def test_a_rotation_slot_may_fix_tempo_and_key(configs: Configs) -> None:
    data = configs.plan.model_dump()
    data["genre_rotation"]["deep_work"]["tuesday"] = {"genre": "house", "bpm": 123, "key": "F#m"}
    plan = type(configs.plan).model_validate(data)
    changed = Configs(plan, configs.genres, configs.kits, configs.patches, configs.nature)
    track = free_plan(changed, WEEK[1], "Deep Work")
    assert (track.genre, track.bpm, track.key) == ("house", 123, "F#m")
    chosen = next(p for p in track.spec.harmony.progressions if p.name == track.choices.progression)
    assert is_minor(chosen)


SCRIPT = """
import datetime as dt, hashlib
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import free_plan
configs = load_configs()
text = "".join(
    free_plan(configs, dt.date(2025, 1, day), entry.id).model_dump_json()
    for day in range(1, 8) for entry in configs.plan.tracks
)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_plans_are_the_same_in_every_process_whatever_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1


def test_a_plan_survives_json(configs: Configs) -> None:
    plan = free_plan(configs, MONDAY, "Relax")
    assert json.loads(plan.model_dump_json())["genre"] == "ambient"
