"""Major or minor: which progressions of a genre can be played in a key.

Apart from `choices`, so that configuration can be checked without anything that draws numbers.
"""

from __future__ import annotations

from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.harmony import Mode, Progression

MINOR_MODES: frozenset[Mode] = frozenset({"minor", "dorian", "phrygian"})


def is_minor(progression: Progression) -> bool:
    """Say whether the progression's tonic chord has a minor third."""
    return progression.mode in MINOR_MODES


def progressions_of(spec: GenreSpec, minor: bool | None) -> tuple[Progression, ...]:
    """Return the progressions that can be played in a key (None = any key)."""
    return tuple(p for p in spec.harmony.progressions if minor is None or is_minor(p) == minor)
