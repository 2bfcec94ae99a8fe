"""The chords of a whole track: the plan's progression laid over the form, coloured and voiced.

The loop starts again with every section that has room for it, is coloured by substitutions where
the genre allows them, turns round differently in the second half, and comes to rest at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftChord, DraftSection
from soundflow_assets.composition.theory import (
    ChordShape,
    chord_scale,
    parse_roman,
)
from soundflow_assets.composition.voicing import voice_progression
from soundflow_assets.plans.genre import Mode, Progression
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator

SHORTEST_BEATS = 0.5
REST_BEATS = 2 * BEATS_PER_BAR  # how long the final chord lasts at least, where there is room


@dataclass(frozen=True, slots=True)
class _Step:
    """A chord of the loop in its place."""

    beat: float
    beats: float
    shape: ChordShape


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
    tonic = parse_key(plan.key).tonic
    loop = _loop(progression, tonic, plan.spec.harmony.bars_per_chord)
    steps = _laid(loop, sections)
    steps = _coloured(plan, steps, bars, tonic, progression.mode)
    steps = _resting(steps, bars * BEATS_PER_BAR, loop, tonic, progression.mode)
    rootless = any(part.layer == "bass" for part in plan.spec.parts)
    voicings = voice_progression(
        [step.shape for step in steps], rootless=rootless, planing=progression.planing
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
            scale=chord_scale(step.shape, tonic, progression.mode),
            voicing=voicing,
        )
        for step, voicing in zip(steps, voicings, strict=True)
    )


def _loop(progression: Progression, tonic: int, stretch: float) -> list[tuple[ChordShape, float]]:
    loop = []
    for text in progression.chords:
        roman, _, beats = text.partition(":")
        length = float(beats) if beats else float(BEATS_PER_BAR)
        loop.append((parse_roman(roman, tonic, progression.mode), length * stretch))
    return loop


def _laid(
    loop: Sequence[tuple[ChordShape, float]], sections: Sequence[DraftSection]
) -> list[_Step]:
    """Lay the loop over the form; a section shorter than half the loop goes on where it was."""
    cycle = sum(beats for _, beats in loop)
    steps: list[_Step] = []
    place = 0
    for section in sections:
        beat, end = float(section.start_bar * BEATS_PER_BAR), section.end_bar * BEATS_PER_BAR
        if end - beat >= 0.5 * cycle:
            place = 0
        while end - beat >= SHORTEST_BEATS:
            shape, beats = loop[place % len(loop)]
            left = end - beat
            length = beats if left - beats >= SHORTEST_BEATS else left
            steps.append(_Step(beat, length, shape))
            beat += length
            place += 1
    return _merged(steps)


def _merged(steps: Sequence[_Step]) -> list[_Step]:
    """Join a chord to the same chord before it, up to the length of a section of two loops."""
    merged: list[_Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        if last is not None and last.shape == step.shape and last.beats + step.beats <= 16:
            merged[-1] = _Step(last.beat, last.beats + step.beats, last.shape)
        else:
            merged.append(step)
    return merged


def _coloured(
    plan: TrackPlan, steps: Sequence[_Step], bars: int, tonic: int, mode: Mode
) -> list[_Step]:
    """Add secondary dominants and tritone substitutes; suspend turnarounds in the second half."""
    rng = generator(*plan.scope("harmony"))
    chance = plan.spec.harmony.substitutions
    coloured: list[_Step] = []
    last_block = -1
    for index, step in enumerate(steps):
        following = steps[index + 1] if index + 1 < len(steps) else None
        block = int(step.beat // (8 * BEATS_PER_BAR))
        draw = float(rng.uniform())
        if following is None or index == 0:
            coloured.append(step)
        elif block != last_block and draw < chance and step.beats >= 2:
            changed = _substituted(step, following, rng, tonic, mode)
            last_block = block if len(changed) > 1 or changed[0] != step else last_block
            coloured.extend(changed)
        elif _turns_round(step, following, bars) and draw > 0.5:
            coloured.append(_Step(step.beat, step.beats, _suspended(step.shape, tonic, mode)))
        else:
            coloured.append(step)
    return coloured


def _turns_round(step: _Step, following: _Step, bars: int) -> bool:
    """Whether a fifth-degree chord closes an 8-bar block in the second half of the track."""
    block_ends = following.beat % (8 * BEATS_PER_BAR) == 0
    return block_ends and step.beat > 0.5 * bars * BEATS_PER_BAR and step.shape.dominant


def _suspended(shape: ChordShape, tonic: int, mode: Mode) -> ChordShape:
    numeral = _numeral(shape.roman)
    return parse_roman(numeral + ("9sus" if len(shape.pitch_classes) > 3 else "sus"), tonic, mode)


def _numeral(roman: str) -> str:
    kept = "".join(mark for mark in roman.split("/")[0] if mark in "b#IViv")
    return kept.rstrip("b#") or "I"


def _substituted(
    step: _Step, following: _Step, rng: np.random.Generator, tonic: int, mode: Mode
) -> list[_Step]:
    """Return `step` as its tritone substitute, or its last half as the next chord's dominant."""
    falls = (step.shape.root - following.shape.root) % 12 == 7
    if step.shape.dominant and falls and not following.shape.minor and rng.uniform() < 0.5:
        root = (step.shape.root + 6) % 12
        shape = _relabelled(parse_roman("I9", root, "mixolydian"), "subV/" + following.shape.roman)
        return [_Step(step.beat, step.beats, shape)]
    quality = "V7b9" if following.shape.minor else "V9"
    home: Mode = "minor" if following.shape.minor else "major"
    shape = parse_roman(quality, following.shape.root, home)
    if shape.root == step.shape.root or falls:
        return [step]
    half = step.beats / 2
    shape = _relabelled(shape, f"{quality}/{following.shape.roman}")
    return [_Step(step.beat, half, step.shape), _Step(step.beat + half, half, shape)]


def _relabelled(shape: ChordShape, roman: str) -> ChordShape:
    return ChordShape(roman, shape.symbol, shape.root, shape.bass, shape.pitch_classes, shape.minor)


def _resting(
    steps: Sequence[_Step],
    end: float,
    loop: Sequence[tuple[ChordShape, float]],
    tonic: int,
    mode: Mode,
) -> list[_Step]:
    """End at rest: a tonic chord over the last two bars, or the last one of a short track."""
    rest = min(float(REST_BEATS), BEATS_PER_BAR * max(1.0, end // (4 * BEATS_PER_BAR)))
    start = end - rest
    at_home = next((shape for shape, _ in loop if shape.root == shape.bass == tonic), None)
    if at_home is None or at_home.dominant:
        rich = any(len(shape.pitch_classes) > 3 for shape, _ in loop)
        minor = mode in ("minor", "dorian", "phrygian")
        at_home = parse_roman(("i" if minor else "I") + ("add9" if rich else ""), tonic, mode)
    kept = [
        step if step.beat + step.beats <= start else _Step(step.beat, start - step.beat, step.shape)
        for step in steps
        if step.beat < start
    ]
    return [*kept, _Step(start, rest, at_home)]
