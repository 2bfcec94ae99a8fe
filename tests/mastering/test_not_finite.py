"""A sample that is no number never leaves the stage it arose in, and is told by name and place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import short_track
import test_render_mix

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.programme import Passage
from soundflow_assets.errors import Failed
from soundflow_assets.mastering import master, programme
from soundflow_assets.mastering.console import Console
from soundflow_assets.plans.model import Bed, Modulation
from soundflow_assets.synthesis import stems
from soundflow_assets.synthesis.effects.bus import Bus
from soundflow_assets.synthesis.effects.space import Space

AT_S = 7.0
PLAN = short_track.plan(
    beds=(Bed(name="rain", gain_db=0.0),), modulation=Modulation(depth_percent=20.0)
)
SCORE = short_track.score()
# What is told; where the fault is; which argument is the sound it is put into.
STAGES = [
    ("stem 'drums'", stems, "lay_hits", 3),
    ("stem 'bass'", stems, "lay_part", 4),
    ("stem 'bass'", Bus, "process", 1),
    ("the mix", stems, "pour", 3),
    ("stem 'delay'", Space, "write_echoes", 1),
    ("stem 'reverb'", Space, "write_reverberation", 1),
    ("stem 'bed'", stems, "lay_beds", 2),
    ("what left the console", Console, "process", 1),
]


def made() -> None:
    reel = programme.render_mix(PLAN, [Passage(PLAN, SCORE, 0)])
    master.premaster(PLAN, SCORE, reel)
    master.level(master.aim_of(PLAN), reel)


def spoiling(work: Callable[..., Any], argument: int, value: float) -> Callable[..., Any]:
    """Return `work`, after which one sample of the sound it was given is `value`."""

    def spoiled(*given: Any) -> Any:
        done = work(*given)
        sound = given[argument]
        if sound.shape[1] > AT_S * SAMPLE_RATE:
            sound[0, round(AT_S * SAMPLE_RATE)] = value
        return done

    return spoiled


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("told", "owner", "name", "argument"), STAGES)
def test_it_is_caught_where_it_arises(
    monkeypatch: pytest.MonkeyPatch, told: str, owner: Any, name: str, argument: int, value: float
) -> None:
    monkeypatch.setattr(owner, name, spoiling(getattr(owner, name), argument, value))
    # Echoes and filters may carry it backwards by a tile of a stem, forwards by any time.
    with pytest.raises(Failed, match=rf"{told} has samples .* from [67]\.\d s .*'section1'"):
        made()


def test_without_a_fault_nothing_is_told() -> None:
    made()


def test_it_is_caught_in_the_bed_of_a_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = programme.bed_sum

    def spoiled(*given: Any) -> Any:
        for start, tile in laid(*given):
            if start <= AT_S * SAMPLE_RATE < start + tile.shape[1]:
                tile[1, round(AT_S * SAMPLE_RATE) - start] = np.nan
            yield start, tile

    monkeypatch.setattr(programme, "bed_sum", spoiled)
    plan = test_render_mix.programme(beds=PLAN.beds)
    with pytest.raises(Failed, match=r"stem 'bed' has samples .* from 7\.0 s .*section0"):
        programme.render_mix(plan, test_render_mix.PASSAGES)
