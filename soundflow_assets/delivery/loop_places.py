"""Where a track can be cut into a loop: pairs of bars between which it may jump back.

A loop begins and ends where a section, a phrase or half a phrase begins, the opening and the ending
left out, and is a whole number of phrases of eight bars long. Music without a beat needs no
phrases: any whole number of bars will do. Longest first, unless the harmony or the level at the end
would not lead into the beginning.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.synthesis.kernels.math import gain_to_db

PHRASE = 8  # bars
HALF_PHRASE = 4  # fills and stops stand before whole ones, so here the level is often more even
BEATS = 4  # to a bar
LONGEST_S = 480.0  # players hold a loop as decoded samples: 170 MB for eight minutes
BLEND_BARS = 2
BEATLESS_BLEND_S = 8.0
LEVEL_STEP_DB = 1.0  # more is heard as a jump
# What a fault at the join is worth as a share of the longest loop's length.
_CLASH_COST = 0.3
STEP_COST = 0.1  # a dB
_HALF_PHRASE_COST = 0.03
_QUIETEST = 1e-12


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch that may repeat: bars `start` to `end`, of which the last `blend` are blended.

    `cost` is what speaks against it, as a share of the longest loop's length.
    """

    start: int
    end: int
    blend: int
    cost: float = 0.0

    @property
    def bars(self) -> int:
        """Length in bars."""
        return self.end - self.start


def keeps_time(spec: GenreSpec) -> bool:
    """Whether a genre has a beat or at least phrases, so that loops must be whole phrases."""
    return bool(spec.drums.kits) or spec.bpm.rubato > 0.0


def bar_samples(score: Score, samples: int) -> list[int]:
    """Return where each bar begins and the last one ends, in samples of a file this long."""
    times = score.beat_times_s[::BEATS]
    return [min(samples, round(time * SAMPLE_RATE)) for time in times]


def places(score: Score, powers: Sequence[float], steady: bool) -> list[Place]:
    """Return every place that is worth trying, best first.

    Parameters
    ----------
    score
        Of the whole track.
    powers
        Mean K-weighted power of each bar.
    steady
        Whether loops must keep to phrases: false for music without a beat.
    """
    blend = _blend_bars(score, steady)
    found = list(_possible(score, len(powers), blend, steady))
    longest = max((place.bars for place in found), default=1)
    phrases = _marks(score, PHRASE)
    onsets = [chord.beat for chord in score.chords]
    ranked = []
    for place in found:
        step_db = abs(_step_db(place, powers))
        if step_db <= 1.5 * LEVEL_STEP_DB:
            cost = (
                1.0
                - place.bars / longest
                + _CLASH_COST * _clash(score, onsets, place)
                + STEP_COST * step_db
                + _HALF_PHRASE_COST * (place.start not in phrases)
            )
            ranked.append(replace(place, cost=round(cost, 6)))
    return sorted(ranked, key=lambda place: (place.cost, -place.start))


def _blend_bars(score: Score, steady: bool) -> int:
    if steady:
        return BLEND_BARS
    return max(BLEND_BARS, round(BEATLESS_BLEND_S * score.bpm / (60.0 * BEATS)))


def _marks(score: Score, unit: int) -> set[int]:
    """Return the bars on which a section begins, or `unit` bars of one."""
    return {
        bar
        for section in score.sections
        for bar in range(section.start_bar, section.start_bar + section.bars, unit)
    }


def _possible(score: Score, bars: int, blend: int, steady: bool) -> Iterator[Place]:
    first, last = score.sections[0], score.sections[-1]
    earliest, latest = first.start_bar + first.bars, min(bars, last.start_bar)
    most = LONGEST_S * score.bpm / (60.0 * BEATS)
    step = PHRASE if steady else 1
    for start in sorted(_marks(score, HALF_PHRASE)):
        if start < max(earliest, blend):
            continue
        for length in range(PHRASE, latest - start + 1, step):
            if length <= most:
                yield Place(start, start + length, blend)


def _step_db(place: Place, powers: Sequence[float]) -> float:
    """Return the level of the loop's first bar over its last one, the blend as it will be."""
    share = 1.0 / (2 * place.blend)  # of the old in the last bar: a sine's square, roughly
    last = share * powers[place.end - 1] + (1.0 - share) * powers[place.start - 1]
    ratio = (powers[place.start] + _QUIETEST) / (last + _QUIETEST)
    return float(0.5 * gain_to_db(ratio))


def _clash(score: Score, onsets: Sequence[float], place: Place) -> float:
    """Return how little the harmonies have in common that sound at once in the blend, 0 to 1."""
    if not onsets:
        return 0.0
    beats = range(BEATS * (place.end - place.blend), BEATS * place.end)
    distance = 0.0
    for beat in beats:
        one = _sounding(score, onsets, beat)
        other = _sounding(score, onsets, beat - BEATS * place.bars)
        distance += 1.0 - len(one & other) / len(one | other)
    return distance / len(beats)


def _sounding(score: Score, onsets: Sequence[float], beat: float) -> set[int]:
    """Return the pitch classes of the chord at a beat."""
    index = max(0, bisect.bisect_right(onsets, beat + 0.5) - 1)
    return set(score.chords[index].pitch_classes)
