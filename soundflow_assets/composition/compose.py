"""Plan to score: the one place that knows the order in which music is written.

form -> harmony -> pitched parts (those that listen to others last) -> drums -> performance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from soundflow_assets.composition.consonance import Sounding, clear_of
from soundflow_assets.composition.cues import mute_from
from soundflow_assets.composition.draft import (
    BEATS_PER_BAR,
    Context,
    DraftChord,
    DraftHit,
    DraftNote,
    DraftSection,
)
from soundflow_assets.composition.form import fit_form
from soundflow_assets.composition.harmony import harmonise
from soundflow_assets.composition.perform import Clock, clock_of, perform_hits, perform_notes
from soundflow_assets.composition.programme import Passage, handed_over, joined
from soundflow_assets.composition.rhythm import write_hits
from soundflow_assets.composition.score import Chord, PartScore, Score, Section
from soundflow_assets.composition.writers.write import precedence, write
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.programme import movement_plan

Event = TypeVar("Event", DraftNote, DraftHit)
FADED_VELOCITY = 0.6  # share of the level left at the end of a closing section that fades


def compose(plan: TrackPlan) -> Score:
    """Return the score of `plan`: the same plan always gives the same score."""
    return joined(plan, passages(plan))


def passages(plan: TrackPlan) -> tuple[Passage, ...]:
    """Return the movements of a long programme in their places, or the whole track as one."""
    if plan.programme is None:
        return (Passage(plan, _movement(plan)),)
    plans = [(movement_plan(plan, one), one.start_bar) for one in plan.programme.movements]
    played = [Passage(one, _movement(one), start_bar) for one, start_bar in plans]
    return handed_over(played, plan.programme.blend_bars)


def _movement(plan: TrackPlan) -> Score:
    sections = fit_form(plan)
    bars = sections[-1].end_bar
    chords = harmonise(plan, bars, sections)
    clock = clock_of(plan, bars)
    written = write_parts(plan, bars, sections, chords)
    voices = next(
        s.voices for s in plan.spec.instrument_sets if s.name == plan.choices.instrument_set
    )
    return Score(
        title=plan.title,
        genre=plan.genre,
        key=plan.key,
        bpm=plan.bpm,
        swing=plan.choices.swing,
        steps_per_bar=plan.spec.drums.steps,
        duration_s=plan.duration_s,
        body_s=clock.body_s,
        bars=bars,
        beat_times_s=clock.beat_times_s,
        sections=tuple(_section(plan, section, clock) for section in sections),
        chords=tuple(_chord(chord, clock) for chord in chords),
        parts=tuple(
            PartScore(role, voices[role], perform_notes(plan, role, notes, clock))
            for role, notes in written.items()
        ),
        hits=perform_hits(plan, _faded(write_hits(plan, sections), sections), clock),
    )


def write_parts(
    plan: TrackPlan,
    bars: int,
    sections: Sequence[DraftSection],
    chords: Sequence[DraftChord],
) -> dict[str, tuple[DraftNote, ...]]:
    """Return every pitched part that plays at all, by role, in the genre's order."""
    context = Context(plan, bars, tuple(sections), tuple(chords))
    sounding = Sounding()
    for part in sorted(plan.spec.parts, key=precedence):
        if context.sounding(part):
            notes = _inside(write(part, context), context.sounding(part))
            breathed = _faded(_breathing(notes, part, sections), sections)
            context.written[part.role] = clear_of(breathed, part, context, sounding)
    written = context.written
    return {part.role: written[part.role] for part in plan.spec.parts if written.get(part.role)}


def _inside(notes: Iterable[DraftNote], sections: Sequence[DraftSection]) -> Sequence[DraftNote]:
    """Keep the notes that begin in a section in which the part plays."""
    bars = {bar for section in sections for bar in range(section.start_bar, section.end_bar)}
    return [note for note in notes if note.beat // BEATS_PER_BAR in bars]


def _breathing(
    notes: Sequence[DraftNote], part: Part, sections: Sequence[DraftSection]
) -> Sequence[DraftNote]:
    """Let the part hold its breath where a section asks for it.

    Pads sound through the breath: the silence is the rhythm's, not the room's.
    """
    mutes = [
        (mute, float(section.end_bar * BEATS_PER_BAR))
        for section in sections[:-1]
        if (mute := mute_from(section, last=False)) is not None
    ]
    if not mutes or part.layer == "pad":
        return notes
    breathing = []
    for note in notes:
        if any(mute <= note.beat < end for mute, end in mutes):
            continue
        ends = note.beat + note.beats
        cut = next((mute for mute, _ in mutes if note.beat < mute < ends), None)
        breathing.append(note if cut is None else note._replace(beats=cut - note.beat))
    return breathing


def _faded(events: Sequence[Event], sections: Sequence[DraftSection]) -> Sequence[Event]:
    """Let notes or hits grow softer to the end of a closing section that fades."""
    last = sections[-1]
    start, beats = last.start_bar * BEATS_PER_BAR, last.bars * BEATS_PER_BAR
    if last.transition != "fade":
        return events

    def softer(event: Event) -> Event:
        share = 1.0 - (1.0 - FADED_VELOCITY) * min(1.0, (event.beat - start) / beats)
        return event._replace(velocity=max(1, round(event.velocity * share)))

    return [event if event.beat <= start else softer(event) for event in events]


def _section(plan: TrackPlan, section: DraftSection, clock: Clock) -> Section:
    lanes = set(plan.spec.drums.lanes)
    pitched = tuple(role for role in section.roles if role not in lanes)
    drums = ("drums",) if lanes.intersection(section.roles) else ()
    return Section(
        name=section.name,
        start_bar=section.start_bar,
        bars=section.bars,
        start_s=clock.beat_times_s[section.start_bar * BEATS_PER_BAR],
        end_s=clock.beat_times_s[section.end_bar * BEATS_PER_BAR],
        energy=section.energy,
        roles=pitched + drums,
        transition=section.transition,
    )


def _chord(chord: DraftChord, clock: Clock) -> Chord:
    onset = clock.seconds(chord.beat)
    return Chord(
        beat=round(chord.beat, 6),
        beats=round(chord.beats, 6),
        onset_s=round(onset, 6),
        duration_s=round(clock.seconds(chord.beat + chord.beats) - onset, 6),
        roman=chord.roman,
        symbol=chord.symbol,
        root=chord.root,
        bass=chord.bass,
        pitch_classes=chord.pitch_classes,
        scale=chord.scale,
        voicing=chord.voicing,
    )
