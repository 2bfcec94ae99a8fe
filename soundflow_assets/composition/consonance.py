"""No two parts grate: minor seconds and ninths between parts are written out of the score.

Each part is right by itself; together, a pad's seventh may lie beside a melody's root. Writers that
sing listen to `Sounding` and avoid what is there; what is left is settled part by part, as soon as
each is written, so that later ones hear it as it will sound. A note that would stand a semitone or
a minor ninth from one already there, or crowd it below C3, moves to another tone of its chord or by
an octave, or rests.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from soundflow_assets.composition.draft import Context, DraftNote
from soundflow_assets.composition.writers.paper import Chords
from soundflow_assets.plans.genre import Part, Writer

CHORDAL: frozenset[Writer] = frozenset(
    {"comp", "held", "strum", "broken", "charleston", "pulse", "arp", "drone", "pedal_bass"}
)
GRATING = (-13, -1, 1, 13)
CROWDING = (-4, -3, -2, 2, 3, 4)
LOW = 48  # C3
TOGETHER_BEATS = 0.08  # shorter overlaps are legato, not a clash
PASSING_BEATS = 0.5
FARTHEST = 5  # semitones a note may move within its chord


class Sounding:
    """What is already there: for each pitch the stretches of time in which it sounds."""

    def __init__(self, notes: Iterable[DraftNote] = ()) -> None:
        self._spans: dict[int, list[tuple[float, float]]] = defaultdict(list)
        self._longest = 0.0
        for note in notes:
            self._spans[note.pitch].append((note.beat, note.beat + note.beats))
            if note.beats > self._longest:
                self._longest = note.beats
        for spans in self._spans.values():
            spans.sort()

    def add(self, note: DraftNote) -> None:
        """Let a note sound."""
        insort(self._spans[note.pitch], (note.beat, note.beat + note.beats))
        if note.beats > self._longest:
            self._longest = note.beats

    def grates(self, pitch: int, beat: float, beats: float) -> bool:
        """Whether `pitch` would lie a minor second or ninth from what sounds in its time.

        Below C3 thirds and seconds crowd as well.
        """
        until = (beat + beats - TOGETHER_BEATS, 0.0)
        earliest, heard = beat - self._longest, beat + TOGETHER_BEATS
        for other in _hindering(pitch):
            spans = self._spans.get(other)
            if not spans:
                continue
            at = bisect_left(spans, until) - 1
            while at >= 0 and spans[at][0] > earliest:
                if spans[at][1] > heard:
                    return True
                at -= 1
        return False


@cache
def _hindering(pitch: int) -> tuple[int, ...]:
    """Return the pitches beside which `pitch` cannot sound."""
    crowding = (pitch + step for step in CROWDING if max(pitch, pitch + step) < LOW)
    return (*(pitch + step for step in GRATING), *crowding)


def clear_of(
    notes: Sequence[DraftNote], part: Part, context: Context, sounding: Sounding
) -> tuple[DraftNote, ...]:
    """Return a part moved clear of what sounds already, and let it sound as well."""
    return tuple(_cleared(notes, part, Chords(context), sounding))


def _cleared(
    notes: Sequence[DraftNote], part: Part, chords: Chords, sounding: Sounding
) -> Iterator[DraftNote]:
    struck: set[tuple[float, int]] = set()
    for note in notes:
        if _passes(note, part):
            yield note
            continue
        moved = note
        if not _stands(note, sounding, struck):
            places = (note._replace(pitch=pitch) for pitch in _places(note, part, chords))
            found = next((one for one in places if _stands(one, sounding, struck)), None)
            if found is None:
                continue
            moved = found
        struck.add((moved.beat, moved.pitch))
        sounding.add(moved)
        yield moved


def _stands(note: DraftNote, sounding: Sounding, struck: set[tuple[float, int]]) -> bool:
    """Whether a note can stand where it is, clear of what sounds and of its own part."""
    fresh = (note.beat, note.pitch) not in struck
    return fresh and not sounding.grates(note.pitch, note.beat, note.beats)


def _passes(note: DraftNote, part: Part) -> bool:
    """Whether a note is an improviser's passing tone: short, and between the beats."""
    return part.writer == "solo" and note.beats <= PASSING_BEATS and note.beat % 1.0 != 0.0


def _places(note: DraftNote, part: Part, chords: Chords) -> Iterator[int]:
    """Yield where else a note may stand: near by in its chord or scale, an octave away.

    A chordal part keeps to tones of every chord through which the note sounds.
    """
    low, high = part.pitch_range
    if part.writer in CHORDAL and note.pitch % 12 == chords.tonic:
        yield from (p for p in (note.pitch - 12, note.pitch + 12) if low <= p <= high)
    through = chords.within(note.beat, note.beat + note.beats - TOGETHER_BEATS)
    tones = set.intersection(*(set(chord.pitch_classes) for chord in through))
    for pool in (tones,) if part.writer in CHORDAL else (tones, set(through[0].scale)):
        for distance in range(1, FARTHEST + 1):
            for pitch in (note.pitch - distance, note.pitch + distance):
                if low <= pitch <= high and pitch % 12 in pool:
                    yield pitch
    for pitch in (note.pitch - 12, note.pitch + 12):
        if low <= pitch <= high:
            yield pitch
