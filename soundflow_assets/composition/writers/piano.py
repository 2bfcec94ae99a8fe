"""Hands of a pianist: a left hand that breaks chords into figures, and jazz comping."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftChord, DraftNote
from soundflow_assets.composition.writers.chords import chord_of
from soundflow_assets.composition.writers.paper import (
    Chords,
    bars_of,
    final_chord,
    pitch_near,
    spread,
)
from soundflow_assets.plans.genre import Part

CLEAR_PITCH = 48  # C3: from here on close tones may ring together
REST_SHARE = 0.4  # of the bars in jazz comping

# Eighth-note figures of a left hand: places in (bass, fifth, tenth, octave) or Alberti order.
TENTHS: tuple[tuple[int, ...], ...] = (
    (0, 1, 2, 1, 3, 1, 2, 1),
    (0, 1, 3, 2, 1, 2, 3, 1),
    (0, 2, 1, 2, 0, 2, 1, 2),
)
ALBERTI: tuple[tuple[int, ...], ...] = ((0, 2, 1, 2, 0, 2, 1, 2), (0, 1, 2, 1, 0, 1, 2, 1))


def broken(part: Part, context: Context) -> list[DraftNote]:
    """Break each chord into eighths from its bass up: tenths where there is room, else Alberti.

    The pedal is down: tones ring until the chord or the bar is over, but for low ones between,
    which would blur the bass.
    """
    chords = Chords(context)
    low, high = part.pitch_range
    wide = high - low >= 24
    figures = TENTHS if wide else ALBERTI
    choice = int(context.rng(part, "figure").integers(len(figures)))
    notes: list[DraftNote] = []
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes += _broken_ending(part, context, chords, rng)
            continue
        # Periods of four and four: another turn at the half close, quarters at the full one.
        figure = figures[(choice + bar.number // 8 + (bar.index % 4 == 3)) % len(figures)]
        if bar.section.energy < 0.12 or bar.index % 8 == 7:
            figure = tuple(p for i, p in enumerate(figure) if i % 2 == 0)
        step = BEATS_PER_BAR / len(figure)
        for at, place in enumerate(figure):
            beat = bar.beat + at * step
            chord = chords.at(beat)
            tones = _spread_tones(chord, low, high, wide)
            velocity = spread(74 - 4 * (at % 2) + 16 * bar.section.energy - (6 if at else 0), rng)
            pitch = tones[min(place, len(tones) - 1)]
            length = 1.4 * step
            if pitch >= CLEAR_PITCH or place == 0:
                length = min(bar.beat + BEATS_PER_BAR, chord.beat + chord.beats) - beat
            notes.append(DraftNote(beat, length, pitch, velocity))
    return notes


@lru_cache(maxsize=1024)
def _spread_tones(chord: DraftChord, low: int, high: int, wide: bool) -> tuple[int, ...]:
    """Return bass, fifth, tenth and octave of the chord (or its close position), rising."""
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
    tones = _spread_tones(chords.at(beat), low, high, high - low >= 24)
    return final_chord(context, tuple(sorted(set(tones))), 76, 40.0, rng)


# Where a comping chord may fall, in thirds of a beat: Charleston and its displacements. The last
# third is the swung eighth, written as a half.
CHARLESTONS = ((0, 5), (3, 8), (5, 9), (2, 6), (0, 8), (6, 11), (5,), (8,), (0, 5, 9), (2, 8))


def charleston(part: Part, context: Context) -> list[DraftNote]:
    """Comp as a jazz pianist: beat one and the and of two, displaced, resting in 40 % of bars.

    Never in two bars running: then the band would be without harmony.
    """
    chords = Chords(context)
    voicings = chords.voicings(part)
    notes: list[DraftNote] = []
    last = -1
    rested = False
    for bar in bars_of(part, context):
        rng = context.rng(part, bar.number)
        if bar.last:
            notes += final_chord(context, voicings[chords.at(bar.beat).beat], 84, 18.0, rng)
            continue
        pool = [i for i in range(len(CHARLESTONS)) if i != last]
        figure = pool[int(rng.integers(len(pool)))]
        share = REST_SHARE * (1.35 - 0.7 * bar.section.energy)
        # A bar may rest only after one that played, so its chance is the share against the rest.
        if rng.random() < share / (1.0 - share) and not rested:
            last, rested = -1, True
            continue
        rested = False
        last = figure
        for third in CHARLESTONS[figure]:
            beat = bar.beat + third // 3 + (0.5 if third % 3 else 0.0)
            # Half a beat ahead of a change the hand is already there.
            chord = chords.at(beat + 0.5)
            beats = 0.9 if rng.random() < 0.3 else 0.34
            beats = min(beats, chord.beat + chord.beats - beat)
            velocity = 86 if third % 3 else 78
            notes += chord_of(part, voicings[chord.beat], beat, beats, velocity, rng)
    return notes
