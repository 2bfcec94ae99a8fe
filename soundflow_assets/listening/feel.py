"""Feel: swing as played, unsteadiness, and whether hats breathe. Read from the kit's strokes.

Swing is where the off-beat of a pair falls, in percent of the pair (50 is straight, 66 a
triplet). It is taken within each sound, off-beats against on-beats, so that a drummer's fixed
offsets (a snare that lies back) do not count as swing. Jitter is what neither swing, tempo nor
offset explains.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from soundflow_assets.composition.perform import shared_clock
from soundflow_assets.composition.score import Hit, Score

PAIR_BEATS = {"sixteenth": 0.5, "eighth": 1.0}
SwingUnit = Literal["sixteenth", "eighth"]
_HATS = ("hat_closed", "hat_open", "ride", "shaker")
_ENOUGH = 16  # strokes from which a mean or a deviation can be told


def swing_played(score: Score, hits: Sequence[Hit], unit: SwingUnit) -> float | None:
    """Return the swing of the strokes as they sound, in percent of the pair.

    None where no sound strikes both the on-beats and the off-beats of the pair often enough.
    """
    pair, times = PAIR_BEATS[unit], score.beat_times_s
    on: dict[str, list[float]] = defaultdict(list)
    off: dict[str, list[float]] = defaultdict(list)
    for hit in hits:
        start = hit.beat // pair * pair
        place = hit.beat - start
        if place in (0.0, pair / 2.0):
            late = (_sounded_beat(times, hit.onset_s) - start) / pair
            (off if place else on)[hit.sound].append(late)
    found, weights = [], []
    for sound in sorted(off):
        if len(on[sound]) >= _ENOUGH and len(off[sound]) >= _ENOUGH:
            found.append((_mean(off[sound]) - _mean(on[sound])) * len(off[sound]))
            weights.append(len(off[sound]))
    return round(100.0 * math.fsum(found) / sum(weights), 2) if weights else None


def jitter_ms(score: Score, hits: Sequence[Hit], unit: SwingUnit) -> float | None:
    """Return the standard deviation in ms of the strokes from where swing and offset put them."""
    seconds = shared_clock(score.beat_times_s, score.swing, PAIR_BEATS[unit]).seconds
    late: dict[str, list[float]] = defaultdict(list)
    for hit in hits:
        if hit.duration_s == 0.0:
            late[hit.sound].append(hit.onset_s - seconds(hit.beat))
    left = []
    for sound in sorted(late):
        own = _mean(late[sound])
        left += [value - own for value in late[sound]]
    return round(1000.0 * _deviation(left), 3) if len(left) >= _ENOUGH else None


def hat_velocity_deviation(hits: Sequence[Hit]) -> float | None:
    """Return the smallest standard deviation of velocity (0 to 127) of any hat that plays often."""
    deviations = []
    for sound in _HATS:
        velocities = [float(hit.velocity) for hit in hits if hit.sound == sound]
        if len(velocities) >= _ENOUGH:
            deviations.append(_deviation(velocities))
    return round(min(deviations), 2) if deviations else None


def _sounded_beat(times: Sequence[float], seconds: float) -> float:
    """Return the beat of a moment by the `times` of all beats alone, swing not undone."""
    at = bisect_right(times, seconds, 1, len(times) - 1) - 1
    return at + (seconds - times[at]) / (times[at + 1] - times[at])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _deviation(values: Sequence[float]) -> float:
    mean = _mean(values)
    squares = ((value - mean) * (value - mean) for value in values)
    return math.sqrt(math.fsum(squares) / len(values))
