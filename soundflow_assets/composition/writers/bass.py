"""Basses: grids on the chord's own tones, and pedals. They follow every chord.

A bass never stops before the last bar: its final note is the root, held to the end.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftChord, DraftNote
from soundflow_assets.composition.score import Articulation
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Bar,
    Chords,
    bars_of,
    held_length,
    small_change,
    spread,
    steps_of,
    until_next,
)
from soundflow_assets.plans.genre import Part

LOWEST_ROOT = 28  # E1


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
        row = _led_on(small_change(row, bar, rng), bar, chords, rng)
        written = _bar_of_grid(part, chords, bar, _thinned(row, bar.section.energy, rng), rng)
        notes += _following(part, chords, bar, written, rng)
    return notes


def _led_on(row: str, bar: Bar, chords: Chords, rng: np.random.Generator) -> str:
    """End every fourth bar, more often every eighth, with a step into the next chord."""
    ahead = chords.at(bar.beat + BEATS_PER_BAR)
    moves = ahead.bass != chords.at(bar.beat + BEATS_PER_BAR - 0.5).bass
    if bar.index % 4 != 3 or not moves or row[-1] in "XF-":
        return row
    if rng.random() > (0.8 if bar.index % 8 == 7 else 0.45):
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
            n._replace(beats=change - n.beat) if n.beat < change < n.beat + n.beats - 0.05 else n
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
    return "".join("." if mark in "og" and rng.random() > keep else mark for mark in row)


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
        pitch = grid_pitch(part, mark, chord, chords.after(beat), rng)
        held = row[at + 1 : at + 2] == "-"
        length = held_length(row, at, step) if held else min(until_next(row, at, step), 2.0)
        articulation: Articulation = (
            "accent" if mark in "XF" else "ghost" if mark == "g" else "normal"
        )
        if mark in "8a" and rng.random() < 0.3:
            articulation = "slide"
        velocity = spread(LEVELS[mark], rng)
        notes.append(DraftNote(beat, length * part.gate, pitch, velocity, articulation))
    return notes


def grid_pitch(
    part: Part, mark: str, chord: DraftChord, following: DraftChord, rng: np.random.Generator
) -> int:
    """Return the pitch that a mark of a bass grid stands for over `chord`."""
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
        return approach(part, root_pitch(following.bass, part), chord, rng)
    return root


def approach(part: Part, target: int, chord: DraftChord, rng: np.random.Generator) -> int:
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
                pitch = grid_pitch(part, "f" if turned else "x", chord, chord, rng)
                velocity = spread(78 + 24 * section.energy, rng)
                notes.append(DraftNote(beat, length * part.gate, pitch, velocity))
                beat += length
    return notes
