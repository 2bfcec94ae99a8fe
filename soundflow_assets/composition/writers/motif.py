"""Motifs: short ideas in rhythm and scale steps, their transformations, and how they find pitches.

A motif knows no key. `Cell.step` counts steps of the scale of the moment from where the phrase
stands, so that the same motif sung over another chord is still itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from soundflow_assets.composition.consonance import Sounding
from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftChord
from soundflow_assets.composition.voicing import CLASHING
from soundflow_assets.composition.writers.paper import Chords

LEAP = 7  # semitones: a wider leap is answered by a step back
STEP, THIRD = 2, 4  # semitones, at most


class Cell(NamedTuple):
    """One note of a motif: where (beats from the start), how long, and how many steps away."""

    at: float
    beats: float
    step: int


Motif = tuple[Cell, ...]

# Rhythms in eighths: of one bar, with a bar of rest behind it, and of two bars. Triplet genres read
# them as swung eighths.
SHORT_RHYTHMS = (
    (0, 3, 6),
    (0, 2, 3, 6),
    (0, 3, 4, 6),
    (2, 3, 4, 6),
    (0, 4, 5, 6),
    (0, 1, 2, 4, 6),
    (1, 2, 4, 5),
    (0, 3, 6, 8),
    (3, 4, 6, 8),
    (0, 6, 7, 8),
    (2, 4, 6, 7, 8),
    (1, 4, 6, 9),
)
LONG_RHYTHMS = (
    (0, 3, 6, 8, 10),
    (0, 2, 5, 8, 11),
    (0, 4, 7, 8, 10),
    (0, 3, 4, 6, 8, 11),
    (0, 2, 3, 6, 8, 10, 12),
    (0, 4, 6, 7, 8, 12),
    (2, 4, 6, 8, 11, 12),
    (0, 6, 7, 8, 12),
    (0, 3, 4, 8, 11, 12),
    (0, 2, 4, 6, 8, 9, 12),
    (2, 4, 6, 7, 8, 10),
    (0, 4, 8, 10, 11, 12),
)
STEPS = (-2, -1, -1, 1, 1, 2)
LEAPS = (-4, -3, 3, 4)
LONG_BELOW_REST = 0.45  # parts that rest less than this speak in two-bar motifs


def draw_motif(rng: np.random.Generator, rest: float) -> Motif:
    """Return a motif of 3 to 7 notes over one or two bars, the longer the less a part rests.

    It moves by steps, with one leap at most, which the next note answers the other way.
    """
    rhythms = LONG_RHYTHMS if rest < LONG_BELOW_REST else SHORT_RHYTHMS
    places = rhythms[int(rng.integers(len(rhythms)))]
    leap = int(rng.integers(1, len(places))) if rng.random() < 0.6 else 0
    cells: list[Cell] = []
    step, moved = 0, 0
    for i, place in enumerate(places):
        following = places[i + 1] if i + 1 < len(places) else place + 3
        if i:
            pool: tuple[int, ...] = LEAPS if i == leap else STEPS
            if abs(moved) > 2:
                pool = tuple(size for size in STEPS if size * moved < 0)
            moved = pool[int(rng.integers(len(pool)))]
            moved = -moved if not -4 <= step + moved <= 5 else moved
            step += moved
        cells.append(Cell(place / 2, min((following - place) / 2, 2.0), step))
    return tuple(cells)


def stretch(motif: Motif, factor: float) -> Motif:
    """Return the motif in longer notes: augmentation."""
    return tuple(Cell(cell.at * factor, cell.beats * factor, cell.step) for cell in motif)


def sequence(motif: Motif, steps: int) -> Motif:
    """Return the motif some scale steps higher or lower."""
    return tuple(cell._replace(step=cell.step + steps) for cell in motif)


def truncate(motif: Motif, notes: int) -> Motif:
    """Return the first `notes` notes."""
    return motif[: max(2, notes)]


def invert(motif: Motif) -> Motif:
    """Return the motif upside down about its first note."""
    return tuple(cell._replace(step=2 * motif[0].step - cell.step) for cell in motif)


def shift(motif: Motif, beats: float) -> Motif:
    """Return the motif later by `beats`."""
    return tuple(cell._replace(at=cell.at + beats) for cell in motif)


def ornament(motif: Motif, rng: np.random.Generator) -> Motif:
    """Return the motif with a short upper neighbour before one of its longer notes."""
    long = [i for i, cell in enumerate(motif) if cell.beats >= 1.0]
    if not long:
        return motif
    at = long[int(rng.integers(len(long)))]
    cell = motif[at]
    turned = (
        cell._replace(beats=0.5, step=cell.step + 1),
        cell._replace(at=cell.at + 0.5, beats=cell.beats - 0.5),
    )
    return motif[:at] + turned + motif[at + 1 :]


def closing(motif: Motif, lower: int = 0) -> Motif:
    """Return the motif with its last note long, and `lower` steps down, to end a phrase."""
    last = motif[-1]
    return (*motif[:-1], last._replace(beats=max(2.0, last.beats), step=last.step - lower))


class Singer:
    """Turns cells into pitches: chord tones on strong beats, steps after leaps, within a range."""

    def __init__(self, chords: Chords, low: int, high: int, sounding: Sounding) -> None:
        self._chords = chords
        self._low, self._high = low, high
        self._sounding = sounding

    def ladder(
        self, beat: float, beats: float, *, firm: bool = False, passing: bool = False
    ) -> Sequence[int]:
        """Return the pitches that may sound at `beat` for `beats`: scale, or chord tones if `firm`.

        Left out is what grates against the chord or against what other parts sound meanwhile,
        unless the note is only `passing`.
        """
        own = _ladder(self._chords.at(beat), self._low, self._high, firm, passing)
        if passing:
            return own
        free = [p for p in own if not self._sounding.grates(p, beat, beats)]
        return free or own

    def sing(
        self,
        motif: Motif,
        start: float,
        home: float,
        *,
        after: Sequence[int] = (),
        closed: bool = False,
    ) -> list[tuple[Cell, int]]:
        """Return a pitch for every cell of `motif` placed at beat `start` around pitch `home`.

        It goes on from the pitches `after` where it follows them closely. A `closed` motif ends on
        the root, third or fifth of the chord it reaches.
        """
        sung: list[tuple[Cell, int]] = []
        owed = _owed(*after[-2:]) if len(after) > 1 else 0
        for cell in motif:
            before = sung[-1] if sung else (Cell(-1.0, 1.0, 99), after[-1]) if after else None
            beat = start + cell.at
            firm = is_strong(beat) or cell.beats >= 1.5
            choices = self.ladder(beat, cell.beats, firm=firm)
            if closed and cell is motif[-1]:
                triad = self._chords.at(beat).pitch_classes[:3]
                choices = [p for p in choices if p % 12 in triad] or choices
            if before is not None and owed:
                choices = self._recovering(before[1], owed, beat, cell.beats) or choices
            pitch = self._nearest(choices, self._aim(beat, home, cell.step), cell, before)
            owed = _owed(before[1], pitch) if before is not None else 0
            sung.append((cell, pitch))
        return sung

    def _aim(self, beat: float, home: float, step: int) -> int:
        """Return the pitch `step` steps of the scale of the moment away from `home`."""
        ladder, anchor = _anchored(self._chords.at(beat).scale, self._low, self._high, home)
        return ladder[min(len(ladder) - 1, max(0, anchor + step))]

    def _nearest(
        self, choices: Sequence[int], aim: int, cell: Cell, before: tuple[Cell, int] | None
    ) -> int:
        """Return the choice nearest to `aim` that makes no needless leap or repetition.

        The choices rise, so that of two that are as near the lower one is sung.
        """
        if before is None:
            return min(choices, key=lambda pitch: abs(pitch - aim))
        last, sung = before
        turn = cell.step - last.step

        def price(pitch: int) -> float:
            move = pitch - sung
            far = abs(move)
            wide = 0.6 * (far - 5) + 2.0 * max(0, far - LEAP) if far > 5 else 0.0
            same = 3.0 if move == 0 and turn else 0.0
            turned = 2.0 if move * turn < 0 else 0.0
            return abs(pitch - aim) + wide + same + turned

        return min(choices, key=price)

    def _recovering(self, before: int, direction: int, beat: float, beats: float) -> list[int]:
        """Return what lies a step back after a leap, or else a third, chord tones where it can."""
        for reach in (STEP, THIRD):
            for firm in (is_strong(beat), False):
                ladder = self.ladder(beat, beats, firm=firm)
                near = [p for p in ladder if 0 < (p - before) * direction <= reach]
                if near:
                    return near
        return []


@lru_cache(maxsize=4096)
def _ladder(chord: DraftChord, low: int, high: int, firm: bool, passing: bool) -> tuple[int, ...]:
    """Return the pitches of the chord's scale, or its tones if `firm`, less what grates on it."""
    near = [p for p in range(low, high + 1) if passing or not grates(p, chord)]
    tones = chord.pitch_classes if firm else chord.scale
    return tuple([p for p in near if p % 12 in tones] or near)


