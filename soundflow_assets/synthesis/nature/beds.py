"""Beds by name: checking their parameters, and making them tile by tile.

A bed is a function of (name, parameters, seed): the first ten seconds of an hour are the same as
ten seconds asked for alone. Memory in work is one tile, whatever the length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.strict import Strict
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.nature import (
    crickets,
    life,
    machines,
    parameters,
    places,
    surf,
    water,
    weather,
)
from soundflow_assets.synthesis.nature.curves import TILE
from soundflow_assets.synthesis.nature.grains import COLUMNS, Table
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.scene import tiles

FILE = "generator_configs/nature.yaml"
NOMINAL_LUFS = -20.0  # of every bed in its default form, within about 1.5 LU


class Kind(NamedTuple):
    """A bed's grammar, its maker, and the level that brings its default form to nominal."""

    model: type[Strict]
    make: Callable[[Any, int], Landscape]


BEDS: dict[str, Kind] = {
    "rain": Kind(parameters.Rain, weather.rain),
    "ocean": Kind(parameters.Ocean, surf.ocean),
    "forest": Kind(parameters.Forest, life.forest),
    "wind": Kind(parameters.Wind, weather.wind),
    "river": Kind(parameters.River, water.river),
    "fire": Kind(parameters.Fire, places.fire),
    "crickets": Kind(parameters.Crickets, crickets.crickets),
    "vinyl": Kind(parameters.Vinyl, machines.vinyl),
    "white": Kind(parameters.White, weather.white),
    "room": Kind(parameters.Room, places.room),
    "hum": Kind(parameters.Hum, machines.hum),
    "shimmer": Kind(parameters.Shimmer, machines.shimmer),
}


def has_pitch(name: str) -> bool:
    """Whether the bed follows `tune_hz`."""
    return name in BEDS and "tune_hz" in BEDS[name].model.model_fields


def landscape(name: str, params: Mapping[str, Any], seed: int) -> Landscape:
    """Return a fresh bed.

    Raises
    ------
    BadInput
        If the bed or a parameter is unknown or out of range; names file, bed and field.
    """
    if name not in BEDS:
        raise BadInput(f"{FILE}: beds.{name}: unknown bed; known: {', '.join(BEDS)}")
    kind = BEDS[name]
    try:
        checked = kind.model.model_validate(dict(params))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            problem = f"unknown field; known: {', '.join(sorted(kind.model.model_fields))}"
        else:
            problem = f"{first['msg']}, found {first['input']!r}"
        raise BadInput(f"{FILE}: beds.{name}.{field}: {problem}") from error
    return kind.make(checked, seed)


def validate(beds: Mapping[str, Mapping[str, Any]]) -> None:
    """Check all beds as read from their file; raise `BadInput` at the first fault."""
    for name, params in beds.items():
        if not isinstance(params, Mapping):
            raise BadInput(f"{FILE}: beds.{name}: expected fields, found {params!r}")
        landscape(name, params, 0)


def render_bed_into(name: str, params: Mapping[str, Any], out: Audio, seed: int) -> None:
    """Write a bed over the whole of `out`, float32 (2, samples), at about -20 LUFS.

    Raises
    ------
    BadInput
        If the bed or a parameter is unknown or out of range.
    """
    for start, tile in bed_tiles(name, params, out.shape[1], seed):
        out[:, start : start + tile.shape[1]] = tile


def bed_tiles(
    name: str, params: Mapping[str, Any], samples: int, seed: int
) -> Iterator[tuple[int, Audio]]:
    """Yield (start, tile) of a bed of `samples`; see `render_bed_into`.

    A tile, float32 (2, up to `TILE`), is good until the next one is asked for.
    """
    return together([(landscape(name, params, seed), 1.0)], samples)


def together(heard: Sequence[tuple[Landscape, float]], samples: int) -> Iterator[tuple[int, Audio]]:
    """Yield (start, tile) of fresh landscapes together, each brought to nominal, then by its gain.

    A tile, float32 (2, up to `TILE`), is good until the next one is asked for.
    """
    return tiles([(one, gain * float(db_to_gain(one.level_db))) for one, gain in heard], samples)


def render_bed(name: str, params: Mapping[str, Any], samples: int, seed: int) -> Audio:
    """Return a bed, float32 (2, `samples`), at about -20 LUFS; see `render_bed_into`."""
    out = np.empty((2, samples), np.float32)
    render_bed_into(name, params, out, seed)
    return out


def events(name: str, params: Mapping[str, Any], samples: int, seed: int) -> dict[str, Table]:
    """Return what happens in a bed without making sound: a table of grains (n, columns) by kind.

    The columns are those of `grains`; onsets are samples.
    """
    bed = landscape(name, params, seed)
    found: dict[str, Table] = {}
    for kind in bed.events:
        tables = [kind.schedule(start) for start in range(0, samples, TILE)]
        table = np.concatenate([np.zeros((0, COLUMNS)), *tables])
        found[kind.name] = table[table[:, 0] < samples]
    return found
