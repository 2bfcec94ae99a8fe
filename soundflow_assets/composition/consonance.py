"""No two parts grate: minor seconds and ninths between parts are written out of the score.

Each part is right by itself; together, a pad's seventh may lie beside a melody's root. Parts are
taken in order of weight (bass, then music, then pads), and a note that would stand a semitone or a
minor ninth from one already there moves by an octave or to another tone of its chord, or rests.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from soundflow_assets.composition.draft import Context, DraftChord, DraftNote
from soundflow_assets.composition.writers.paper import Chords
from soundflow_assets.plans.genre import Part

GRATING = (-13, -1, 1, 13)
TOGETHER_BEATS = 0.08  # shorter overlaps are legato, not a clash
FARTHEST = 5  # semitones a note may move within its chord
LAYERS = ("bass", "music", "pad")


class _Sounding:
    """What is already there: for each pitch the stretches of time in which it sounds."""

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self._longest = 0.0

    def add(self, note: DraftNote) -> None:
        insort(self._spans[note.pitch], (note.beat, note.beat + note.beats))
        self._longest = max(self._longest, note.beats)

    def grates(self, note: DraftNote, pitch: int) -> bool:
        """Whether `pitch` in the place of `note` would lie a minor second or ninth from another."""
        return any(self._overlaps(note, pitch + step) for step in GRATING)

    def _overlaps(self, note: DraftNote, pitch: int) -> bool:
        spans = self._spans.get(pitch)
        if not spans:
            return False
        end = note.beat + note.beats - TOGETHER_BEATS
        at = bisect_left(spans, (end, 0.0)) - 1
        while at >= 0 and spans[at][0] > note.beat - self._longest:
            if spans[at][1] > note.beat + TOGETHER_BEATS:
                return True
            at -= 1
        return False


def without_clashes(
    written: Mapping[str, Sequence[DraftNote]], context: Context
) -> dict[str, tuple[DraftNote, ...]]:
    """Return the parts by role, in their order, moved clear of each other."""
    sounding = _Sounding()
    chords = Chords(context)
    cleared: dict[str, tuple[DraftNote, ...]] = {}
    for part in sorted(context.plan.spec.parts, key=lambda part: LAYERS.index(part.layer)):
        if part.role in written:
            cleared[part.role] = tuple(_cleared(written[part.role], part, chords, sounding))
    return {role: cleared[role] for role in written}


def _cleared(
    notes: Sequence[DraftNote], part: Part, chords: Chords, sounding: _Sounding
) -> Iterator[DraftNote]:
    struck: set[tuple[float, int]] = set()
    for note in notes:
        pitch = next(
            (
                pitch
                for pitch in _places(note, part, chords.at(note.beat))
                if (note.beat, pitch) not in struck and not sounding.grates(note, pitch)
            ),
            None,
        )
        if pitch is None:
            continue
        struck.add((note.beat, pitch))
        moved = note if pitch == note.pitch else replace(note, pitch=pitch)
        sounding.add(moved)
        yield moved


def _places(note: DraftNote, part: Part, chord: DraftChord) -> Iterator[int]:
    """Yield where a note may stand: as written, near by in its chord or scale, an octave away."""
    low, high = part.pitch_range
    yield note.pitch
    for tones in (chord.pitch_classes, chord.scale):
        for distance in range(1, FARTHEST + 1):
            for pitch in (note.pitch - distance, note.pitch + distance):
                if low <= pitch <= high and pitch % 12 in tones:
                    yield pitch
    for pitch in (note.pitch - 12, note.pitch + 12):
        if low <= pitch <= high:
            yield pitch
