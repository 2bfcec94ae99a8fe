"""Chordal parts: struck, held and rolled. Each in its own range, voice-led.

`comp` and `strum` read a grid with holds, `held` follows the chords.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from soundflow_assets.composition.draft import (
    BEATS_PER_BAR,
    Context,
    DraftChord,
    DraftNote,
    DraftSection,
)
from soundflow_assets.composition.voicing import Voicing
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Bar,
    Chords,
    bars_of,
    final_chord,
    held_length,
    small_change,
    spread,
    steps_of,
)
from soundflow_assets.composition.writers.respacing import doubled, reopened
from soundflow_assets.plans.genre import Part

HELD_VELOCITY = 72
STABS = "X.....X........."
ANTICIPATED_BEATS = 0.5
BLOCK_BEATS = 8 * BEATS_PER_BAR


def comp(part: Part, context: Context) -> list[DraftNote]:
    """Strike the voicing by the drawn grid; `-` holds it."""
    chords = Chords(context)
    grid, steps = context.grid(part) or STABS, context.plan.spec.drums.steps
    voicings = chords.voicings(part)
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            voicing = voicings[chords.at(bar.beat).beat]
            notes += final_chord(context, voicing, 88, max(part.strum_ms, 12.0), rng)
            continue
        row = small_change(steps_of(grid, bar.number, steps), bar, rng)
        ahead = steps_of(grid, bar.number + 1, steps)
        notes += _struck(part, chords, voicings, bar, row, ahead, rng)
    return notes


def _struck(
    part: Part,
    chords: Chords,
    voicings: dict[float, Voicing],
    bar: Bar,
    row: str,
    ahead: str,
    rng: np.random.Generator,
) -> list[DraftNote]:
    step = BEATS_PER_BAR / len(row)
    last = max((i for i, mark in enumerate(row) if mark not in ".-"), default=-1)
    notes: list[DraftNote] = []
    for at, mark in enumerate(row):
        if mark in ".-" or (mark in "og" and rng.random() > 0.5 + bar.section.energy):
            continue
        beat = bar.beat + at * step
        chord = chords.at(beat)
        end = chord.beat + chord.beats
        length = held_length(row, at, step)
        sounding = length * part.gate if length > step else step * max(part.gate, 0.35)
        # The last stroke before a bar without a first beat already belongs to the next chord.
        early = at == last and ahead[0] == "." and end - beat <= ANTICIPATED_BEATS
        if early or end - beat < 0.2:
            chord = chords.after(beat)
        elif beat + sounding > end:
            # Held over a change of chord: the new one is struck where it begins.
            rest = beat + sounding - end
            if rest >= ANTICIPATED_BEATS:
                voicing = voicings[chords.after(beat).beat]
                notes += chord_of(part, voicing, end, rest, 0.85 * LEVELS[mark], rng)
            sounding = end - beat
        notes += chord_of(part, voicings[chord.beat], beat, sounding, LEVELS[mark], rng)
    return notes


def chord_of(
    part: Part,
    voicing: Voicing,
    beat: float,
    beats: float,
    velocity: float,
    rng: np.random.Generator,
) -> list[DraftNote]:
    """Return a voicing struck once, rolled upwards over `strum_ms`, its top a little louder."""
    roll = part.strum_ms * (0.7 + (1.2 - 0.7) * rng.random())  # uniform(0.7, 1.2), but sooner
    between = roll / max(1, len(voicing) - 1)
    return [
        DraftNote(
            beat,
            beats,
            pitch,
            spread(velocity * (1.0 if i == len(voicing) - 1 else 0.9), rng),
            delay_ms=round(i * between, 2),
        )
        for i, pitch in enumerate(voicing)
    ]


def strum(part: Part, context: Context) -> list[DraftNote]:
    """Roll the voicing by the drawn grid; every other soft stroke runs downwards."""
    notes = comp(part, context)
    if part.strum_ms == 0.0:
        return notes
    return [_reversed(note, part) if _is_upstroke(note) else note for note in notes]


def _is_upstroke(note: DraftNote) -> bool:
    return note.velocity < 80 and round(note.beat * 4) % 2 == 1


def _reversed(note: DraftNote, part: Part) -> DraftNote:
    delay = round(max(0.0, part.strum_ms - note.delay_ms), 2)
    return DraftNote(note.beat, note.beats, note.pitch, note.velocity, note.articulation, delay)


def held(part: Part, context: Context) -> list[DraftNote]:
    """Sustain each chord's voicing; tones that two chords share sound on without a new attack.

    Every second block of eight bars has a voice less, or one doubled where there are only three.
    """
    chords = Chords(context)
    voicings = chords.voicings(part, 4 if part.layer == "pad" else 3)
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        rng = context.rng(part, section.start_bar)
        ringing: dict[int, tuple[float, float]] = {}
        before: Voicing = ()
        for chord, beat, stop in _stretches(section, chords):
            odd = beat // BLOCK_BEATS % 2 == 1
            voicing = voicings[chord.beat]
            if odd and len(voicing) > 3:
                voicing = voicing[-3:]
            elif odd:
                more = doubled(voicing, *part.pitch_range, chord.voicing, before)
                voicing = more if more != voicing else reopened(more, *part.pitch_range)
            before = voicing
            for pitch in sorted(set(ringing) - set(voicing)):
                notes.append(_let_go(part, pitch, ringing.pop(pitch), rng, section.energy))
            for pitch in voicing:
                ringing[pitch] = (ringing.get(pitch, (beat, stop))[0], stop)
        for pitch in sorted(ringing):
            notes.append(_let_go(part, pitch, ringing[pitch], rng, section.energy))
    return sorted(notes, key=lambda note: (note.beat, note.pitch))


def _stretches(section: DraftSection, chords: Chords) -> Iterator[tuple[DraftChord, float, float]]:
    """Yield each chord of a section from where to where it sounds, new at every eighth bar."""
    start = float(section.start_bar * BEATS_PER_BAR)
    end = float(section.end_bar * BEATS_PER_BAR)
    for chord in chords.within(start, end):
        beat = max(start, chord.beat)
        stop = min(end, chord.beat + chord.beats)
        while beat < stop:
            until = min(stop, (beat // BLOCK_BEATS + 1) * BLOCK_BEATS)
            yield chord, beat, until
            beat = until


def _let_go(
    part: Part, pitch: int, span: tuple[float, float], rng: np.random.Generator, energy: float
) -> DraftNote:
    start, stop = span
    velocity = spread(HELD_VELOCITY + 22 * energy, rng)
    return DraftNote(start, (stop - start) * min(1.0, part.gate + 0.1), pitch, velocity)
