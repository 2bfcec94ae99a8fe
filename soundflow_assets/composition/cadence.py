"""Cadences: how the second half turns round, and how the last chord is reached and held."""

from __future__ import annotations

from collections.abc import Sequence

from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftSection
from soundflow_assets.composition.step import Loop, Step, is_rich, roots_of
from soundflow_assets.composition.theory import MINOR_MODES, ChordShape, parse_roman
from soundflow_assets.plans.harmony import Mode

REST_BEATS = 2.0 * BEATS_PER_BAR  # the final chord lasts at least so long, where there is room
SLOW_S = 8.0  # a chord longer than this is scenery: nothing turns round in it
MOVING = 3  # a loop with fewer roots than this stands still, and needs no cadence
# What leads home in each mode, and what does so where the loop already stands on that degree.
LEADING: dict[Mode, tuple[str, str]] = {
    "major": ("V", "IV"),
    "minor": ("v", "bVII"),
    "dorian": ("v", "bVII"),
    "phrygian": ("bII", "bvii"),
    "lydian": ("II", "V"),
    "mixolydian": ("bVII", "IV"),
}


def turned_round(
    steps: Sequence[Step],
    sections: Sequence[DraftSection],
    loop: Loop,
    bpm: float,
    tonic: int,
    mode: Mode,
) -> list[Step]:
    """Let every second close of an 8-bar block in the second half lead back by another chord.

    A dominant stays: it leads already.
    """
    if roots_of(loop) < MOVING:
        return list(steps)
    half = 0.5 * sections[-1].end_bar * BEATS_PER_BAR
    starts = [section.start_bar * BEATS_PER_BAR for section in sections]
    turned: list[Step] = []
    for index, step in enumerate(steps):
        following = steps[min(index + 1, len(steps) - 1)]
        start = max(first for first in starts if first <= step.beat)
        closes = (step.end - start) % (16 * BEATS_PER_BAR) == 8 * BEATS_PER_BAR
        fits = step.beats >= BEATS_PER_BAR and step.beats * 60.0 / bpm <= SLOW_S
        leads = (step.shape.root - tonic) % 12 == 7 and not step.shape.minor
        new = _leading({step.shape.root, following.shape.root}, loop, tonic, mode)
        if step.beat >= half and closes and fits and not leads and new is not None:
            kept = step.beats / 2
            turned.append(Step(step.beat, kept, step.shape))
            turned.append(Step(step.beat + kept, step.beats - kept, new))
        else:
            turned.append(step)
    return turned


def resting(steps: Sequence[Step], end: float, loop: Loop, tonic: int, mode: Mode) -> list[Step]:
    """End at rest: a tonic chord over the last two bars or more, one bar in a short track."""
    rest = max(REST_BEATS, min(beats for _, beats in loop))
    rest = min(rest, BEATS_PER_BAR * max(1.0, end // (4 * BEATS_PER_BAR)))
    start = end - rest
    kept = [
        step if step.end <= start else Step(step.beat, start - step.beat, step.shape)
        for step in steps
        if step.beat < start
    ]
    if kept and kept[-1].shape.root == tonic and roots_of(loop) >= MOVING:
        kept = _led(kept, _leading({tonic}, loop, tonic, mode))
    return [*kept, Step(start, rest, _home(loop, tonic, mode))]


def _leading(taken: set[int], loop: Loop, tonic: int, mode: Mode) -> ChordShape | None:
    """Return a chord that leads home and whose root is not `taken`, in the loop's own language."""
    written = {shape.root: shape for shape, _ in loop if shape.root == shape.bass}
    # A piece in a minor key that raises its leading tone anywhere does so here.
    raised = mode == "minor" and any((tonic + 11) % 12 in shape.pitch_classes for shape, _ in loop)
    for numeral in LEADING[mode]:
        name = "V" if raised and numeral == "v" else numeral
        soft = name in ("IV", "bII") or (name == "bVII" and mode != "mixolydian")
        quality = ("maj7" if soft else "7") if is_rich(loop) else ""
        shape = parse_roman(name + quality, tonic, mode)
        if shape.root not in taken:
            return written.get(shape.root, shape)
    return None


def leading_to(steps: Sequence[Step], root: int, loop: Loop, tonic: int, mode: Mode) -> list[Step]:
    """End the steps on a chord that leads home, unless the last one does so already.

    `root` is that of the chord which follows.
    """
    last = steps[-1].shape
    if last.root == (tonic + 7) % 12 or roots_of(loop) < MOVING:
        return list(steps)
    return _led(steps, _leading({last.root, root}, loop, tonic, mode))


def _led(steps: Sequence[Step], leading: ChordShape | None) -> list[Step]:
    """Put a leading chord under the last bar of the last step, or under half of it."""
    last = steps[-1]
    if leading is None or last.beats < 2.0:
        return list(steps)
    length = min(float(BEATS_PER_BAR), last.beats / 2)
    cut = Step(last.beat, last.beats - length, last.shape)
    return [*steps[:-1], cut, Step(last.end - length, length, leading)]


def _home(loop: Loop, tonic: int, mode: Mode) -> ChordShape:
    """Return the loop's own tonic chord where it can rest on it."""
    own = next((shape for shape, _ in loop if shape.root == shape.bass == tonic), None)
    if own is not None and not own.dominant:
        return own
    quality = "69" if is_rich(loop) else ""
    return parse_roman(("i" if mode in MINOR_MODES else "I") + quality, tonic, mode)
