"""The parameters of every bed: names, units, ranges and defaults. No sound is made here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.plans.strict import Strict, Unit

Level = Annotated[float, Field(ge=-60, le=6)]  # dB against the bed's main layer
Pitch = Annotated[float, Field(ge=20, le=4000)]  # in any octave: a bed has its own


class Rain(Strict):
    """Steady rain: wash, drops with and without bubbles, a roof."""

    drops_per_s: Annotated[float, Field(ge=150, le=600)] = 380.0
    bubbles: Unit = 0.25  # share of drops that trap one
    roof_db: Level = -12.0
    gust_db: Annotated[float, Field(ge=0, le=4)] = 1.6
    top_hz: Annotated[float, Field(ge=3000, le=12000)] = 9000.0


class Ocean(Strict):
    """Surf on a sand beach."""

    swells: Annotated[int, Field(ge=3, le=4)] = 3
    period_min_s: Annotated[float, Field(ge=7, le=13)] = 7.5
    period_max_s: Annotated[float, Field(ge=7, le=13)] = 12.5
    backwash_db: Level = -13.0
    rumble_db: Level = -14.0


class Forest(Strict):
    """Wind in leaves and a handful of birds."""

    birds: Annotated[int, Field(ge=3, le=6)] = 5
    gap_s: Annotated[float, Field(ge=6, le=14)] = 9.0  # mean of each bird's pauses
    leaves_db: Level = -14.0


class Wind(Strict):
    """Wind in bare branches and leaves."""

    bands: Annotated[int, Field(ge=2, le=3)] = 3
    gust_db: Annotated[float, Field(ge=0, le=6)] = 4.0
    leaves_db: Level = -11.0


class River(Strict):
    """A brook over stones."""

    bubbles_per_s: Annotated[float, Field(ge=40, le=120)] = 85.0
    pitch_hz: Annotated[float, Field(ge=400, le=1600)] = 800.0  # median of the bubbles
    bed_db: Level = -9.0
    gurgle_db: Level = -10.0


class Fire(Strict):
    """A wood fire close by."""

    crackles_per_s: Annotated[float, Field(ge=4, le=12)] = 7.5
    pops_per_s: Annotated[float, Field(ge=0.02, le=1)] = 0.2
    hiss_db: Level = -20.0


class Crickets(Strict):
    """A meadow at night."""

    individuals: Annotated[int, Field(ge=4, le=8)] = 6
    pulse_hz: Annotated[float, Field(ge=45, le=75)] = 58.0
    air_db: Level = -15.0


class Vinyl(Strict):
    """The surface of a record in a quiet groove."""

    clicks_per_s: Annotated[float, Field(ge=8, le=14)] = 11.0
    pops_per_s: Annotated[float, Field(ge=0.02, le=1)] = 0.2
    hiss_db: Level = 0.0


class White(Strict):
    """Soft broadband noise."""

    top_hz: Annotated[float, Field(ge=2000, le=14000)] = 6500.0
    drift_octaves: Annotated[float, Field(ge=0, le=1)] = 0.35


class Room(Strict):
    """A reading room: air, and someone far away."""

    pages_gap_s: Annotated[float, Field(ge=8, le=120)] = 24.0
    creaks_gap_s: Annotated[float, Field(ge=8, le=240)] = 55.0


class Hum(Strict):
    """A transformer behind a wall, tuned."""

    tune_hz: Pitch = 110.0
    air_db: Level = -16.0


class Shimmer(Strict):
    """High grains on root, fifth and ninth, with air around them."""

    tune_hz: Pitch = 220.0
    grains_per_s: Annotated[float, Field(ge=3, le=16)] = 9.0
    air_db: Level = -10.0
