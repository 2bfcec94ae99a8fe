"""The chords of a whole track: the plan's progression laid over the form, coloured and voiced.

The loop starts again with every section that has room for it; a contrasting section has a loop of
its own and leads back. The whole is coloured by substitutions where the genre allows them, falls
into periods or turns round differently in the second half, and comes to rest at the end by way of
a chord that wants to go there. `colour`, `cadence` and `period` hold those crafts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, zip_longest

from soundflow_assets.composition.cadence import leading_to, resting, turned_round
from soundflow_assets.composition.colour import coloured
from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftChord, DraftSection
from soundflow_assets.composition.period import periods
from soundflow_assets.composition.step import Loop, Step
from soundflow_assets.composition.theory import chord_scale, parse_roman
from soundflow_assets.composition.voicing import voice_progression
from soundflow_assets.plans.harmony import Mode, Progression
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator

SHORTEST_BEATS = 0.5
RELATIVES: dict[Mode, Mode] = {"major": "minor", "minor": "major"}
LONGEST_JOINED = 4 * BEATS_PER_BAR  # equal neighbours become one chord up to this length


def harmonise(
    plan: TrackPlan, bars: int, sections: Sequence[DraftSection]
) -> tuple[DraftChord, ...]:
    """Return the chords of all `bars` without gap or overlap, voice-led from the first to the last.

    Raises
    ------
    BadInput
        If a numeral of the progression is not understood.
    """
    progression = next(
        p for p in plan.spec.harmony.progressions if p.name == plan.choices.progression
    )
    tonic, mode = parse_key(plan.key).tonic, progression.mode
    loop = _loop(progression, tonic, mode, plan.spec.harmony.bars_per_chord)
    laid = _laid([_loop_of(plan, s, progression, loop) for s in sections], sections)
    steps = coloured(plan, _returning(laid, sections, loop, tonic, mode), bars, tonic, mode)
    # A genre that substitutes varies its second half by that; planing has one shape throughout.
    if plan.spec.harmony.periods:
        steps = periods(steps, sections, tonic, mode)
    elif not progression.planing and plan.spec.harmony.substitutions == 0.0:
        steps = turned_round(steps, sections, loop, plan.bpm, tonic, mode)
    steps = _joined(resting(steps, float(bars * BEATS_PER_BAR), loop, tonic, mode))
    rootless = any(part.layer == "bass" for part in plan.spec.parts)
    voicings = voice_progression(
        [step.shape for step in steps], rootless=rootless, planing=progression.planing, home=tonic
    )
    return tuple(
        DraftChord(
            beat=step.beat,
            beats=step.beats,
            roman=step.shape.roman,
            symbol=step.shape.symbol,
            root=step.shape.root,
            bass=step.shape.bass,
            pitch_classes=step.shape.pitch_classes,
            scale=chord_scale(step.shape, tonic, mode),
            voicing=voicing,
        )
        for step, voicing in zip(steps, voicings, strict=True)
    )


def _loop(
    progression: Progression, tonic: int, mode: Mode, stretch: float, within: str = ""
) -> Loop:
    """Return the progression's chords and lengths, in the key of the degree `within` if given."""
    loop = []
    for text in progression.chords:
        roman, _, beats = text.partition(":")
        length = float(beats) if beats else float(BEATS_PER_BAR)
        loop.append((parse_roman(roman + within, tonic, mode), length * stretch))
    return loop


def _loop_of(plan: TrackPlan, section: DraftSection, home: Progression, loop: Loop) -> Loop:
    """Return the loop of a section: the track's own, or that of a contrasting one."""
    spec, tonic = plan.spec.harmony, parse_key(plan.key).tonic
    relative: Mode | None = RELATIVES.get(home.mode) if section.harmony == "relative" else None
    if (
        section.harmony == "home"
        or home.planing
        or (section.harmony == "relative" and not relative)
    ):
        return loop
    others = [
        p
        for p in spec.progressions
        if p.name != home.name and not p.planing and p.mode == (relative or home.mode)
    ]
    if not others:
        return loop
    draw = generator(*plan.scope("harmony", section.harmony)).integers(len(others))
    within = "" if relative is None else "/vi" if home.mode == "major" else "/III"
    return _loop(others[int(draw)], tonic, home.mode, spec.bars_per_chord, within)


def _laid(loops: Sequence[Loop], sections: Sequence[DraftSection]) -> list[Step]:
    """Lay each section's loop over it; a section shorter than its loop goes on where that was."""
    steps: list[Step] = []
    place, before = 0, loops[0]
    for section, loop in zip(sections, loops, strict=True):
        cycle = math.fsum(beats for _, beats in loop)
        beat, end = (float(bar * BEATS_PER_BAR) for bar in (section.start_bar, section.end_bar))
        if end - beat >= cycle or loop is not before:
            place = 0
        before = loop
        while end - beat >= SHORTEST_BEATS:
            shape, beats = loop[place % len(loop)]
            left = end - beat
            length = beats if left - beats >= SHORTEST_BEATS else left
            steps.append(Step(beat, length, shape))
            beat += length
            place += 1
    return _joined(steps)


def _returning(
    steps: Sequence[Step], sections: Sequence[DraftSection], loop: Loop, tonic: int, mode: Mode
) -> list[Step]:
    """Let a contrasting section end on a chord that leads back to the track's own loop."""
    ends = {
        float(one.end_bar * BEATS_PER_BAR)
        for one, two in pairwise(sections)
        if one.harmony != "home" and two.harmony == "home"
    }
    returning: list[Step] = []
    for step, following in zip_longest(steps, steps[1:]):
        led = [step]
        if step.end in ends and following is not None:
            led = leading_to([step], following.shape.root, loop, tonic, mode)
        returning += led
    return returning


def _joined(steps: Sequence[Step]) -> list[Step]:
    """Join a chord to the same chord before it."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        together = last.beats + step.beats if last is not None else 0.0
        if last is not None and last.shape == step.shape and together <= LONGEST_JOINED:
            joined[-1] = Step(last.beat, together, last.shape)
        else:
            joined.append(step)
    return joined
