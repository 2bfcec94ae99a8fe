"""Pitches: what was written, before any sound. Scale, clashes, how voices move, low clusters.

Pitched notes are those of all parts; drums stand apart. All functions are exact and order their
sums, so that a choice made by them is the same on every machine.

=================  ==========================================================================
outside            pitch class in neither the chord nor the scale given for its moment; an
                   anticipation (the chord to come, half a beat early at most) is inside
chromatic          pitch class not in the key's own scale, justified or not
clash              a minor second or ninth between two notes together for 50 ms or more
voice motion       semitones a voice moves from one chord to the next, in mean
low cluster        two notes tighter than a fourth that sound together below C3
=================  ==========================================================================
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter

from soundflow_assets.composition.score import Chord, Note, PartScore, Score

_CLASHING = (-13, -1, 1, 13)
_TOGETHER_S = 0.05
_ANTICIPATED_BEATS = 0.5
_LOW_C = 48  # C3
_CLUSTER = (1, 2, 3, 4)  # a fourth is the closest that is clear down there
_SAME_PITCH_S = 0.1  # shorter overlaps below C3 are legato
_CHORD_NOTES = 3
_TAIL_S = 0.1


def pitched(score: Score) -> tuple[Note, ...]:
    """Return the notes of all parts in order of onset."""
    notes = (note for part in score.parts for note in part.notes)
    return tuple(sorted(notes, key=attrgetter("onset_s", "pitch", "duration_s")))


def outside_share(notes: Sequence[Note], chords: Sequence[Chord]) -> float | None:
    """Return the share of notes that neither scale nor chord justifies, by count."""
    if not notes or not chords:
        return None
    onsets = [chord.beat for chord in chords]
    inside = [frozenset((*c.pitch_classes, *c.scale, c.bass)) for c in chords]
    sounding = {beat: inside[_sounding_at(onsets, beat)] for beat in {note.beat for note in notes}}
    outside = 0
    for note in notes:
        tone = note.pitch % 12
        if tone not in sounding[note.beat]:
            outside += tone not in inside[_sounding_at(onsets, note.beat + _ANTICIPATED_BEATS)]
    return round(outside / len(notes), 4)


def _sounding_at(onsets: Sequence[float], beat: float) -> int:
    """Return the number of the chord that sounds at `beat`."""
    return bisect.bisect_right(onsets, beat + 1e-6, 1) - 1


def chromatic_share(notes: Sequence[Note], scale: Collection[int]) -> float | None:
    """Return the share of notes whose pitch class is not in `scale`, by count."""
    if not notes:
        return None
    return round(sum(note.pitch % 12 not in scale for note in notes) / len(notes), 4)


def clash_share(notes: Sequence[Note]) -> float | None:
    """Return the share of sounding time in which a minor second or ninth sounds.

    `notes` are in order of onset.
    """
    if not notes:
        return None
    clashing = []
    spans = []
    until_s: dict[int, float] = {}  # how long each pitch has been asked to sound
    for note in notes:
        pitch, onset_s = note.pitch, note.onset_s
        end_s = onset_s + note.duration_s
        spans.append((onset_s, end_s))
        if end_s - onset_s >= _TOGETHER_S:
            for step in _CLASHING:
                until = until_s.get(pitch + step)
                if until is not None and until - onset_s >= _TOGETHER_S:
                    clashing.append((onset_s, min(end_s, until)))
        if end_s > until_s.get(pitch, 0.0):
            until_s[pitch] = end_s
    heard = _covered(spans)
    return round(_covered(clashing) / heard, 4) if heard > 0 else None


def low_clusters(notes: Sequence[Note]) -> int:
    """Return how many pairs of notes crowd each other below C3; `notes` in order of onset."""
    low = [note for note in notes if note.pitch < _LOW_C]
    return sum(
        abs(one.pitch - other.pitch) in _CLUSTER and end - other.onset_s >= _SAME_PITCH_S
        for one, other, end in _together(low)
    )


def voice_motion(parts: Sequence[PartScore]) -> float | None:
    """Return the mean distance in semitones that voices move where the harmony changes.

    A part that strikes chords has as its voicing whatever it lets sound at a stroke, tied notes
    included. Between voicings of one size the voices keep their order; a voice without a partner
    comes from the nearest. Another place for the same pitch classes is no change of harmony.
    """
    moves: list[int] = []
    for part in parts:
        for one, other in itertools.pairwise(_voicings(part.notes)):
            if {pitch % 12 for pitch in one} != {pitch % 12 for pitch in other}:
                moves += _moves(one, other)
    return round(sum(moves) / len(moves), 4) if moves else None


def _voicings(notes: Sequence[Note]) -> list[tuple[int, ...]]:
    """Return what sounds at each stroke of a part, three notes or more; none if it is one line."""
    strokes: dict[float, list[Note]] = defaultdict(list)
    for note in notes:
        strokes[note.beat].append(note)
    if max(map(len, strokes.values()), default=0) < _CHORD_NOTES:
        return []
    voicings: list[tuple[int, ...]] = []
    held: list[Note] = []
    for beat, following in itertools.zip_longest(sorted(strokes), sorted(strokes)[1:]):
        struck = strokes[beat]
        onset_s = min(note.onset_s for note in struck)
        ends_s = (
            max(note.onset_s + note.duration_s for note in struck)
            if following is None
            else strokes[following][0].onset_s
        )
        # What is gone half-way to the next stroke was the tail of the chord before.
        halfway_s = (onset_s + ends_s) / 2.0 + _TAIL_S
        held = [note for note in held if note.onset_s + note.duration_s > halfway_s] + struck
        voicing = tuple(sorted({note.pitch for note in held}))
        if len(voicing) >= _CHORD_NOTES:
            voicings.append(voicing)
    return voicings


def _moves(one: Sequence[int], other: Sequence[int]) -> list[int]:
    if len(one) == len(other):
        return [abs(a - b) for a, b in zip(one, other, strict=True)]
    return [min(abs(pitch - before) for before in one) for pitch in other]


def _together(notes: Sequence[Note]) -> Iterator[tuple[Note, Note, float]]:
    """Yield (earlier, later, end of both) for notes that overlap; `notes` in order of onset."""
    sounding: list[tuple[float, Note]] = []
    for note in notes:
        end = note.onset_s + note.duration_s
        sounding = [one for one in sounding if one[0] > note.onset_s]
        for until, one in sounding:
            yield one, note, min(until, end)
        sounding.append((end, note))


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """Return the length of the union of `spans`."""
    covered, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        if end > reached:
            covered += end - max(start, reached)
            reached = end
    return covered
