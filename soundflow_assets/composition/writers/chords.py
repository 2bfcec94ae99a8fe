"""Chordal parts: struck, held, rolled, broken and comped. Each in its own range, voice-led.

`comp` and `strum` read a grid with holds, `held` follows the chords, `broken` spells them out in
the left hand of a piano, `charleston` is jazz comping.
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
from soundflow_assets.composition.voicing import Voicing, reopened
from soundflow_assets.composition.writers.paper import (
    LEVELS,
    Bar,
    Chords,
    bars_of,
    final_chord,
    held_length,
    pitch_near,
    small_change,
    spread,
    steps_of,
)
from soundflow_assets.plans.genre import Part

HELD_VELOCITY = 72
REST_SHARE = 0.4  # of the bars in jazz comping
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
        row = small_change(steps_of(grid, bar.number, steps), bar.index, rng)
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
        if mark in ".-" or (mark in "og" and rng.uniform() > 0.5 + bar.section.energy):
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
                notes += _chord(part, voicing, end, rest, 0.85 * LEVELS[mark], rng)
            sounding = end - beat
        notes += _chord(part, voicings[chord.beat], beat, sounding, LEVELS[mark], rng)
    return notes


def _chord(
    part: Part,
    voicing: Voicing,
    beat: float,
    beats: float,
    velocity: float,
    rng: np.random.Generator,
) -> list[DraftNote]:
    """Return a voicing struck once, rolled upwards over `strum_ms`, its top a little louder."""
    roll = part.strum_ms * float(rng.uniform(0.7, 1.2))
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

    Every second block of eight bars spaces its chords anew.
    """
    chords = Chords(context)
    voicings = chords.voicings(part, 4 if part.layer == "pad" else 3)
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        rng = context.rng(part, section.start_bar)
        voices = 4 if section.energy > 0.25 else 3
        ringing: dict[int, tuple[float, float]] = {}
        for chord, beat, stop in _stretches(section, chords):
            voicing = voicings[chord.beat][-voices:]
            if beat // BLOCK_BEATS % 2 == 1:
                voicing = reopened(voicing, *part.pitch_range, chord.voicing)
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


# Eighth-note figures of a left hand: places in (bass, fifth, tenth, octave) or Alberti order.
TENTHS: tuple[tuple[int, ...], ...] = (
    (0, 1, 2, 1, 3, 1, 2, 1),
    (0, 1, 3, 2, 1, 2, 3, 1),
    (0, 2, 1, 2, 0, 2, 1, 2),
)
ALBERTI: tuple[tuple[int, ...], ...] = ((0, 2, 1, 2, 0, 2, 1, 2), (0, 1, 2, 1, 0, 1, 2, 1))


def broken(part: Part, context: Context) -> list[DraftNote]:
    """Break each chord into eighths from its bass up: tenths where there is room, else Alberti."""
    chords = Chords(context)
    low, high = part.pitch_range
    wide = high - low >= 24
    figures = TENTHS if wide else ALBERTI
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes += _broken_ending(part, context, chords, rng)
            continue
        choice = int(context.rng(part, "figure", bar.section.start_bar).integers(len(figures)))
        # Periods of four and four: another turn at the half close, quarters at the full one.
        figure = figures[(choice + (1 if bar.index % 4 == 3 else 0)) % len(figures)]
        if bar.section.energy < 0.2 or bar.index % 8 == 7:
            figure = tuple(p for i, p in enumerate(figure) if i % 2 == 0)
        step = BEATS_PER_BAR / len(figure)
        for at, place in enumerate(figure):
            beat = bar.beat + at * step
            tones = _spread_tones(chords, beat, low, high, wide=wide)
            velocity = spread(74 - 4 * (at % 2) + 16 * bar.section.energy - (6 if at else 0), rng)
            length = step * (2.2 if place == 0 else 1.4)
            notes.append(DraftNote(beat, length, tones[min(place, len(tones) - 1)], velocity))
    return notes


def _spread_tones(
    chords: Chords, beat: float, low: int, high: int, *, wide: bool
) -> tuple[int, ...]:
    """Return bass, fifth, tenth and octave of the chord (or its close position), rising."""
    chord = chords.at(beat)
    bass = pitch_near(chord.bass, low + 5, low, high)
    by_interval = {(pc - chord.root) % 12: pc for pc in chord.pitch_classes}
    third = next((by_interval[i] for i in (3, 4, 5, 2) if i in by_interval), chord.root)
    fifth = next((by_interval[i] for i in (7, 6, 8) if i in by_interval), chord.root)
    inner = pitch_near(fifth if chord.bass != fifth else chord.root, bass + 7, bass + 1, high)
    if wide:
        tenth = pitch_near(third if chord.bass != third else chord.root, bass + 16, bass + 9, high)
        return bass, inner, tenth, pitch_near(chord.bass, bass + 12, bass + 8, high)
    return bass, pitch_near(third, bass + 4, bass + 1, high), inner


def _broken_ending(
    part: Part, context: Context, chords: Chords, rng: np.random.Generator
) -> list[DraftNote]:
    beat = float((context.bars - 1) * BEATS_PER_BAR)
    low, high = part.pitch_range
    tones = _spread_tones(chords, beat, low, high, wide=high - low >= 24)
    return final_chord(context, tuple(sorted(set(tones))), 76, 40.0, rng)


# Where a comping chord may fall, in thirds of a beat: Charleston and its displacements. The last
# third is the swung eighth, written as a half.
CHARLESTONS = ((0, 5), (3, 8), (5, 9), (2, 6), (0, 8), (6, 11), (5,), (8,), (0, 5, 9), (2, 8))


def charleston(part: Part, context: Context) -> list[DraftNote]:
    """Comp as a jazz pianist: beat one and the and of two, displaced, resting in 40 % of bars."""
    chords = Chords(context)
    voicings = chords.voicings(part)
    notes: list[DraftNote] = []
    last = -1
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes += final_chord(context, voicings[chords.at(bar.beat).beat], 84, 18.0, rng)
            continue
        pool = [i for i in range(len(CHARLESTONS)) if i != last]
        figure = pool[int(rng.integers(len(pool)))]
        if rng.uniform() < REST_SHARE * (1.35 - 0.7 * bar.section.energy):
            last = -1
            continue
        last = figure
        for third in CHARLESTONS[figure]:
            beat = bar.beat + third // 3 + (0.5 if third % 3 else 0.0)
            chord = chords.after(beat) if third == 11 else chords.at(beat)
            beats = 0.9 if rng.uniform() < 0.3 else 0.34
            velocity = 86 if third % 3 else 78
            notes += _chord(part, voicings[chord.beat], beat, beats, velocity, rng)
    return notes
