"""Best of three: a plan is composed three times, and the score that measures best is kept.

The candidates share everything the plan has chosen (progression, grids, key, form, instruments);
their number enters the composition's seeds alone, so they differ in what players decide: soft
strokes, fills, turns of the melody. Fewest missed targets wins, then the place inside the ranges,
then the lower number. All of it is exact arithmetic on the score, so every machine chooses alike.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from soundflow_assets.composition.compose import passages
from soundflow_assets.composition.programme import Passage, joined
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.score_report import Aim, aims
from soundflow_assets.plans.model import CANDIDATES, TrackPlan


@dataclass(frozen=True, slots=True)
class Candidate:
    """A composed track: its plan with the candidate settled, its movements, and the whole."""

    plan: TrackPlan
    passages: tuple[Passage, ...]
    score: Score


def best_candidate(plan: TrackPlan) -> Candidate:
    """Return the candidate of `plan` that measures best.

    A plan whose candidate is settled already is composed once.
    """
    with _cycles_left_alone():
        if plan.candidate is not None:
            return _composed(plan)
        tried = []
        for number in range(CANDIDATES):
            candidate = _composed(plan.model_copy(update={"candidate": number}))
            misses, room = standing(aims(candidate.score, candidate.plan))
            tried.append((misses, -room, number, candidate))
        return min(tried, key=lambda one: one[:3])[3]


@contextmanager
def _cycles_left_alone() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: composing makes many small objects and no cycle."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _composed(plan: TrackPlan) -> Candidate:
    played = passages(plan)
    return Candidate(plan, played, joined(plan, played))


def standing(found: Iterable[Aim]) -> tuple[int, float]:
    """Return how many aims are missed, and the mean room that the judged ones have."""
    judged = [aim for aim in found if aim.judged]
    if not judged:
        return 0, 0.0
    mean = math.fsum(room(aim) for aim in judged) / len(judged)
    return sum(not aim.met for aim in judged), round(mean, 6)


def room(aim: Aim) -> float:
    """Return where a judged value lies: 1 well inside its limits, 0 on one of them, to -1 outside.

    Between two limits the middle is best; of a single limit, as far off as the limit is large.

    >>> room(Aim("rest", 0.6, low=0.5)), room(Aim("entropy", 2.5, low=2.0, high=3.0))
    (0.2, 1.0)
    """
    assert aim.value is not None  # noqa: S101  only judged aims have room
    below, above = aim.value - aim.low, aim.high - aim.value
    if math.isfinite(below) and math.isfinite(above):
        scale = (aim.high - aim.low) / 2.0
    else:
        scale = abs(aim.low if math.isfinite(below) else aim.high)
    inside = min(below, above)
    if scale == 0.0:
        return 1.0 if inside >= 0.0 else -1.0
    return round(min(1.0, max(-1.0, inside / scale)), 6)
