"""The chords of a whole track: the plan's progression laid over the form, coloured and voiced.

The loop starts again with every section that has room for it, is coloured by substitutions where
the genre allows them, turns round differently in the second half, and comes to rest at the end by
way of a chord that wants to go there. `colour` and `cadence` hold those two crafts.
"""

from __future__ import annotations

from collections.abc import Sequence

from soundflow_assets.composition.cadence import resting, turned_round
from soundflow_assets.composition.colour import coloured
from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftChord, DraftSection
from soundflow_assets.composition.step import Loop, Step
from soundflow_assets.composition.theory import chord_scale, parse_roman
from soundflow_assets.composition.voicing import voice_progression
from soundflow_assets.plans.genre import Progression
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import TrackPlan

SHORTEST_BEATS = 0.5
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
    loop = _loop(progression, tonic, plan.spec.harmony.bars_per_chord)
    steps = coloured(plan, _laid(loop, sections), bars, tonic, mode)
    # A genre that substitutes varies its second half by that; planing has one shape throughout.
    if not progression.planing and plan.spec.harmony.substitutions == 0.0:
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


def _loop(progression: Progression, tonic: int, stretch: float) -> Loop:
    loop = []
    for text in progression.chords:
        roman, _, beats = text.partition(":")
        length = float(beats) if beats else float(BEATS_PER_BAR)
        loop.append((parse_roman(roman, tonic, progression.mode), length * stretch))
    return loop


def _laid(loop: Loop, sections: Sequence[DraftSection]) -> list[Step]:
    """Lay the loop over the form; a section shorter than the loop goes on where it was."""
    cycle = sum(beats for _, beats in loop)
    steps: list[Step] = []
    place = 0
    for section in sections:
        beat, end = (float(bar * BEATS_PER_BAR) for bar in (section.start_bar, section.end_bar))
        if end - beat >= cycle:
            place = 0
        while end - beat >= SHORTEST_BEATS:
            shape, beats = loop[place % len(loop)]
            left = end - beat
            length = beats if left - beats >= SHORTEST_BEATS else left
            steps.append(Step(beat, length, shape))
            beat += length
            place += 1
    return _joined(steps)


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
