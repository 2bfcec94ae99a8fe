"""Melodies: one motif a track, developed over phrases of eight bars, recalled near the end.

`melody` sings the phrase A A' B A'', `answer` replies in its gaps. Both draw the motif from the
plan, so that two days differ and one day is one piece.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from soundflow_assets.composition.consonance import Sounding
from soundflow_assets.composition.draft import BEATS_PER_BAR, Context, DraftNote, DraftSection
from soundflow_assets.composition.writers.motif import (
    Motif,
    Singer,
    closing,
    draw_motif,
    invert,
    is_strong,
    ornament,
    sequence,
    shift,
    stretch,
    truncate,
)
from soundflow_assets.composition.writers.paper import Chords, spread, varied_blocks
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.seeds import generator

PHRASE_BARS = 8
IDEA_BARS = 2
RECALL_FROM = 2 / 3
SLOW_REST = 0.7  # a part that rests more than this sings in notes of twice the length
CROWDED = 1.3  # ideas are left out while a phrase sounds for more than this share of its room
LEADERS = frozenset({"melody", "solo"})
SOUNDING_BEATS = 8.0 * 4  # of a phrase
GAP_BEATS = 8.0  # at most one answer in so many


def motif_of(part: Part, context: Context) -> Motif:
    """Return the track's motif as `part` has it: the same ideas for every part that asks."""
    motif = draw_motif(generator(context.plan.choices.motif, "motif"), part.rest)
    return stretch(motif, 2.0) if part.rest > SLOW_REST else motif


def idea_bars(part: Part) -> int:
    """Return the bars that one idea of the part takes."""
    return 2 * IDEA_BARS if part.rest > SLOW_REST else IDEA_BARS


def singer_of(part: Part, context: Context, chords: Chords) -> Singer:
    """Return a singer in the part's range who hears everything written before."""
    heard = Sounding(note for notes in context.written.values() for note in notes)
    return Singer(chords, *part.pitch_range, heard)


