"""Measures of the score: what was written, before any sound.

Pitched notes are those of all parts; drums stand apart. A note is outside when its pitch class is
in neither the chord nor the scale given for its moment. A clash is a minor second or minor ninth
between two notes that sound together for 50 ms or more. Pitch-class entropy is Shannon's, in bits,
of the pitch classes weighted by duration (a diatonic piece cannot pass 2.81).
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soundflow_assets.composition.score import Chord, Note, Score

_CLASHING = (1, 13)
_TOGETHER_S = 0.05
_LOW_C = 48  # below C3, close voicings are mud


@dataclass(frozen=True, slots=True)
class Notes:
    """Facts of a score; None where it has nothing to measure."""

    outside_share: float | None
    clash_share: float | None  # of the time in which notes sound
    pitch_class_entropy_bits: float | None
    voice_motion_semitones: float | None  # mean move of the nearest voice from chord to chord
    low_clusters: int  # voicings with neighbours under 4 semitones apart below C3
    hat_velocity_sd: float | None


def measure_notes(score: Score) -> Notes:
    """Return the facts of `score`."""
    notes = sorted(
        (note for part in score.parts for note in part.notes), key=lambda note: note.onset_s
    )
    hats = [hit.velocity for hit in score.hits if hit.sound == "hat_closed"]
    return Notes(
        outside_share=outside_share(notes, score.chords),
        clash_share=clash_share(notes),
        pitch_class_entropy_bits=pitch_class_entropy(notes),
        voice_motion_semitones=voice_motion(score.chords),
        low_clusters=sum(_clustered(chord.voicing) for chord in score.chords),
        hat_velocity_sd=round(float(np.std(hats)), 2) if len(hats) > 1 else None,
    )


def outside_share(notes: Sequence[Note], chords: Sequence[Chord]) -> float | None:
    """Return the share of notes outside chord and scale, by count."""
    if not notes or not chords:
        return None
    onsets = [chord.beat for chord in chords]
    outside = 0
    for note in notes:
        chord = chords[max(0, bisect.bisect_right(onsets, note.beat + 1e-6) - 1)]
        outside += note.pitch % 12 not in {*chord.pitch_classes, *chord.scale, chord.bass}
    return round(outside / len(notes), 4)


def clash_share(notes: Sequence[Note]) -> float | None:
    """Return the share of sounding time in which a minor second or ninth sounds.

    `notes` are in order of onset.
    """
    if not notes:
        return None
    clashing: list[tuple[float, float]] = []
    sounding: list[Note] = []
    for note in notes:
        sounding = [one for one in sounding if one.onset_s + one.duration_s > note.onset_s]
        for one in sounding:
            end = min(one.onset_s + one.duration_s, note.onset_s + note.duration_s)
            if abs(one.pitch - note.pitch) in _CLASHING and end - note.onset_s >= _TOGETHER_S:
                clashing.append((note.onset_s, end))
        sounding.append(note)
    heard = _covered([(note.onset_s, note.onset_s + note.duration_s) for note in notes])
    return round(_covered(clashing) / heard, 4) if heard > 0 else None


def pitch_class_entropy(notes: Sequence[Note]) -> float | None:
    """Return the entropy of the pitch classes in bits, by duration.

    >>> pitch_class_entropy([Note(0, 0, 1, 60, 90), Note(1, 1, 1, 67, 90)])
    1.0
    """
    weights = [0.0] * 12
    for note in notes:
        weights[note.pitch % 12] += note.duration_s
    total = sum(weights)
    if total <= 0:
        return None
    return round(-sum(w / total * math.log2(w / total) for w in weights if w > 0), 3)


def voice_motion(chords: Sequence[Chord]) -> float | None:
    """Return the mean distance from each voice to the nearest voice of the chord before."""
    moves = [
        min(abs(pitch - before) for before in last.voicing)
        for last, chord in itertools.pairwise(chords)
        if last.voicing
        for pitch in chord.voicing
    ]
    return round(sum(moves) / len(moves), 3) if moves else None


def _clustered(voicing: Sequence[int]) -> bool:
    return any(upper < _LOW_C and upper - lower < 4 for lower, upper in itertools.pairwise(voicing))


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """Return the length of the union of `spans`."""
    covered, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return covered
