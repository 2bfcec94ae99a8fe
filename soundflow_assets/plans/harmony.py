"""The harmony block of a genre: its chord loops and what may colour them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from soundflow_assets.plans.strict import Name, Strict

Mode = Literal["major", "minor", "dorian", "phrygian", "lydian", "mixolydian"]


class Progression(Strict):
    """A chord loop: its mode and its chords in Roman numerals."""

    name: Name
    mode: Mode
    chords: Annotated[tuple[str, ...], Field(min_length=1)]
    planing: bool = False  # parallel motion is meant; voice leading rules are off


class Harmony(Strict):
    """The progressions a genre may use, and what may colour them."""

    progressions: Annotated[tuple[Progression, ...], Field(min_length=6)]
    bars_per_chord: Annotated[float, Field(gt=0)] = 1.0  # stretches the written lengths
    # How often in 8 bars a secondary dominant or tritone substitute comes, at most.
    substitutions: Annotated[float, Field(ge=0, le=2)] = 0.0
    periods: bool = False  # a half cadence in bar 4 and a full one in bar 8, with suspensions
