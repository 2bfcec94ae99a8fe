"""Colour: secondary dominants, tritone substitutes, borrowed fours, and suspended dominants.

At most one substitution in eight bars (in four, where a genre asks for more than that), never two
within four: colour is heard against what is plain. Suspensions come in the second half only, as the
4 before the 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR
from soundflow_assets.composition.step import Step
from soundflow_assets.composition.theory import MODES, ChordShape, parse_roman
from soundflow_assets.plans.harmony import Mode
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator

BLOCK_BEATS = 8 * BEATS_PER_BAR
APART_BEATS = 4 * BEATS_PER_BAR
SUSPENDED_SHARE = 0.5  # of the closing dominants in the second half


def coloured(
    plan: TrackPlan, steps: Sequence[Step], bars: int, tonic: int, mode: Mode
) -> list[Step]:
    """Return the steps with substitutions by the genre's chance, and suspended turnarounds."""
    rng = generator(*plan.scope("harmony"))
    harmony = plan.spec.harmony
    # Colour is heard against what is plain: a loop that is chromatic itself takes less of it.
    block = BLOCK_BEATS if harmony.substitutions <= 1.0 else BLOCK_BEATS / 2
    wanted = harmony.substitutions * block / BLOCK_BEATS
    chance = wanted * max(0.0, 1.0 - 3.0 * _chromatic_share(steps, tonic, mode))
    done: list[Step] = list(steps[:1])
    last_beat = 0.0
    for index in range(1, len(steps)):
        step = steps[index]
        following = steps[index + 1] if index + 1 < len(steps) else None
        draw = rng.random()
        changed = [step]
        fresh = step.beat // block != last_beat // block
        if following is None or step.beats < 2.0:
            pass
        elif fresh and step.beat - last_beat >= APART_BEATS and draw < chance:
            changed = _substituted(step, following, rng, tonic, mode)
        elif harmony.periods:
            pass
        elif _turns_round(step, bars, tonic) and draw > 1.0 - SUSPENDED_SHARE:
            changed = _suspended(step, tonic, mode)
        if changed != [step] and not _is_suspension(changed):
            last_beat = step.beat
        done += changed
    return done


def _chromatic_share(steps: Sequence[Step], tonic: int, mode: Mode) -> float:
    """Return the share of time under chords with a tone from outside the mode."""
    scale = {(tonic + tone) % 12 for tone in MODES[mode]}
    foreign = (step.beats for step in steps if not set(step.shape.pitch_classes) <= scale)
    return math.fsum(foreign) / math.fsum(step.beats for step in steps)


def _is_suspension(steps: Sequence[Step]) -> bool:
    return steps[0].shape.roman.endswith("sus")


def _turns_round(step: Step, bars: int, tonic: int) -> bool:
    """Whether a dominant closes a block of eight bars in the second half of the track."""
    fifth = (step.shape.root - tonic) % 12 == 7 and not step.shape.minor
    closes = step.end % BLOCK_BEATS == 0 and step.beat > 0.5 * bars * BEATS_PER_BAR
    return closes and step.shape.root == step.shape.bass and (fifth or step.shape.dominant)


def _suspended(step: Step, tonic: int, mode: Mode) -> list[Step]:
    """Hold the fourth for half of a dominant, then let it fall to the third."""
    roman = step.shape.roman.split("/")
    numeral = "".join(mark for mark in roman[0] if mark in "b#IViv").rstrip("b#")
    quality = "9sus" if len(step.shape.pitch_classes) > 3 else "sus"
    shape = parse_roman("/".join([numeral + quality, *roman[1:]]), tonic, mode)
    if shape.root != step.shape.root:
        return [step]
    half = step.beats / 2
    return [Step(step.beat, half, shape), Step(step.beat + half, half, step.shape)]


def _substituted(
    step: Step, following: Step, rng: np.random.Generator, tonic: int, mode: Mode
) -> list[Step]:
    """Return `step` as its tritone substitute, or its end as the next chord's dominant."""
    falls = (step.shape.root - following.shape.root) % 12 == 7
    if step.shape.dominant and falls and not following.shape.minor and rng.random() < 0.5:
        root = (step.shape.root + 6) % 12
        shape = parse_roman("I9", root, "mixolydian")
        return [replace(step, shape=replace(shape, roman="subV/" + following.shape.roman))]
    leading = _leading_to(following.shape, tonic, mode)
    # A four that turns minor keeps its root; any other chord would only stay where it is.
    still = leading is not None and leading.root == step.shape.root and not leading.minor
    if leading is None or falls or still:
        return [step]
    length = min(step.beats / 2, float(BEATS_PER_BAR))
    return [
        Step(step.beat, step.beats - length, step.shape),
        Step(step.end - length, length, leading),
    ]


def _leading_to(target: ChordShape, tonic: int, mode: Mode) -> ChordShape | None:
    """Return a chord with a foreign tone that leads to `target`: its dominant, or a minor four.

    A diminished chord leads on by itself and is not led to.
    """
    if {(target.root + 3) % 12, (target.root + 6) % 12} <= set(target.pitch_classes):
        return None
    dominant = _dominant_of(target, tonic, mode)
    foreign = set(dominant.pitch_classes) - {(tonic + tone) % 12 for tone in MODES[mode]}
    if foreign or mode != "major" or target.root != tonic:
        return dominant
    return parse_roman("iv" if len(target.pitch_classes) <= 3 else "ivadd6", tonic, mode)


def _dominant_of(target: ChordShape, tonic: int, mode: Mode) -> ChordShape:
    # Among triads and inversions a secondary dominant is a plain seventh.
    plain = len(target.pitch_classes) <= 3 or target.root != target.bass
    name = f"{'V7' if plain else 'V7b9' if target.minor else 'V9'}/{target.roman}"
    if not target.roman.startswith("subV/"):
        return parse_roman(name, tonic, mode)
    home: Mode = "minor" if target.minor else "major"
    return replace(parse_roman(name.split("/", maxsplit=1)[0], target.root, home), roman=name)
