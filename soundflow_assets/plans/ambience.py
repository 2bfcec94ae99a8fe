"""Ambience: which beds lie under the music, and how loud."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.model import Bed, PlanEntry
from soundflow_assets.plans.seeds import generator

# Ambience level -> loudness of all beds against the music, in LU.
BED_LOUDNESS = ((0, -34.0), (10, -30.0), (30, -22.0), (60, -12.0), (80, -5.0), (100, 2.0))


def bed_loudness_lu(level: float) -> float:
    """Return the loudness of the beds against the music for an ambience level of 0 to 100."""
    for (low, quiet), (high, loud) in pairwise(BED_LOUDNESS):
        if level <= high:
            return round(quiet + (loud - quiet) * (level - low) / (high - low), 2)
    return BED_LOUDNESS[-1][1]


def ambience_level(entry: PlanEntry, date: dt.date, seed: int) -> int:
    """Draw the day's level from the entry's range."""
    rng = generator("ambience", entry.id, date, seed)
    return int(rng.integers(entry.ambienceMin, entry.ambienceMax + 1))


def beds_of(configs: Configs, entry: PlanEntry) -> tuple[Bed, ...]:
    """Weigh the noise beds by the entry's ambience and add those its nature tags stand for.

    A bed that is asked for twice takes the louder level.
    """
    weights = entry.ambience.model_dump()
    heaviest = max(weights.values())
    gains = {
        name: round(20.0 * math.log10(weight / heaviest), 2)
        for name, weight in weights.items()
        if weight > 0
    }
    for tag in entry.natureTags:
        for name, gain_db in configs.nature.tags[tag].items():
            gains[name] = max(gain_db, gains.get(name, gain_db))
    return tuple(
        Bed(name=name, gain_db=gain_db, params=configs.nature.beds[name])
        for name, gain_db in sorted(gains.items())
    )