def melody(part: Part, context: Context) -> list[DraftNote]:
    """Sing phrases of eight bars, A A' B A'', each section with its own turn of the motif."""
    chords = Chords(context)
    singer = singer_of(part, context, chords)
    motif = motif_of(part, context)
    notes: list[DraftNote] = []
    before: list[DraftNote] = []
    for number, (section, start, bars) in enumerate(_phrases(part, context)):
        rng = context.rng(part, "phrase", start)
        recalled = start >= RECALL_FROM * context.bars
        # Phrases come in pairs, statement and reply: the second begins as the first did.
        pair = number // 2
        shared = context.rng(part, "pair", pair)
        plain = recalled or pair == 0 or part.rest > SLOW_REST
        turned = motif if plain else _turned(motif, pair, shared)
        varied = ornament(turned, shared) if shared.random() < 0.5 else sequence(turned, 1)
        ideas = _phrase(turned, motif if recalled else varied, number, rng)
        count = max(1, bars // idea_bars(part))
        ideas = ideas if count >= len(ideas) else [*ideas[: count - 1], ideas[-1]]
        sung = _sung(part, singer, ideas, start, section, rng, context, notes)
        if _line(sung) == _line(before):  # a reply is never the statement again
            ideas = [*ideas[:-1], closing(ornament(sequence(ideas[-1], 2), rng))]
            sung = _sung(part, singer, ideas, start, section, rng, context, notes)
        notes, before = notes + sung, sung
    return _last_note_rings(varied_blocks(notes), part, context, singer)


def _line(notes: Sequence[DraftNote]) -> list[tuple[float, int]]:
    """Return a phrase's rhythm and pitches, wherever it stands."""
    return [(note.beat % (PHRASE_BARS * BEATS_PER_BAR), note.pitch) for note in notes]


def _phrases(part: Part, context: Context) -> list[tuple[DraftSection, int, int]]:
    """Return (section, first bar, bars) of every phrase; short ends shorter than two bars rest."""
    spans = []
    for section in context.sounding(part):
        for first in range(section.start_bar, section.end_bar, PHRASE_BARS):
            bars = min(PHRASE_BARS, section.end_bar - first)
            if bars >= IDEA_BARS:
                spans.append((section, first, bars))
    return spans


def _turned(motif: Motif, number: int, rng: np.random.Generator) -> Motif:
    """Return the motif as this phrase begins with it: developed a little more each time."""
    ways = (
        lambda: sequence(motif, 2),
        lambda: shift(motif, 1.0),
        lambda: invert(motif),
        lambda: ornament(motif, rng),
        lambda: sequence(motif, -2),
        lambda: shift(sequence(motif, 1), 0.5),
    )
    return ways[(number - 1 + int(rng.integers(2))) % len(ways)]()


def _phrase(motif: Motif, varied: Motif, number: int, rng: np.random.Generator) -> list[Motif]:
    """Return the four ideas of a phrase: A, A' varied, B contrasting, A'' that closes."""
    contrast = truncate(invert(sequence(motif, 2)), 3 + number % 3)
    if rng.random() < 0.3:
        contrast = shift(contrast, 1.0)
    # The reply closes lower than the statement did.
    return [motif, varied, contrast, closing(motif, 2 if number % 2 else 0)]


def _sung(
    part: Part,
    singer: Singer,
    ideas: Sequence[Motif],
    start: int,
    section: DraftSection,
    rng: np.random.Generator,
    context: Context,
    earlier: Sequence[DraftNote],
) -> list[DraftNote]:
    low, high = part.pitch_range
    # Register and density rise with the section.
    home = low + (0.3 + 0.35 * section.energy) * (high - low)
    span = idea_bars(part) * BEATS_PER_BAR
    spoken: list[list[DraftNote]] = []
    for place, idea in enumerate(ideas):
        kept = idea if section.energy > 0.4 or place != 1 else truncate(idea, len(idea) - 1)
        beat = float(start * BEATS_PER_BAR + place * span)
        notes = []
        before = [note.pitch for note in (spoken[-1] if spoken else earlier)[-2:]]
        sung = singer.sing(kept, beat, home, after=before, closed=place == len(ideas) - 1)
        for cell, pitch in sung:
            at = beat + cell.at
            if at >= beat + span:
                break
            # The line swells upwards and leans on the strong beats.
            velocity = 86 + 10 * section.energy + 0.5 * (pitch - home) + 6 * is_strong(at)
            beats = min(cell.beats * part.gate, beat + span - at)
            notes.append(DraftNote(at, beats, pitch, spread(velocity, rng)))
        spoken.append(notes)
    room = SOUNDING_BEATS * (1.0 - part.rest) * len(ideas) * span / (PHRASE_BARS * BEATS_PER_BAR)
    return _one_summit(_rested(spoken, room, rng), singer, context)


def _rested(
    spoken: Sequence[list[DraftNote]], room: float, rng: np.random.Generator
) -> list[DraftNote]:
    """Return what fits into `room` beats of sound: whole ideas rest before notes shrink."""
    kept = [idea for idea in spoken if idea]
    while len(kept) > 1 and _sounding(kept) > CROWDED * room:
        middle = range(1, len(kept) - 1) if len(kept) > 2 else range(len(kept))
        kept.pop(middle[int(rng.integers(len(middle)))])
    factor = min(1.0, room / max(0.25, _sounding(kept)))
    return [note._replace(beats=max(0.25, note.beats * factor)) for idea in kept for note in idea]


def _sounding(ideas: Sequence[Sequence[DraftNote]]) -> float:
    return math.fsum(note.beats for idea in ideas for note in idea)


def _one_summit(notes: list[DraftNote], singer: Singer, context: Context) -> list[DraftNote]:
    """Let the highest pitch sound once: later notes as high step down to the next scale tone."""
    if not notes:
        return notes
    top = max(note.pitch for note in notes)
    chords = Chords(context)
    kept: list[DraftNote] = []
    seen = False
    for note in notes:
        pitch = note.pitch
        if pitch == top and seen:
            below = [p for p in singer.ladder(note.beat, note.beats) if p < top]
            tones = set(chords.at(note.beat).pitch_classes)
            firm = [p for p in below if p % 12 in tones and top - p <= 5]
            pitch = (firm or below or [top])[-1]
        seen = seen or note.pitch == top
        kept.append(note if pitch == note.pitch else note._replace(pitch=pitch))
    return kept


def _last_note_rings(
    notes: list[DraftNote], part: Part, context: Context, singer: Singer
) -> list[DraftNote]:
    """Let a melody that plays to the end close on a chord tone held through the last bar."""
    last = float((context.bars - 1) * BEATS_PER_BAR)
    kept = [note for note in notes if note.beat < last]
    if not kept or not any(s.end_bar == context.bars for s in context.sounding(part)):
        return kept
    (_, pitch), *_ = singer.sing(truncate(motif_of(part, context), 1)[:1], last, kept[-1].pitch)
    kept = [n if n.beats <= last - n.beat else n._replace(beats=last - n.beat) for n in kept]
    return [*kept, DraftNote(last, 3.5, pitch, 76)]


def answer(part: Part, context: Context) -> list[DraftNote]:
    """Reply to the melody where it rests for two beats or more, in every second gap."""
    chords = Chords(context)
    singer = singer_of(part, context, chords)
    low, high = part.pitch_range
    motif = motif_of(part, context)
    reply = truncate(invert(motif), 2 + context.plan.choices.motif % 2)
    reply = shift(reply, -reply[0].at)
    leaders = [p.role for p in context.plan.spec.parts if p.writer in LEADERS]
    calls = sorted(
        (note for role in leaders for note in context.written.get(role, ())),
        key=lambda note: note.beat,
    )
    steps = [int(place) - 1 for place in context.rng(part, "steps").permutation(4)]
    notes: list[DraftNote] = []
    for section in context.sounding(part):
        start = float(section.start_bar * BEATS_PER_BAR)
        end = float(section.end_bar * BEATS_PER_BAR)
        for number, (begin, until) in enumerate(_gaps(calls, start, end)):
            rng = context.rng(part, round(begin * 4))
            if rng.random() > 0.35 + 0.5 * section.energy and number % 2:
                continue
            at = float(np.ceil(begin)) + (0.5 if rng.random() < 0.4 else 0.0)
            home = low + 0.45 * (high - low)
            # In every block of eight bars another step for the same place.
            block, place = divmod(begin, SOUNDING_BEATS)
            turned = sequence(reply, steps[int(block + place // GAP_BEATS) % len(steps)])
            for cell, pitch in singer.sing(turned, at, home):
                if at + cell.at >= until - 0.25:
                    break
                beats = min(cell.beats * part.gate, until - at - cell.at)
                notes.append(DraftNote(at + cell.at, beats, pitch, spread(78, rng)))
    return varied_blocks(notes)


def _gaps(calls: Sequence[DraftNote], start: float, end: float) -> list[tuple[float, float]]:
    """Return the stretches of 2 beats and more in which nobody sings, at most one in two bars."""
    gaps = []
    at = start
    for note in [n for n in calls if start <= n.beat < end]:
        if note.beat - at >= 2.0:
            gaps.append((at, note.beat))
        at = max(at, note.beat + note.beats)
    if end - at >= 2.0:
        gaps.append((at, end))
    split = []
    for begin, until in gaps:
        while until - begin >= 2.0:
            split.append((begin, min(until, begin + GAP_BEATS)))
            begin += GAP_BEATS
    return split
