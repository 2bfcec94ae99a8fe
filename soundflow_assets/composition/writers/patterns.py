"""Figures that repeat while something else moves: arpeggios, riffs, and pulses against the bar."""

from __future__ import annotations

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftNote
from soundflow_assets.composition.score import Articulation
from soundflow_assets.composition.writers.bass import root_pitch
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Chords,
    bars_of,
    final_chord,
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
    order = ORDERS[int(generator(context.plan.choices.motif, part.role).integers(len(ORDERS)))]
    notes: list[DraftNote] = []
    turn = 0
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            voicing = voicings[chords.at(bar.beat).beat]
            notes += final_chord(context, voicing, 74, 60.0, rng)
            continue
        if bar.index % 4 == 0:
            turn = 0
        row = small_change(steps_of(grid, bar.number, steps), bar.index, rng)
        step = BEATS_PER_BAR / len(row)
        for at, mark in enumerate(row):
            if mark in ".-":
                continue
            if mark in "og" and rng.uniform() > 0.55 + 0.6 * bar.section.energy:
                turn += 1
                continue
            beat = bar.beat + at * step
            ladder = _two_octaves(voicings[chords.at(beat).beat], part.pitch_range[1])
            now = "down" if bar.index % 8 == 7 and order != "down" else order
            pitch = ladder[_place(now, turn, len(ladder))]
            length = max(step * part.gate, min(until_next(row, at, step), 0.5) * part.gate)
            notes.append(DraftNote(beat, length, pitch, spread(LEVELS[mark] - 6, rng)))
            turn += 1
    return notes


def _two_octaves(voicing: tuple[int, ...], high: int) -> tuple[int, ...]:
    upper = tuple(pitch + 12 for pitch in voicing if pitch + 12 <= high)
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


# Semitones above the root that a riff may touch, by how often: the root first.
RIFF_TONES = (0, 0, 0, 12, 7, 3, 10, 0, 12)


def riff(part: Part, context: Context) -> list[DraftNote]:
    """Repeat one figure of the track's own on each chord's root; accents and slides are part of it.

    Tones outside the chord's scale give way to their nearest neighbours in it.
    """
    chords = Chords(context)
    grid = context.grid(part) or SIXTEENTHS
    steps = context.plan.spec.drums.steps
    rng = generator(context.plan.choices.motif, part.role, "riff")
    figure = [int(RIFF_TONES[int(i)]) for i in rng.integers(0, len(RIFF_TONES), len(grid))]
    slides = [bool(draw < 0.22) for draw in rng.uniform(size=len(grid))]
    low, high = part.pitch_range
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        own = context.rng(part, bar.number)
        if bar.last:
            pitch = root_pitch(chords.at(bar.beat).root, part)
            notes.append(DraftNote(bar.beat, 2.0, pitch, spread(96, own)))
            continue
        row = steps_of(grid, bar.number, steps)
        if bar.index % 8 == 7:
            row = small_change(row, bar.index, own)
        step = BEATS_PER_BAR / len(row)
        offset = (bar.number % max(1, len(grid) // steps)) * steps
        for at, mark in enumerate(row):
            if mark in ".-":
                continue
            beat = bar.beat + at * step
            chord = chords.at(beat)
            pitch = root_pitch(chord.root, part) + figure[(offset + at) % len(figure)]
            pitch = _in_scale(pitch, chord.scale, low, high)
            slide = slides[(offset + at) % len(slides)]
            written: Articulation = "accent" if mark == "X" else "slide" if slide else "normal"
            length = min(until_next(row, at, step), 1.0) * (1.05 if slide else part.gate)
            notes.append(DraftNote(beat, length, pitch, spread(LEVELS[mark], own), written))
    return notes


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
    return mark in "og" and float(rng.uniform()) > 0.4 + energy
