"""Figures that repeat while something else moves: arpeggios, riffs, and pulses against the bar."""

from __future__ import annotations

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftChord, DraftNote
from soundflow_assets.composition.score import Articulation
from soundflow_assets.composition.voicing import Voicing
from soundflow_assets.composition.writers.bass import root_pitch
from soundflow_assets.composition.writers.motif import grates
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Chords,
    bars_of,
    beds_lead,
    final_chord,
    held_length,
    small_change,
    spread,
    steps_of,
    until_next,
)
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.seeds import generator

SIXTEENTHS = "xoxoxoxoxoxoxoxo"
STEP = 0.25
ORDERS = ("up", "down", "up_down", "inside_out")


def arp(part: Part, context: Context) -> list[DraftNote]:
    """Run through the chord's tones by the drawn grid, two octaves where the range has them.

    The order of tones belongs to the track; every eighth bar turns round.
    """
    chords = Chords(context)
    voicings = chords.voicings(part, 3)
    grid = context.grid(part) or SIXTEENTHS
    steps = context.plan.spec.drums.steps
    high = part.pitch_range[1]
    ladders = {c.beat: _two_octaves(voicings[c.beat], c, high) for c in context.chords}
    order = ORDERS[int(generator(context.plan.choices.motif, part.role).integers(len(ORDERS)))]
    every_other = beds_lead(context)
    notes: list[DraftNote] = []
    turn = strokes = 0
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            voicing = voicings[chords.at(bar.beat).beat]
            notes += final_chord(context, voicing, 74, 60.0, rng)
            continue
        if bar.index % 4 == 0:
            turn = 0
        row = small_change(steps_of(grid, bar.number, steps), bar, rng)
        step = BEATS_PER_BAR / len(row)
        for at, mark in enumerate(row):
            if mark in ".-":
                continue
            strokes += 1
            left_out = mark in "og" and rng.random() > 0.55 + 0.6 * bar.section.energy
            if left_out or (every_other and strokes % 2 == 0):
                turn += 1
                continue
            beat = bar.beat + at * step
            ladder = ladders[chords.at(beat).beat]
            now = "down" if bar.index % 8 == 7 and order != "down" else order
            pitch = ladder[_place(now, turn, len(ladder))]
            length = max(step * part.gate, min(until_next(row, at, step), 0.5) * part.gate)
            notes.append(DraftNote(beat, length, pitch, spread(LEVELS[mark] - 6, rng)))
            turn += 1
    return notes


def _two_octaves(voicing: Voicing, chord: DraftChord, high: int) -> tuple[int, ...]:
    """Return the voicing with its octave above, less what grates against the chord."""
    upper = tuple(p + 12 for p in voicing if p + 12 <= high and not grates(p + 12, chord))
    return tuple(sorted({*voicing, *upper}))


