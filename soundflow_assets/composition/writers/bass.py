"""Basses: grids on the chord's own tones, walking lines, and pedals. They follow every chord.

A bass never stops before the last bar: its final note is the root, held to the end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftChord, DraftNote
from soundflow_assets.composition.score import Articulation
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Bar,
    Chords,
    bars_of,
    held_length,
    pitch_near,
    small_change,
    spread,
    steps_of,
    until_next,
)
from soundflow_assets.plans.genre import Part

LOWEST_ROOT = 28  # E1
SKIP_CHANCE = 0.08


def root_pitch(pitch_class: int, part: Part) -> int:
    """Return the root in the first octave of the part's range."""
    low = max(part.pitch_range[0], LOWEST_ROOT)
    return min(part.pitch_range[1], low + (pitch_class - low) % 12)


def final_root(part: Part, context: Context, chords: Chords, rng: np.random.Generator) -> DraftNote:
    """Return the root held through the last bar."""
    beat = float((context.bars - 1) * BEATS_PER_BAR)
    pitch = root_pitch(chords.at(beat).bass, part)
    return DraftNote(beat, float(BEATS_PER_BAR), pitch, spread(98, rng))


def pattern_bass(part: Part, context: Context) -> list[DraftNote]:
    """Play the drawn grid on root, fifth, octave and approach notes of the sounding chord.

    Every chord gets its root, also where the grid has nothing on its beat, and no bar is empty.
    """
    chords, grid = Chords(context), context.grid(part) or "X...............".ljust(16, ".")
    steps = context.plan.spec.drums.steps
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes.append(final_root(part, context, chords, rng))
            continue
        row = steps_of(grid, bar.number, steps)
        row = _led_on(small_change(row, bar.index, rng), bar, chords, rng)
        written = _bar_of_grid(part, chords, bar, _thinned(row, bar.section.energy, rng), rng)
        notes += _following(part, chords, bar, written, rng)
    return notes


def _led_on(row: str, bar: Bar, chords: Chords, rng: np.random.Generator) -> str:
    """End every fourth bar, more often every eighth, with a step into the next chord."""
    ahead = chords.at(bar.beat + BEATS_PER_BAR)
    moves = ahead.bass != chords.at(bar.beat + BEATS_PER_BAR - 0.5).bass
    if bar.index % 4 != 3 or not moves or row[-1] in "XF-":
        return row
    if rng.uniform() > (0.8 if bar.index % 8 == 7 else 0.45):
        return row
    return row[:-1] + "a"


def _following(
    part: Part, chords: Chords, bar: Bar, written: list[DraftNote], rng: np.random.Generator
) -> list[DraftNote]:
    """Give each chord of the bar its root within a beat of its start, and cut what rings over."""
    end = bar.beat + BEATS_PER_BAR
    changes = [c.beat for c in chords.within(bar.beat, end) if bar.beat < c.beat < end]
    for change in changes:
        cut = [
            replace(n, beats=change - n.beat) if n.beat < change < n.beat + n.beats - 0.05 else n
            for n in written
        ]
        late = [n.beat for n in cut if n.beat >= change - 1e-6]
        if not late or late[0] >= change + 1.0:
            until = min([*late, end])
            pitch = root_pitch(chords.at(change).bass, part)
            beats = min(1.0, until - change) * part.gate
            cut.append(DraftNote(change, beats, pitch, spread(88, rng)))
        written = sorted(cut, key=lambda note: note.beat)
    if not written:
        pitch = root_pitch(chords.at(bar.beat).bass, part)
        written = [DraftNote(bar.beat, 2.0 * part.gate, pitch, spread(84, rng))]
    return written


def _thinned(row: str, energy: float, rng: np.random.Generator) -> str:
    """Leave out soft steps where there is little energy, never the accents."""
    keep = min(1.0, 0.45 + energy)
    return "".join("." if mark in "og" and rng.uniform() > keep else mark for mark in row)


