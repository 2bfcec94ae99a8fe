"""Periods: four bars that ask and four that answer, with the suspensions that lean into them.

The fourth bar of a period closes on the dominant (half cadence), the eighth on the tonic that a
dominant leads to (full cadence). A dominant whose fourth was heard before holds it and lets it
fall to the third (4-3); a chord of the sixth whose ninth was heard before does the same with its
root (7-6 above the bass), once in a period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftSection
from soundflow_assets.composition.step import Step
from soundflow_assets.composition.theory import MINOR_MODES, MODES, ChordShape, parse_roman
from soundflow_assets.plans.harmony import Mode

HALF_BEATS = 4 * BEATS_PER_BAR
PERIOD_BEATS = 8 * BEATS_PER_BAR
SUSPENDED_BEATS = 1.0
LAST_BEATS = 2.0  # of a bar, for the chord that a cadence puts there


def periods(
    steps: Sequence[Step], sections: Sequence[DraftSection], tonic: int, mode: Mode
) -> list[Step]:
    """Return the steps in periods counted from the start of each section."""
    shaped: list[Step] = []
    for section in sections:
        start, end = section.start_bar * BEATS_PER_BAR, section.end_bar * BEATS_PER_BAR
        own = [step for step in steps if start <= step.beat < end]
        key = _key_of(section, tonic, mode)
        for beat in range(start + HALF_BEATS, end + 1, HALF_BEATS):
            full = (beat - start) % PERIOD_BEATS == 0
            own = (
                _full_close(own, float(beat), *key) if full else _half_close(own, float(beat), *key)
            )
        shaped += own
    return _suspended(shaped, tonic, mode)


def _key_of(section: DraftSection, tonic: int, mode: Mode) -> tuple[int, Mode, str]:
    """Return tonic and mode of the track, and what a numeral of the section's own key ends in."""
    if section.harmony != "relative" or mode not in ("major", "minor"):
        return tonic, mode, ""
    return tonic, mode, "/vi" if mode == "major" else "/III"


def _chord(name: str, tonic: int, mode: Mode, within: str) -> ChordShape:
    return parse_roman(name + within, tonic, mode)


def _half_close(steps: list[Step], beat: float, tonic: int, mode: Mode, within: str) -> list[Step]:
    """End the bar before `beat` on the dominant."""
    dominant = _chord("V", tonic, mode, within)
    return _closed_by(steps, beat, dominant)


def _full_close(steps: list[Step], beat: float, tonic: int, mode: Mode, within: str) -> list[Step]:
    """End the bar before `beat` on the tonic, with its dominant before it."""
    minor = mode in MINOR_MODES if not within else within == "/vi"
    home = _chord("i" if minor else "I", tonic, mode, within)
    dominant = _chord("V", tonic, mode, within)
    last = next((s for s in steps if s.beat < beat <= s.end), None)
    if last is None or last.beats < LAST_BEATS:
        return steps
    if last.shape.root == home.root:
        return _closed_by(steps, last.beat, dominant) if last.beat > steps[0].beat else steps
    closed = _closed_by(steps, beat, home)
    return _closed_by(closed, beat - LAST_BEATS, dominant)


def _closed_by(steps: list[Step], beat: float, shape: ChordShape) -> list[Step]:
    """Put `shape` under the last two beats before `beat`, unless its root is there already."""
    closed: list[Step] = []
    for step in steps:
        if step.beat < beat <= step.end and step.shape.root != shape.root:
            cut = max(step.beat, beat - LAST_BEATS)
            if cut > step.beat:
                closed.append(Step(step.beat, cut - step.beat, step.shape))
            closed.append(Step(cut, beat - cut, shape))
            if step.end > beat:
                closed.append(Step(beat, step.end - beat, step.shape))
        else:
            closed.append(step)
    return closed


def _suspended(steps: Sequence[Step], tonic: int, mode: Mode) -> list[Step]:
    """Return the steps with every prepared 4-3, and one prepared 7-6 in eight bars."""
    held: list[Step] = list(steps[:1])
    last = -PERIOD_BEATS
    for before, step in pairwise(steps):
        scale = {(tonic + tone) % 12 for tone in MODES[mode]}
        fourth, ninth = (step.shape.root + 5) % 12, _above(step.shape.root, scale)
        heard = before.shape.pitch_classes
        triad = len(step.shape.pitch_classes) == 3 and step.beats >= 2 * SUSPENDED_BEATS
        if triad and _is_dominant(step.shape) and fourth in heard:
            tones = (step.shape.root, fourth, step.shape.pitch_classes[2])
            held += _leaning(step, tones, "sus")
        elif (
            triad and _is_sixth(step.shape) and ninth in heard and step.beat - last >= PERIOD_BEATS
        ):
            last = round(step.beat)
            held += _leaning(step, (*step.shape.pitch_classes, ninth), "sus")
        else:
            held.append(step)
    return held


def _leaning(step: Step, tones: tuple[int, ...], mark: str) -> list[Step]:
    """Return the chord with `tones` for its first half, then as it is."""
    half = step.beats / 2
    roman, slash, within = step.shape.roman.partition("/")
    base, over, bass = step.shape.symbol.partition("/")
    shape = replace(
        step.shape,
        roman=f"{roman}{mark}{slash}{within}",
        symbol=f"{base}{mark}{over}{bass}",
        pitch_classes=tones,
    )
    return [Step(step.beat, half, shape), Step(step.beat + half, half, step.shape)]


def _is_dominant(shape: ChordShape) -> bool:
    """Whether it is a major triad on a fifth degree, in root position."""
    return shape.roman.partition("/")[0] == "V" and shape.root == shape.bass


def _is_sixth(shape: ChordShape) -> bool:
    """Whether it is a triad in first inversion."""
    return shape.bass == shape.pitch_classes[1]


def _above(root: int, scale: set[int]) -> int:
    """Return the tone of the scale that lies a step above `root`."""
    return next(tone % 12 for tone in (root + 2, root + 1) if tone % 12 in scale)
