"""The walking bass: four quarters a bar, each one on its way to the next chord."""

from __future__ import annotations

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftChord, DraftNote
from soundflow_assets.composition.writers.bass import approach, final_root, grid_pitch, root_pitch
from soundflow_assets.composition.writers.paper import Bar, Chords, bars_of, pitch_near, spread
from soundflow_assets.plans.genre import Part

SKIP_CHANCE = 0.08
CHROMATIC_SHARE = 0.5  # of the last quarters before a chord


def walking_bass(part: Part, context: Context) -> list[DraftNote]:
    """Walk in quarter notes: root, chord and scale tones one way, approach to the next root.

    In sections of little energy it plays in two: root and fifth on one and three.
    """
    chords = Chords(context)
    notes: list[DraftNote] = []
    last = root_pitch(chords.at(0.0).bass, part) + 7
    direction = 1
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes.append(final_root(part, context, chords, rng))
            continue
        if bar.section.energy < 0.35:
            written = _two_feel(part, chords, bar, rng)
        else:
            written, direction = _walked(part, chords, bar, last, direction, rng)
        notes += written
        last = written[-1].pitch
    return notes


def _two_feel(part: Part, chords: Chords, bar: Bar, rng: np.random.Generator) -> list[DraftNote]:
    notes = []
    for at in (0.0, 2.0):
        chord = chords.at(bar.beat + at)
        changed = at == 2.0 and chord is chords.at(bar.beat)
        pitch = grid_pitch(part, "f" if changed else "x", chord, chord, rng)
        notes.append(DraftNote(bar.beat + at, 1.9, pitch, spread(86, rng)))
    return notes


def _walked(
    part: Part, chords: Chords, bar: Bar, last: int, direction: int, rng: np.random.Generator
) -> tuple[list[DraftNote], int]:
    low, high = part.pitch_range
    notes: list[DraftNote] = []
    for quarter in range(BEATS_PER_BAR):
        beat = bar.beat + quarter
        chord, ahead = chords.at(beat), chords.at(beat + 1.0)
        if quarter == 0 or chord.beat > beat - 1.0 + 1e-6:
            pitch = pitch_near(_footing(chord, beat), last, low, high)
            if pitch == last:  # the root again: its third instead
                pitch = pitch_near(chord.pitch_classes[1], last, low, high)
        elif ahead is not chord or quarter == BEATS_PER_BAR - 1:
            target = pitch_near(_footing(ahead, beat + 1.0), last, low, high)
            pitch = _walked_into(part, target, last, chord, rng)
        else:
            pitch = _scale_step(chord, last, direction, low, high)
        if pitch >= high - 4:
            direction = -1
        elif pitch <= low + 5:
            direction = 1
        length = 0.95
        velocity = spread(96 if quarter in (1, 3) else 90, rng)
        notes.append(DraftNote(beat, length, pitch, velocity))
        last = pitch
        if rng.random() < SKIP_CHANCE:  # a skip: the same pitch, pushed in on the off-beat
            notes[-1] = notes[-1]._replace(beats=0.45)
            notes.append(DraftNote(beat + 0.5, 0.4, pitch, spread(62, rng), "ghost"))
    return notes, direction


def _footing(chord: DraftChord, beat: float) -> int:
    """Return the tone that a bar over `chord` stands on: its root, the third where it goes on."""
    bars = round(beat - chord.beat) // BEATS_PER_BAR
    return chord.bass if bars % 2 == 0 else chord.pitch_classes[1]


def _walked_into(
    part: Part, target: int, last: int, chord: DraftChord, rng: np.random.Generator
) -> int:
    """Return the last quarter before `target`: a semitone beside it as often as a scale step."""
    low, high = part.pitch_range
    beside = [p for p in (target - 1, target + 1) if low <= p <= high and p != last]
    if beside and rng.random() < CHROMATIC_SHARE:
        return min(beside, key=lambda p: abs(p - last))
    pitch = approach(part, target, chord, rng)
    return pitch if pitch != last or not beside else beside[0]


def _scale_step(chord: DraftChord, last: int, direction: int, low: int, high: int) -> int:
    """Return the next tone of the chord's scale one way, favouring chord tones a third away."""
    tones = set(chord.scale)
    for distance in (3, 4, 2, 1):
        pitch = last + direction * distance
        if low <= pitch <= high and pitch % 12 in set(chord.pitch_classes[:4]):
            return pitch
    for distance in (2, 1, 3, 4):
        pitch = last + direction * distance
        if low <= pitch <= high and pitch % 12 in tones:
            return pitch
    return max(low, min(high, last - direction * 2))
