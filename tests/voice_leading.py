"""How far voices move from chord to chord."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from soundflow_assets.composition.voicing import Voicing


def mean_movement(voicings: Sequence[Voicing]) -> float:
    """Return semitones per voice and change, voices paired from the top."""
    moves = [
        abs(a - b)
        for one, two in pairwise(voicings)
        for a, b in zip(reversed(one), reversed(two), strict=False)
    ]
    return sum(moves) / len(moves) if moves else 0.0
