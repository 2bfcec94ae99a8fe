"""Music without a beat: tones on loops of unrelated lengths, and drones.

The loops follow Brian Eno's tape pieces: each tone of the harmony returns on a loop of its own,
17 to 41 s long, so that the whole never repeats within a track.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftNote
from soundflow_assets.composition.score import Articulation
from soundflow_assets.composition.writers.bass import root_pitch
from soundflow_assets.composition.writers.motif import nearest_tone
from soundflow_assets.composition.writers.paper import Chords, beds_lead, spread
from soundflow_assets.plans.genre import Part

LOOPS_S = (17.0, 41.0)
RINGS_S = (3.5, 7.0)
LOOSE_S = 1.5
REVERSED = 0.12
OCTAVE_DOWN = 0.15
SPAN_BARS = 8  # a drone is renewed every eight bars
OVERLAP_BEATS = 4.0
APART_BEATS = 0.5  # two tones never begin closer than this


def eno(part: Part, context: Context) -> list[DraftNote]:
    """Let five to eight tones return, each on its own loop, bent to the chord of the moment."""
    chords = Chords(context)
    low, high = part.pitch_range
    beats_per_s = context.plan.bpm / 60.0
    rng = context.rng(part, "loops")
    voices = int(rng.integers(5, 9))
    # Where the beds lead, the tones come half as often.
    pace = 2.0 if beds_lead(context) else 1.0
    spans = rng.uniform(*RINGS_S, size=voices)
    notes: list[DraftNote] = []
    for voice, length in enumerate(_loops(rng, voices)):
        home = low + round((voice + rng.random()) * (high - low) / voices)
        at_s = float(rng.uniform(0.5, 0.5 * length))
        end_s = (context.bars - 1) * BEATS_PER_BAR / beats_per_s
        while at_s < end_s:
            loose = at_s + float(rng.uniform(-LOOSE_S, LOOSE_S))
            beat = round(max(0.0, loose * beats_per_s), 3)
            draw, colour = rng.random(), rng.random()
            section = next(
                (s for s in context.sounding(part)
                 if s.start_bar * BEATS_PER_BAR <= beat < s.end_bar * BEATS_PER_BAR),
                None,
            )  # fmt: skip
            if section is not None and draw < 0.45 + section.energy:
                lower = 12 if colour > 1.0 - OCTAVE_DOWN and home - 12 >= low else 0
                pitch = nearest_tone(home - lower, chords.at(beat), low, high)
                velocity = spread(62 + 30 * section.energy, rng)
                kind: Articulation = "reverse" if colour < REVERSED else "normal"
                beats = float(spans[voice]) * beats_per_s
                notes.append(DraftNote(beat, beats, pitch, velocity, kind))
            at_s += length * pace
    return _apart(sorted(notes, key=lambda note: (note.beat, note.pitch)))


def _loops(rng: np.random.Generator, voices: int) -> list[float]:
    """Return loop lengths in seconds, spread over the range so that no two are alike."""
    shortest, longest = LOOPS_S
    width = (longest - shortest) / voices
    lengths = [shortest + width * (i + 0.2 + 0.6 * rng.random()) for i in range(voices)]
    return [lengths[int(i)] for i in rng.permutation(voices)]


def _apart(notes: list[DraftNote]) -> list[DraftNote]:
    """Drop a tone that begins together with another: that would be a chord, struck loosely."""
    kept: list[DraftNote] = []
    for note in notes:
        if not kept or note.beat - kept[-1].beat >= APART_BEATS:
            kept.append(note)
    return kept


def drone(part: Part, context: Context) -> list[DraftNote]:
    """Sustain the tonic and its fifth where the scale has it, renewed with a cross-fade."""
    chords = Chords(context)
    home = chords.at((context.bars - 1) * BEATS_PER_BAR)
    low = root_pitch(home.root, part)
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        for first in range(section.start_bar, section.end_bar, SPAN_BARS):
            beat = float(first * BEATS_PER_BAR)
            end = float(min(section.end_bar, first + SPAN_BARS) * BEATS_PER_BAR)
            last = end == context.bars * BEATS_PER_BAR
            rng = context.rng(part, first)
            pitches = [low]
            # Fifth and octave take turns above the root.
            upper = low + (7 if first // SPAN_BARS % 2 == 0 else 12)
            if upper <= part.pitch_range[1] and _fits(upper % 12, chords, beat, end):
                pitches.append(upper)
            elif upper == low + 12 <= part.pitch_range[1]:
                pitches = [upper]  # alone, it stands no nearer to the chord than the root does
            for pitch in pitches:
                velocity = spread(70 + 20 * section.energy, rng)
                length = end - beat + (0.0 if last else OVERLAP_BEATS)
                notes.append(DraftNote(beat, length, pitch, velocity))
    return notes


def _fits(pitch_class: int, chords: Chords, start: float, end: float) -> bool:
    """Whether a tone lies in every scale from `start` to `end`, a semitone from no chord tone."""
    for chord in chords.within(start, end):
        beside = {(pitch_class - 1) % 12, (pitch_class + 1) % 12}
        if pitch_class not in chord.scale or beside & set(chord.pitch_classes):
            return False
    return True
