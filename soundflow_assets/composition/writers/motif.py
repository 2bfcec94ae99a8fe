"""Motifs: short ideas in rhythm and scale steps, their transformations, and how they find pitches.

A motif knows no key. `Cell.step` counts steps of the scale of the moment from where the phrase
stands, so that the same motif sung over another chord is still itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundflow_assets.composition.consonance import Sounding
from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftChord
from soundflow_assets.composition.voicing import CLASHING
from soundflow_assets.composition.writers.paper import Chords

LEAP = 7  # semitones: a wider leap is answered by a step back


@dataclass(frozen=True, slots=True)
class Cell:
    """One note of a motif: where (beats from the start), how long, and how many steps away."""

    at: float
    beats: float
    step: int


Motif = tuple[Cell, ...]

# Rhythms in eighths of a two-bar span (16 places); triplet genres read them as swung eighths.
RHYTHMS = (
    (0, 3, 6),
    (0, 2, 3, 6),
    (0, 3, 4, 6),
    (2, 3, 4, 6),
    (0, 4, 5, 6),
    (0, 1, 2, 4, 6),
    (1, 2, 4, 5),
    (0, 3, 6, 8, 10),
    (0, 2, 5, 8, 11),
    (3, 4, 6, 8),
    (0, 4, 7, 8, 10),
    (2, 4, 6, 7, 8, 10),
    (0, 6, 7, 8),
    (1, 4, 6, 9),
)
STEPS = (-2, -1, -1, 1, 1, 2, 3, -3)


def draw_motif(rng: np.random.Generator, rest: float) -> Motif:
    """Return a motif of 3 to 7 notes over one or two bars that rests for about `rest` of them."""
    rhythm = RHYTHMS[int(rng.integers(len(RHYTHMS)))]
    shift = int(rng.integers(0, 3)) if rest > 0.45 else 0
    places = [place + shift for place in rhythm]
    span = 8.0 * (1.0 - rest)
    cells: list[Cell] = []
    step = 0
    for i, place in enumerate(places):
        following = places[i + 1] if i + 1 < len(places) else place + 3
        beats = min((following - place) / 2, 1.0 + span / 4)
        cells.append(Cell(place / 2, beats, step))
        step += STEPS[int(rng.integers(len(STEPS)))]
        step = max(-4, min(5, step))
    return tuple(cells)


def sequence(motif: Motif, steps: int) -> Motif:
    """Return the motif some scale steps higher or lower."""
    return tuple(replace(cell, step=cell.step + steps) for cell in motif)


def truncate(motif: Motif, notes: int) -> Motif:
    """Return the first `notes` notes."""
    return motif[: max(2, notes)]


def invert(motif: Motif) -> Motif:
    """Return the motif upside down about its first note."""
    return tuple(replace(cell, step=2 * motif[0].step - cell.step) for cell in motif)


def shift(motif: Motif, beats: float) -> Motif:
    """Return the motif later by `beats`."""
    return tuple(replace(cell, at=cell.at + beats) for cell in motif)


def ornament(motif: Motif, rng: np.random.Generator) -> Motif:
    """Return the motif with a short upper neighbour before one of its longer notes."""
    long = [i for i, cell in enumerate(motif) if cell.beats >= 1.0]
    if not long:
        return motif
    at = long[int(rng.integers(len(long)))]
    cell = motif[at]
    turned = (
        replace(cell, beats=0.5, step=cell.step + 1),
        replace(cell, at=cell.at + 0.5, beats=cell.beats - 0.5),
    )
    return motif[:at] + turned + motif[at + 1 :]


def closing(motif: Motif) -> Motif:
    """Return the motif with its last note long, to end a phrase."""
    last = motif[-1]
    return (*motif[:-1], replace(last, beats=max(2.0, last.beats)))


class Singer:
    """Turns cells into pitches: chord tones on strong beats, steps after leaps, within a range."""

    def __init__(self, chords: Chords, low: int, high: int, sounding: Sounding) -> None:
        self._chords = chords
        self._low, self._high = low, high
        self._sounding = sounding

    def ladder(self, beat: float, beats: float, *, firm: bool = False) -> list[int]:
        """Return the pitches that may sound at `beat` for `beats`: scale, or chord tones if `firm`.

        Left out is what grates against the chord or against what other parts sound meanwhile.
        """
        chord = self._chords.at(beat)
        near = [p for p in range(self._low, self._high + 1) if not grates(p, chord)]
        tones = chord.pitch_classes if firm else chord.scale
        own = [p for p in near if p % 12 in tones] or near
        free = [p for p in own if not self._sounding.grates(p, beat, beats)]
        return free or own

    def sing(self, motif: Motif, start: float, home: float) -> list[tuple[Cell, int]]:
        """Return a pitch for every cell of `motif` placed at beat `start` around pitch `home`."""
        sung: list[tuple[Cell, int]] = []
        before: int | None = None
        owed = 0  # direction in which a leap has still to be recovered
        for cell in motif:
            beat = start + cell.at
            ladder = self.ladder(beat, cell.beats)
            anchor = min(range(len(ladder)), key=lambda i: (abs(ladder[i] - home), i))
            index = min(len(ladder) - 1, max(0, anchor + cell.step))
            pitch = ladder[index]
            if is_strong(beat) or cell.beats >= 1.5:
                firm = self.ladder(beat, cell.beats, firm=True)
                pitch = min(firm, key=lambda p: (abs(p - pitch), p))
            if before is not None and owed:
                pitch = self._recovered(before, owed, ladder)
            owed = 0
            if before is not None and abs(pitch - before) > LEAP:
                owed = -1 if pitch > before else 1
            sung.append((cell, pitch))
            before = pitch
        return sung

    def _recovered(self, before: int, direction: int, ladder: Sequence[int]) -> int:
        steps = [p for p in ladder if 0 < (p - before) * direction <= 4]
        return min(steps, key=lambda p: abs(p - before)) if steps else before


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