def _bar_of_grid(
    part: Part, chords: Chords, bar: Bar, row: str, rng: np.random.Generator
) -> list[DraftNote]:
    step = BEATS_PER_BAR / len(row)
    notes = []
    for at, mark in enumerate(row):
        if mark in ".-":
            continue
        beat = bar.beat + at * step
        chord = chords.at(beat)
        pitch = _grid_pitch(part, mark, chord, chords.after(beat), rng)
        held = row[at + 1 : at + 2] == "-"
        length = held_length(row, at, step) if held else min(until_next(row, at, step), 2.0)
        articulation: Articulation = (
            "accent" if mark in "XF" else "ghost" if mark == "g" else "normal"
        )
        if mark in "8a" and rng.uniform() < 0.3:
            articulation = "slide"
        velocity = spread(LEVELS[mark], rng)
        notes.append(DraftNote(beat, length * part.gate, pitch, velocity, articulation))
    return notes


def _grid_pitch(
    part: Part, mark: str, chord: DraftChord, following: DraftChord, rng: np.random.Generator
) -> int:
    root = root_pitch(chord.bass, part)
    low, high = part.pitch_range
    if mark in "fF":
        fifth = next(
            (pc for pc in chord.pitch_classes if (pc - chord.root) % 12 in (6, 7, 8)), None
        )
        pitch = root + (((fifth if fifth is not None else chord.root) - root) % 12)
        return pitch if pitch <= high else max(low, pitch - 12)
    if mark == "8":
        return root + 12 if root + 12 <= high else root
    if mark == "a":
        return _approach(part, root_pitch(following.bass, part), chord, rng)
    return root


def _approach(part: Part, target: int, chord: DraftChord, rng: np.random.Generator) -> int:
    """Return a semitone or scale step beside `target`, preferring one of the present scale."""
    low, high = part.pitch_range
    near = [p for p in (target - 1, target + 1, target - 2, target + 2) if low <= p <= high]
    in_scale = [p for p in near if p % 12 in chord.scale]
    pool = in_scale or near or [target]
    return pool[int(rng.integers(len(pool)))]


def pedal_bass(part: Part, context: Context) -> list[DraftNote]:
    """Hold the root under each chord, struck again every two bars of a long one.

    In every other block of eight bars the last stroke of a long chord is its fifth.
    """
    chords = Chords(context)
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        start, end = section.start_bar * BEATS_PER_BAR, section.end_bar * BEATS_PER_BAR
        rng = context.rng(part, section.start_bar)
        for chord in chords.within(start, end):
            beat = max(float(start), chord.beat)
            stop = min(float(end), chord.beat + chord.beats)
            while beat < stop:
                length = min(2.0 * BEATS_PER_BAR, stop - beat)
                closing = chord.beat < beat and beat + length >= stop
                turned = closing and beat // (8 * BEATS_PER_BAR) % 2 == 1
                pitch = _grid_pitch(part, "f" if turned else "x", chord, chord, rng)
                velocity = spread(78 + 24 * section.energy, rng)
                notes.append(DraftNote(beat, length * part.gate, pitch, velocity))
                beat += length
    return notes


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
        pitch = _grid_pitch(part, "f" if changed else "x", chord, chord, rng)
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
            pitch = pitch_near(chord.bass, last, low, high)
            if pitch == last:  # the root again: its third instead
                pitch = pitch_near(chord.pitch_classes[1], last, low, high)
        elif ahead is not chord or quarter == BEATS_PER_BAR - 1:
            target = pitch_near(ahead.bass, last, low, high)
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
        if rng.uniform() < SKIP_CHANCE:  # a skip: the same pitch, pushed in on the off-beat
            notes[-1] = replace(notes[-1], beats=0.45)
            notes.append(DraftNote(beat + 0.5, 0.4, pitch, spread(62, rng), "ghost"))
    return notes, direction


def _walked_into(
    part: Part, target: int, last: int, chord: DraftChord, rng: np.random.Generator
) -> int:
    """Return the last quarter before `target`: a semitone beside it as often as a scale step."""
    low, high = part.pitch_range
    beside = [p for p in (target - 1, target + 1) if low <= p <= high and p != last]
    if beside and rng.uniform() < 0.5:
        return min(beside, key=lambda p: abs(p - last))
    pitch = _approach(part, target, chord, rng)
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