@lru_cache(maxsize=1024)
def _anchored(
    scale: tuple[int, ...], low: int, high: int, home: float
) -> tuple[tuple[int, ...], int]:
    """Return the pitches of a scale in the range, and the place of the one nearest to `home`."""
    ladder = tuple(p for p in range(low, high + 1) if p % 12 in scale)
    return ladder, min(range(len(ladder)), key=lambda i: (abs(ladder[i] - home), i))


def _owed(one: int, two: int) -> int:
    """Return the direction in which the leap from `one` to `two` has to be recovered, or 0."""
    if abs(two - one) <= LEAP:
        return 0
    return -1 if two > one else 1


def is_strong(beat: float) -> bool:
    """Whether `beat` is the first or third of its bar."""
    place = beat % BEATS_PER_BAR
    return min(abs(place), abs(place - 2.0), abs(place - 4.0)) < 0.01


def grates(pitch: int, chord: DraftChord) -> bool:
    """Whether a pitch lies a minor second or ninth from the chord's voicing or above its bass."""
    return (pitch - 1) % 12 == chord.bass or any(
        abs(pitch - other) in CLASHING for other in chord.voicing
    )


def nearest_tone(pitch: int, chord: DraftChord, low: int, high: int) -> int:
    """Return the chord tone nearest to `pitch` that does not grate against the chord's voicing."""
    tones = [
        p for p in range(low, high + 1) if p % 12 in chord.pitch_classes and not grates(p, chord)
    ]
    return min(tones, key=lambda p: (abs(p - pitch), p)) if tones else pitch
