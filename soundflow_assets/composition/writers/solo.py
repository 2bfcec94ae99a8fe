"""Improvisation: lines of eighths that grow out of the motif and come to rest on guide tones.

A line begins with the head of the motif, runs on through the scale of the moment with chord tones
on the beat, leans into its goal by a semitone now and then, and ends on the third of the chord it
reaches where that is near. Between lines the soloist breathes.
"""

from __future__ import annotations

import math

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftNote, DraftSection
from soundflow_assets.composition.writers.melody import motif_of, singer_of
from soundflow_assets.composition.writers.motif import Motif, Singer, sequence, shift, truncate
from soundflow_assets.composition.writers.paper import Chords, spread
from soundflow_assets.plans.genre import Part

EIGHTH = 0.47  # beats that an eighth sounds
ENCLOSED = 0.4  # share of lines whose goal is reached from a semitone below
TURNS = 0.15  # chance that a line changes direction at an eighth


def solo(part: Part, context: Context) -> list[DraftNote]:
    """Improvise from the motif in eighths: lines of five to fourteen notes, rests between them."""
    chords = Chords(context)
    singer = singer_of(part, context, chords)
    motif = motif_of(part, context)
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        beat = float(section.start_bar * BEATS_PER_BAR)
        end = float(min(section.end_bar, context.bars - 1) * BEATS_PER_BAR)
        while beat < end - 2.0:
            rng = context.rng(part, round(beat * 2))
            written = _line(part, singer, chords, motif, beat, section, rng)
            notes += [note for note in written if note.beat < end]
            stop = written[-1].beat + written[-1].beats
            rest = float(rng.integers(2, 6)) * 0.5 + 2.0 * part.rest
            beat = math.ceil((stop + rest + (1.0 - section.energy)) * 2) / 2
    return notes


def _line(
    part: Part,
    singer: Singer,
    chords: Chords,
    motif: Motif,
    start: float,
    section: DraftSection,
    rng: np.random.Generator,
) -> list[DraftNote]:
    """Return one line: the motif's head, then eighths through the scale to a guide tone."""
    low, high = part.pitch_range
    home = low + (0.25 + 0.35 * section.energy + 0.2 * rng.random()) * (high - low)
    head = truncate(sequence(shift(motif, -motif[0].at), int(rng.integers(-2, 3))), 3)
    notes = [
        DraftNote(start + cell.at, min(cell.beats, 1.0) * 0.9, pitch, spread(88, rng))
        for cell, pitch in singer.sing(head, start, home)
    ]
    beat = math.floor((notes[-1].beat + max(0.5, min(1.0, head[-1].beats))) * 2) / 2
    pitch = notes[-1].pitch
    direction = -1 if pitch > (low + high) / 2 else 1
    for _ in range(int(rng.integers(3, 7 + round(5 * section.energy)))):
        if rng.random() < TURNS:
            direction = -direction
        pitch, direction = _onward(singer, chords, pitch, direction, beat)
        # Off-beats lean forward.
        notes.append(DraftNote(beat, EIGHTH, pitch, spread(92 if beat % 1.0 else 84, rng)))
        beat += 0.5
    return _resolved(notes, singer, chords, beat, rng)


def _onward(
    singer: Singer, chords: Chords, pitch: int, direction: int, beat: float
) -> tuple[int, int]:
    """Return the next tone and its direction: a chord tone on the beat, a step between beats."""
    on_beat = beat % 1.0 == 0.0
    for way in (direction, -direction):
        for firm in (on_beat, False):
            ladder = singer.ladder(beat, EIGHTH, firm=firm, passing=not on_beat)
            ahead = [p for p in ladder if 0 < (p - pitch) * way <= (4 if firm else 3)]
            if ahead:
                return min(ahead, key=lambda p: abs(p - pitch)), way
    return pitch, -direction


def _resolved(
    notes: list[DraftNote], singer: Singer, chords: Chords, beat: float, rng: np.random.Generator
) -> list[DraftNote]:
    """End a line on the beat, on the third of the chord it arrives in or else a near chord tone."""
    goal_beat = float(math.ceil(beat))
    pitch = notes[-1].pitch
    tones = singer.ladder(goal_beat, 0.9, firm=True)
    third = chords.at(goal_beat).pitch_classes[1]
    goal = min(tones, key=lambda p: (abs(p - pitch) - (3 if p % 12 == third else 0), p))
    if beat < goal_beat:
        between = singer.ladder(beat, EIGHTH, passing=True)
        below = goal - 1 if rng.random() < ENCLOSED else min(between, key=lambda p: abs(p - goal))
        step = below if below != goal else goal + 2
        notes = [*notes, DraftNote(beat, EIGHTH, step, spread(88, rng))]
    return [*notes, DraftNote(goal_beat, 0.9, goal, spread(86, rng))]
