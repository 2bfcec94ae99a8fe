"""The melody: how much it rests, what it leans on, and whether its motif comes back.

The melody is the part of the genre's `melody` or `solo` writer, or else of its `answer`. Strong
beats are the first and the third of a bar.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence

from soundflow_assets.composition.score import Chord, Note, PartScore, Score, Section
from soundflow_assets.plans.genre import GenreSpec, Writer

_SINGING: tuple[Writer, ...] = ("melody", "solo", "answer")
_BEATS_PER_BAR = 4
_MOTIF_BEATS = 8.0
_MOTIF_NOTES = (3, 7)
_LAST_THIRD = 2.0 / 3.0

Step = tuple[float, int]  # beats to the next note, and up (1), down (-1) or level (0)


def melody_of(score: Score, spec: GenreSpec) -> PartScore | None:
    """Return the part that sings, or None where none does."""
    for writer in _SINGING:
        for part in spec.parts:
            sung = score.part(part.role) if part.writer == writer else None
            if sung is not None and sung.notes:
                return sung
    return None


def rest_share(part: PartScore, sections: Sequence[Section]) -> float | None:
    """Return the silent share of the time of the sections in which the part sounds."""
    total = silent = 0.0
    for section in sections:
        notes = [n for n in part.notes if section.start_s <= n.onset_s < section.end_s]
        if notes:
            total += section.end_s - section.start_s
            silent += section.end_s - section.start_s - _sounding(notes, section.end_s)
    return round(silent / total, 4) if total > 0 else None


def chord_tone_share(notes: Sequence[Note], chords: Sequence[Chord]) -> float | None:
    """Return the share of chord tones among the notes on the first and third beats of bars."""
    strong = [note for note in notes if min(note.beat % 2.0, 2.0 - note.beat % 2.0) < 0.01]
    if not strong or not chords:
        return None
    onsets = [chord.beat for chord in chords]
    fitting = 0
    for note in strong:
        chord = chords[max(0, bisect.bisect_right(onsets, note.beat + 0.01) - 1)]
        fitting += note.pitch % 12 in (*chord.pitch_classes, chord.bass)
    return round(fitting / len(strong), 4)


def recall(notes: Sequence[Note], beats: float) -> float | None:
    """Return how much of the opening motif comes back, unbroken, in the last third of the track.

    Compared are rhythm and direction from note to note, so that a sequence or another octave is
    the motif still; a return that ends in the last third is heard there. None where there is no
    motif of three notes, or nothing is sung so late.
    """
    motif = _motif(notes)
    late = [note for note in notes if note.beat > _LAST_THIRD * beats - _MOTIF_BEATS]
    if len(motif) < _MOTIF_NOTES[0] or len(late) < _MOTIF_NOTES[0]:
        return None
    wanted, found = _steps(motif), _steps(late)
    longest = max(
        _run(wanted[i:], found[j:]) for i in range(len(wanted)) for j in range(len(found))
    )
    return round(longest / len(wanted), 4)


def _motif(notes: Sequence[Note]) -> Sequence[Note]:
    """Return the opening idea: what is sung within two bars, seven notes at most."""
    if not notes:
        return ()
    bar = notes[0].beat // _BEATS_PER_BAR * _BEATS_PER_BAR
    return [note for note in notes if note.beat < bar + _MOTIF_BEATS][: _MOTIF_NOTES[1]]


def _steps(notes: Sequence[Note]) -> list[Step]:
    return [
        (round(later.beat - one.beat, 2), (later.pitch > one.pitch) - (later.pitch < one.pitch))
        for one, later in itertools.pairwise(notes)
    ]


def _run(one: Sequence[Step], other: Sequence[Step]) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _sounding(notes: Sequence[Note], end_s: float) -> float:
    covered, reached = 0.0, -math.inf
    for note in notes:
        end = min(note.onset_s + note.duration_s, end_s)
        covered += max(0.0, end - max(note.onset_s, reached))
        reached = max(reached, end)
    return covered
