"""A programme on its reel: one bed, movements of one loudness, and no step where they meet."""

from __future__ import annotations

import numpy as np
import pytest
import short_track

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.composition.programme import Passage, handed_over
from soundflow_assets.errors import Failed
from soundflow_assets.mastering.programme import render_apart, render_mix
from soundflow_assets.plans.model import Bed, Movement, Programme, TrackPlan
from soundflow_assets.synthesis.dry import bed_sum
from soundflow_assets.synthesis.kernels.loudness import (
    CELL,
    loudness_of,
    sliding_loudness,
    weighted_energies,
)
from soundflow_assets.synthesis.stems import MIX_LUFS

BLEND_BARS = 4
BAR_S = 2.0
SCORE = short_track.score(20.0)
ALONE = short_track.plan(duration_s=20.0)
STARTS = (0, SCORE.bars - BLEND_BARS)
SECONDS = STARTS[1] * BAR_S + 20.0


def programme(**changes: object) -> TrackPlan:
    movement = Movement(
        seed=1, key="Am", start_bar=0, duration_s=20.0, energy_min=0, energy_max=100,
        choices=ALONE.choices, kit={},
    )  # fmt: skip
    two = Programme(blend_bars=BLEND_BARS, movements=(movement, movement))
    return short_track.plan(duration_s=SECONDS, programme=two, **changes)


PASSAGES = handed_over([Passage(ALONE, SCORE, start) for start in STARTS], BLEND_BARS)


def rendered(plan: TrackPlan) -> Audio:
    reel = render_mix(plan, PASSAGES)
    return reel.read(0, reel.samples)


@pytest.fixture(scope="module")
def music() -> Audio:
    return rendered(programme(beds=()))


def test_the_mix_is_exactly_as_long_as_planned(music: Audio) -> None:
    assert music.shape == (2, round(SECONDS * SAMPLE_RATE))


def test_every_movement_has_the_same_loudness(music: Audio) -> None:
    bar = round(BAR_S * SAMPLE_RATE)
    first = music[:, : STARTS[1] * bar]
    second = music[:, (STARTS[1] + BLEND_BARS) * bar :]
    assert loudness_of(first) == pytest.approx(MIX_LUFS, abs=1.0)
    assert loudness_of(second) == pytest.approx(loudness_of(first), abs=1.0)


def test_a_blend_is_neither_a_hole_nor_a_step(music: Audio) -> None:
    bars = sliding_loudness(weighted_energies(music, CELL), 20)[::20]
    blend = bars[STARTS[1] : STARTS[1] + BLEND_BARS]
    around = [*bars[STARTS[1] - 3 : STARTS[1]], *bars[STARTS[1] + BLEND_BARS :][:3]]
    assert min(blend) > min(around) - 1.5
    assert max(blend) < max(around) + 3.5
    assert np.abs(np.diff(bars[STARTS[1] - 1 : STARTS[1] + BLEND_BARS + 1])).max() < 3.0


def test_one_bed_runs_under_all_movements_and_never_begins_again(music: Audio) -> None:
    plan = programme(beds=(Bed(name="rain", gain_db=0.0),), bed_loudness_lu=-10.0)
    bed = rendered(plan) - music
    tiles = [tile.copy() for _, tile in bed_sum(plan, plan.beds, bed.shape[1])]
    once = np.concatenate(tiles, axis=1)
    settled = slice(3 * SAMPLE_RATE, None)
    gain = float(
        np.vdot(bed[:, settled], once[:, settled]) / np.vdot(once[:, settled], once[:, settled])
    )
    assert np.abs(bed[:, settled] - np.float32(gain) * once[:, settled]).max() < 1e-5
    assert loudness_of(np.ascontiguousarray(bed)) == pytest.approx(MIX_LUFS - 10.0, abs=0.6)


def test_a_movement_without_sound_fails_with_its_place() -> None:
    silent = short_track.replace(SCORE, parts=(), hits=())
    parts = (PASSAGES[0], Passage(ALONE, silent, STARTS[1]))
    with pytest.raises(Failed, match=r"no stem sounds from 10 s on"):
        render_mix(programme(beds=()), parts)


def test_progress_rises_evenly_over_all_movements() -> None:
    told: list[float] = []
    render_mix(programme(beds=()), PASSAGES, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert np.diff(told).max() < 0.5


def test_stems_of_a_programme_add_up_to_its_mix_and_the_bed_is_apart(music: Audio) -> None:
    plan = programme(beds=(Bed(name="rain", gain_db=0.0),))
    stems = {
        role: reel.read(0, reel.samples) for role, reel in render_apart(plan, PASSAGES).items()
    }
    apart = sum(audio for role, audio in stems.items() if role != "bed")
    assert np.abs(apart - music).max() < 10 ** (-90 / 20)
    assert np.abs(apart + stems["bed"] - rendered(plan)).max() < 10 ** (-90 / 20)
