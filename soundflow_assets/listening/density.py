"""Density: whether fuller sections are those of which the plan wanted more energy.

Density counts what is struck a second: a chord in one part is one stroke, a drum sound on a beat
is one. Planned energy and density are compared by rank (Spearman's rho, ties share their rank), so
that nothing is said of how strongly one follows the other.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from soundflow_assets.composition.score import Score
from soundflow_assets.listening.symbolic import strokes

_SECTIONS = 4  # fewer give no correlation worth the name


def densities(score: Score) -> list[float]:
    """Return the strokes per second of every section."""
    struck: defaultdict[str, set[float]] = defaultdict(set)
    for part in score.parts:
        struck[part.role].update(note.beat for note in part.notes)
    for hit in strokes(score.hits):
        struck[hit.sound].add(hit.beat)
    beats = sorted(chain.from_iterable(struck.values()))
    return [
        (bisect_left(beats, end) - bisect_left(beats, start)) / (section.end_s - section.start_s)
        for section in score.sections
        for start, end in ((section.start_bar * 4.0, (section.start_bar + section.bars) * 4.0),)
    ]


def energy_correlation(score: Score) -> float | None:
    """Return the rank correlation of density with planned energy over the sections.

    None with fewer than four sections, or where all are of one energy or one density.
    """
    if len(score.sections) < _SECTIONS:
        return None
    return rank_correlation([section.energy for section in score.sections], densities(score))


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Spearman's rho, or None where one side does not vary.

    >>> rank_correlation([1, 2, 3], [10, 40, 20])
    0.5
    """
    ranks, others = _ranks(one), _ranks(other)
    middle = (len(ranks) + 1) / 2.0
    spread = math.fsum((rank - middle) * (rank - middle) for rank in ranks)
    spreads = math.fsum((rank - middle) * (rank - middle) for rank in others)
    if spread == 0.0 or spreads == 0.0:
        return None
    together = math.fsum((a - middle) * (b - middle) for a, b in zip(ranks, others, strict=True))
    return round(together / math.sqrt(spread * spreads), 4)


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1; equal values share the mean of theirs."""
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2.0
        for value in values
    ]
