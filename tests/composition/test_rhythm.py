"""Drums follow the genre's grids, breathe, fill, build, and never stand still."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections import Counter

import pytest

from soundflow_assets.composition.cues import mute_from
from soundflow_assets.composition.draft import DraftHit, DraftSection
from soundflow_assets.composition.fills import _FILLS, fill_bar
from soundflow_assets.composition.form import fit_form, is_build
from soundflow_assets.composition.lanes import lane_bars, step_beats
from soundflow_assets.composition.rhythm import VELOCITY, write_hits
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import genre_plan

DAY = dt.date(2025, 1, 15)
CONFIGS = load_configs()
DRUMMED = sorted(name for name, spec in CONFIGS.genres.items() if spec.drums.kits)
EFFECTS = {"riser", "downlifter", "reverse_swell", "impact"}

Track = tuple[TrackPlan, tuple[DraftSection, ...], tuple[DraftHit, ...]]


@functools.cache
def track(genre: str, **changes: int) -> Track:
    plan = genre_plan(CONFIGS, genre, DAY).model_copy(update=changes)
    sections = fit_form(plan)
    return plan, sections, write_hits(plan, sections)


def in_bar(hits: tuple[DraftHit, ...], bar: int) -> list[DraftHit]:
    return [hit for hit in hits if bar * 4 <= hit.beat < bar * 4 + 4 and hit.sound not in EFFECTS]


@pytest.mark.parametrize("genre", ["ambient", "classic"])
def test_a_genre_without_a_kit_has_no_hits(genre: str) -> None:
    assert track(genre)[2] == ()


@pytest.mark.parametrize("genre", DRUMMED)
def test_every_sound_of_the_kit_exists_and_stays_inside_the_track(genre: str) -> None:
    plan, sections, hits = track(genre)
    assert hits == tuple(sorted(hits, key=lambda hit: (hit.beat, hit.sound)))
    assert {hit.sound for hit in hits} <= {*plan.kit, *EFFECTS}
    assert all(0 <= hit.beat < sections[-1].end_bar * 4 for hit in hits)
    assert all(1 <= hit.velocity <= 127 for hit in hits)


@pytest.mark.parametrize("genre", DRUMMED)
def test_strong_strokes_are_where_the_grid_has_them(genre: str) -> None:
    """Outside fills, the accents and normal strokes of the backbone sound in every bar."""
    plan, sections, hits = track(genre)
    core = [s for s in ("kick", "snare", "clap") if s in plan.spec.drums.lanes]
    checked = 0
    for section in sections:
        for within in range(section.bars - 1):
            if within % 8 == 7:
                continue
            played = {(hit.sound, hit.beat) for hit in in_bar(hits, section.start_bar + within)}
            for sound in set(core) & set(section.roles):
                bars = lane_bars(
                    plan.spec.drums.lanes[sound],
                    plan.spec.drums.steps,
                    plan.choices.lanes[sound],
                )
                marks = bars[within % len(bars)]
                start = (section.start_bar + within) * 4
                for step, mark in enumerate(marks):
                    if mark in "Xx":
                        assert (sound, start + step_beats(len(marks))[step]) in played
                        checked += 1
    assert checked > 40 or genre == "jazz"


@pytest.mark.parametrize("genre", DRUMMED)
def test_every_grid_of_every_lane_can_be_played(genre: str) -> None:
    plan = genre_plan(CONFIGS, genre, DAY)
    lanes = plan.spec.drums.lanes
    section = DraftSection("groove", 0, 7, 0.9, tuple(lanes), "none")
    for sound, lane in lanes.items():
        for index in range(len(lane.grids)):
            choices = plan.choices.model_copy(
                update={"lanes": {**plan.choices.lanes, sound: index}}
            )
            hits = write_hits(plan.model_copy(update={"choices": choices}), (section,))
            assert any(hit.sound == sound for hit in hits), (sound, index)


@pytest.mark.parametrize("genre", DRUMMED)
def test_no_two_adjacent_blocks_of_eight_bars_are_alike(genre: str) -> None:
    _, sections, hits = track(genre)
    bars = sections[-1].end_bar
    blocks = [
        frozenset(
            (round(hit.beat - block * 32, 3), hit.sound)
            for hit in hits
            if block * 32 <= hit.beat < block * 32 + 32
        )
        for block in range(bars // 8)
    ]
    for block, following in itertools.pairwise(blocks):
        assert not block or block != following


@pytest.mark.parametrize("genre", DRUMMED)
def test_hats_breathe_and_accents_stand_out(genre: str) -> None:
    _, _, hits = track(genre)
    for sound in ("hat_closed", "shaker", "ride"):
        velocities = [hit.velocity for hit in hits if hit.sound == sound]
        if len(velocities) > 40:
            mean = sum(velocities) / len(velocities)
            deviation = (sum((v - mean) ** 2 for v in velocities) / len(velocities)) ** 0.5
            assert deviation >= 8, sound
    assert 0.2 <= VELOCITY["g"] / VELOCITY["X"] <= 0.3


@pytest.mark.parametrize("genre", DRUMMED)
def test_an_open_hat_silences_the_closed_one(genre: str) -> None:
    hits = track(genre)[2]
    opened = {round(hit.beat, 4) for hit in hits if hit.sound == "hat_open"}
    assert not [h for h in hits if h.sound == "hat_closed" and round(h.beat, 4) in opened]
    counted = Counter((round(hit.beat, 4), hit.sound) for hit in hits)
    assert max(counted.values()) == 1


@pytest.mark.parametrize("genre", DRUMMED)
def test_more_energy_gives_more_strokes(genre: str) -> None:
    calm = track(genre, energy_min=0, energy_max=20)[2]
    full = track(genre, energy_min=80, energy_max=100)[2]
    assert len(full) > 1.3 * len(calm)


@pytest.mark.parametrize("genre", DRUMMED)
def test_the_last_bar_of_a_block_takes_a_fill(genre: str) -> None:
    plan, sections, hits = track(genre)
    filled = 0
    for section in sections[:-1]:
        if not {"kick", "snare", "clap", "ride"} & set(section.roles) or section.bars < 8:
            continue
        last, before = section.end_bar - 1, section.end_bar - 2
        now = {(h.beat - last * 4, h.sound) for h in in_bar(hits, last)}
        then = {(h.beat - before * 4, h.sound) for h in in_bar(hits, before)}
        filled += now != then
    assert filled >= 2
    assert plan.spec.drums.fills


@pytest.mark.parametrize("name", sorted(_FILLS))
@pytest.mark.parametrize("genre", ["house", "jazz"])
def test_a_fill_stays_in_its_bar_and_changes_it(genre: str, name: str) -> None:
    plan = genre_plan(CONFIGS, genre, DAY)
    drums = plan.spec.drums.model_copy(update={"fills": (name,)})
    plan = plan.model_copy(update={"spec": plan.spec.model_copy(update={"drums": drums})})
    sounds = ["kick", "hat_closed", "shaker", "rim", "snare", "brush", "ride", "conga_high"]
    bar = [DraftHit(28 + step / 2, sound, 90) for step in range(8) for sound in sounds]
    for strength in (0.1, 0.6, 1.0):
        filled = fill_bar(plan, list(bar), 28.0, strength, 7)
        assert filled != bar
        assert all(28 <= hit.beat < 32 for hit in filled)
        assert {hit.sound for hit in filled} <= {*plan.kit}
        assert fill_bar(plan, list(bar), 28.0, strength, 7) == filled


def test_a_fill_needs_what_it_builds_on() -> None:
    plan = genre_plan(CONFIGS, "house", DAY)
    hats = [DraftHit(28 + step / 2, "hat_open", 90) for step in range(8)]
    drums = plan.spec.drums.model_copy(update={"fills": ("snare_roll", "kick_drop")})
    bare = plan.model_copy(update={"spec": plan.spec.model_copy(update={"drums": drums})})
    assert fill_bar(bare, hats, 28.0, 1.0, 7) == hats


@pytest.mark.parametrize("genre", ["trance", "edm"])
def test_a_build_goes_from_quarters_to_sixteenths_and_rises(genre: str) -> None:
    _, sections, hits = track(genre)
    build = next(section for section in sections if is_build(section.name))
    rolls = [
        hit
        for hit in hits
        if hit.sound == "snare" and build.start_bar * 4 <= hit.beat < build.end_bar * 4
    ]
    length = build.bars * 4
    halves = [
        sum(1 for hit in rolls if low <= (hit.beat - build.start_bar * 4) / length < high)
        for low, high in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1))
    ]
    assert halves[0] == halves[1] < halves[2] < halves[3]
    assert rolls[-1].velocity > rolls[0].velocity + 25
    assert any(hit.sound == "riser" and hit.beats == length for hit in hits)
    mute = mute_from(build, last=False)
    assert mute is not None
    assert not [h for h in hits if mute <= h.beat < mute + 1], "one beat of silence"


def test_each_transition_gives_its_cue() -> None:
    for genre in DRUMMED:
        plan, sections, hits = track(genre)
        for section, following in itertools.pairwise(sections):
            at = following.start_bar * 4.0
            sounds = {hit.sound for hit in hits if hit.beat == at}
            ending = {hit.sound for hit in hits if abs(hit.beat + hit.beats - at) < 1e-9}
            if section.transition == "crash" and "crash" in plan.kit:
                assert "crash" in sounds
            if section.transition == "noise_fall":
                assert "downlifter" in sounds
            if section.transition == "noise_rise":
                assert "riser" in ending
            if section.transition == "reverse_swell":
                assert "reverse_swell" in ending


def test_jazz_comping_is_never_the_same_twice_running(configs: Configs) -> None:
    for seed in range(5):
        plan = genre_plan(configs, "jazz", DAY, seed=seed)
        sections = fit_form(plan)
        hits = write_hits(plan, sections)
        lane = plan.spec.drums.lanes["brush"]
        vocabulary = {bar for i in range(6) for bar in lane_bars(lane, 12, i)}
        assert len(vocabulary) > 6
        figures = []
        for section in sections:
            for bar in range(section.start_bar, section.end_bar):
                brushed = tuple(h.beat - bar * 4 for h in in_bar(hits, bar) if h.sound == "brush")
                figures.append(brushed)
        assert len(set(figures)) > 8


def test_the_same_plan_always_gives_the_same_strokes() -> None:
    again = track.__wrapped__("techno")
    assert again == track("techno") and again is not track("techno")