def _place(order: str, turn: int, size: int) -> int:
    if order == "up" or size < 3:
        return turn % size
    if order == "down":
        return size - 1 - turn % size
    if order == "up_down":
        at = turn % (2 * size - 2)
        return at if at < size else 2 * size - 2 - at
    half = size // 2
    at = turn % size
    return min(size - 1, max(0, half + (at + 1) // 2 * (1 if at % 2 else -1)))


# Semitones above the root that a riff in the bass register may touch: the root most often.
RIFF_TONES = (0, 0, 0, 12, 7, 3, 10, 0, 12)
TUNEFUL_FROM = 52  # a riff whose range begins here or higher is a tune of chord tones
SLIDE_SHARE = 0.22


def riff(part: Part, context: Context) -> list[DraftNote]:
    """Repeat one figure of the track's own; accents and slides are part of it.

    Low riffs stand on each chord's root, high ones run over the chord's tones. The figure stays:
    what changes is the chord under it, and its end in every fourth bar.
    """
    chords = Chords(context)
    grid = context.grid(part) or SIXTEENTHS
    steps = context.plan.spec.drums.steps
    rng = generator(context.plan.choices.motif, part.role, "riff")
    tuneful = part.pitch_range[0] >= TUNEFUL_FROM
    figure = _tune(rng, len(grid)) if tuneful else _tones(rng, len(grid))
    slides = [bool(draw < SLIDE_SHARE) for draw in rng.uniform(size=len(grid))]
    ladders = _ladders(part, context) if tuneful else {}
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        own = context.rng(part, bar.number)
        if bar.last:
            pitch = root_pitch(chords.at(bar.beat).root, part)
            notes.append(DraftNote(bar.beat, 2.0, pitch, spread(96, own)))
            continue
        row = small_change(steps_of(grid, bar.number, steps), bar, own)
        step = BEATS_PER_BAR / len(row)
        offset = (bar.number % max(1, len(grid) // steps)) * steps
        for at, mark in enumerate(row):
            if mark in ".-":
                continue
            beat = bar.beat + at * step
            chord, place = chords.at(beat), (offset + at) % len(grid)
            if tuneful:
                ladder = ladders[chord.beat]
                pitch = ladder[(figure[place] + len(ladder) // 3) % len(ladder)]
            else:
                pitch = root_pitch(chord.root, part) + figure[place]
                pitch = _in_scale(pitch, chord.scale, *part.pitch_range)
            slide = slides[place] and not tuneful
            written: Articulation = "accent" if mark == "X" else "slide" if slide else "normal"
            held = row[at + 1 : at + 2] == "-"
            length = held_length(row, at, step) if held else min(until_next(row, at, step), 1.0)
            beats = length * (1.05 if slide else part.gate)
            notes.append(DraftNote(beat, beats, pitch, spread(LEVELS[mark], own), written))
    return notes


def _tones(rng: np.random.Generator, places: int) -> list[int]:
    return [RIFF_TONES[int(i)] for i in rng.integers(0, len(RIFF_TONES), places)]


def _tune(rng: np.random.Generator, places: int) -> list[int]:
    """Return a wandering line of places on a ladder, never more than two rungs at once."""
    line, at = [], 0
    for move in rng.integers(-2, 3, places):
        at = min(3, max(-1, at + int(move)))
        line.append(at)
    return line


def _ladders(part: Part, context: Context) -> dict[float, list[int]]:
    """Return the chord tones that each chord leaves free in the part's range, rising."""
    low, high = part.pitch_range
    return {
        chord.beat: [
            p
            for p in range(low, high + 1)
            if p % 12 in chord.pitch_classes and not grates(p, chord)
        ]
        or [root_pitch(chord.root, part)]
        for chord in context.chords
    }


def _in_scale(pitch: int, scale: tuple[int, ...], low: int, high: int) -> int:
    while pitch > high:
        pitch -= 12
    near = [p for p in range(max(low, pitch - 3), min(high, pitch + 3) + 1) if p % 12 in scale]
    return min(near, key=lambda p: (abs(p - pitch), p)) if near else max(low, pitch)


def pulse(part: Part, context: Context) -> list[DraftNote]:
    """Strike the chord on a loop of 3 or 5 beats that goes round against the bar.

    The loop's length is the grid's own, in sixteenths; it starts afresh with each section.
    """
    chords = Chords(context)
    voicings = chords.voicings(part, 3)
    grid = context.grid(part) or "x..........."
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        start = section.start_bar * BEATS_PER_BAR
        end = min(section.end_bar, context.bars - 1) * BEATS_PER_BAR
        rng = context.rng(part, section.start_bar)
        for place in range(round((end - start) / STEP)):
            mark = grid[place % len(grid)]
            if mark in ".-" or _rests(mark, section.energy, rng):
                continue
            beat = start + place * STEP
            for pitch in voicings[chords.at(beat).beat]:
                velocity = spread(LEVELS[mark] - 4, rng)
                notes.append(DraftNote(beat, max(0.2, 0.6 * part.gate), pitch, velocity))
    return notes


def _rests(mark: str, energy: float, rng: np.random.Generator) -> bool:
    return mark in "og" and rng.random() > 0.4 + energy
