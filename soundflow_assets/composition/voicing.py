"""Voice leading: where the tones of each chord lie, so that every voice moves as little as it can.

The rule is a search: all spacings of the chord's important tones inside the range are priced by how
far the voices move and how well the chord lies, and the cheapest wins. Ties fall to the lower
spacing, so the result does not depend on anything but its input.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import Protocol

CENTRE = 67.0  # G4: a voicing's mean pitch is drawn there
WIDEST = 16  # semitones between the outer voices
LOW_CLUSTER = 48  # below C3 nothing is tighter than a fifth
HEADROOM = 4  # semitones that the first chord of all leaves above it
MOTION = 1.8  # what a semitone of motion costs, beside how a chord lies
CLASHING = (1, 13)  # semitones between two voices: a minor second, a minor ninth
Voicing = tuple[int, ...]


class Tones(Protocol):
    """A chord as far as voicing is concerned: its root and its tones, root first."""

    @property
    def root(self) -> int:
        """Pitch class of the root."""

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Pitch classes, root first."""


def essential_tones(
    shape: Tones, voices: int, *, rootless: bool, plain: bool = False, home: int | None = None
) -> tuple[int, ...]:
    """Return the pitch classes a voicing must hold, at most `voices` of them.

    Third and seventh first, then the colours from the highest down, then the root, then the fifth.
    A chord on the tonic `home` has its root even over a bass, or the ear takes its third or fifth
    for the tonic. A `plain` voicing, for a part that sounds beside another chordal part, is a triad
    and the tonic where that belongs to the chord.
    """
    root = shape.root
    by_interval = {(pc - root) % 12: pc for pc in shape.pitch_classes}
    thirds: list[int] = [i for i in (3, 4) if i in by_interval] or [
        i for i in (5, 2) if i in by_interval
    ]
    sevenths: list[int] = [i for i in (10, 11) if i in by_interval]
    if plain:
        fifths = [i for i in (7, 6, 8) if i in by_interval]
        kept = [(home - root) % 12] if home in shape.pitch_classes else []
        order = list(dict.fromkeys((0, *thirds[:1], *kept, *fifths[:1])))
        return tuple(by_interval[i] for i in order[:voices])
    order = thirds[:1] + sevenths[:1]
    colours = [(pc - root) % 12 for pc in shape.pitch_classes[3:]]
    order += [i for i in reversed(colours) if i not in order]
    if root == home:
        order = list(dict.fromkeys([*thirds[:1], 0, *order]))
    rest = [7, 6, 8] if rootless and len(order) >= 2 else [0, 7, 6, 8]
    order += [i for i in rest if i in by_interval and i not in order]
    if rootless and len(order) < 3 and 0 in by_interval:
        order.append(0)
    return tuple(by_interval[i] for i in order[:voices])


def voice_progression(
    shapes: Sequence[Tones],
    low: int = 52,
    high: int = 76,
    voices: int = 4,
    *,
    rootless: bool = True,
    planing: bool = False,
    plain: bool = False,
    home: int | None = None,
    beside: Sequence[Voicing] = (),
) -> list[Voicing]:
    """Return one voicing (rising MIDI pitches) for each chord, each near the one before.

    Parameters
    ----------
    low, high
        The range; at least an octave.
    rootless
        Whether a bass part has the root.
    plain
        A triad and, where it fits, the tonic: what rings beside another chordal part.
    home
        Pitch class of the tonic, where it is known.
    planing
        Parallel motion is meant: each chord keeps the first one's shape where its tones allow.
    beside
        What another part sounds under each chord: these voicings keep clear of it.
    """
    centre = min(max(CENTRE, low + 7.0), high - 5.0)
    chosen = [
        essential_tones(shape, voices, rootless=rootless, plain=plain, home=home)
        for shape in shapes
    ]
    most = max((len(tones) for tones in chosen), default=0)
    voiced: list[Voicing] = []
    for place, shape in enumerate(shapes):
        other = beside[place] if beside else ()
        tones = chosen[place]
        before = voiced[-1] if voiced else None
        if planing and before is not None:
            shift = (shape.root - shapes[place - 1].root + 6) % 12 - 6
            moved = tuple(pitch + shift for pitch in before)
            if {p % 12 for p in moved} <= set(shape.pitch_classes) and _inside(moved, low, high):
                voiced.append(moved)
                continue
        options = _filled(tones, shape, most, low, high)
        priced = [nearest_voicing(option, before, low, high, centre, other) for option in options]
        voiced.append(min(priced)[1])
    return voiced


def _filled(
    tones: tuple[int, ...], shape: Tones, voices: int, low: int, high: int
) -> list[tuple[int, ...]]:
    """Return the tones, or ways to double one of them, so that no voice falls silent."""
    if len(tones) >= voices or len(tones) < 3:
        return [tones]
    doubles = [
        (*tones, pc)
        for pc in dict.fromkeys((shape.root, *tones))
        if pc not in tones or low + (pc - low) % 12 + 12 <= high
    ]
    return doubles or [tones]


def _inside(voicing: Voicing, low: int, high: int) -> bool:
    return low <= voicing[0] and voicing[-1] <= high


@lru_cache(maxsize=20000)
def nearest_voicing(
    tones: tuple[int, ...],
    before: Voicing | None,
    low: int,
    high: int,
    centre: float,
    beside: Voicing = (),
) -> tuple[float, Voicing]:
    """Return (price, spacing) of the cheapest spacing of `tones` after `before`, in range.

    Clear of `beside` where it can be.
    """
    places = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in tones]
    best: tuple[float, Voicing] | None = None
    for spacing in product(*places):
        voicing = tuple(sorted(spacing))
        if len(set(voicing)) < len(voicing):
            continue
        price = _weight(voicing, centre) + _movement(before, voicing)
        if before is None:  # leave room to move upwards
            price += 1.0 * max(0, voicing[-1] - (high - HEADROOM))
        price += 20.0 * sum(abs(p - q) in CLASHING for p in voicing for q in beside)
        if best is None or (price, voicing) < best:
            best = (price, voicing)
    if best is None:
        raise ValueError(f"no room for {tones} between {low} and {high}")
    return best


def reopened(voicing: Voicing, low: int, high: int, beside: Voicing = ()) -> Voicing:
    """Return the same tones in another spacing: a voice an octave away, or an inner one less.

    Kept are the range and the distance to `beside`, as in `nearest_voicing`.

    >>> reopened((60, 64, 67), 55, 76)
    (64, 67, 72)
    """
    for place in (0, -1, 1, -2):
        for octave in (12, -12):
            others = [p for p in voicing if p != voicing[place]]
            moved = voicing[place] + octave
            clear = not any(abs(moved - p) in (0, *CLASHING) for p in (*others, *beside))
            opened = tuple(sorted([*others, moved]))
            if low <= moved <= high and clear and opened[1] - opened[0] != 1:
                return opened
    return (voicing[0], *voicing[2:]) if len(voicing) > 2 else voicing


def doubled(
    voicing: Voicing, low: int, high: int, beside: Voicing = (), before: Voicing = ()
) -> Voicing:
    """Return the voicing with one tone doubled at the octave, between the others where it can be.

    Kept are the range and the distance to `beside`, as in `nearest_voicing`; after another voicing,
    the place is the one that is least far from a voice of that.

    >>> doubled((55, 62, 71), 48, 79)
    (55, 62, 67, 71)
    """
    places = [
        pitch + octave
        for pitch in voicing
        for octave in (12, -12)
        if low <= pitch + octave <= high
        and not any(abs(pitch + octave - p) in (0, *CLASHING) for p in (*voicing, *beside))
    ]
    if not places:
        return voicing

    def place(pitch: int) -> tuple[int, bool, int, int]:
        outside = not voicing[0] < pitch < voicing[-1]
        moved = min((abs(pitch - other) for other in before), default=0)
        return moved, outside, min(abs(pitch - other) for other in voicing), pitch

    return tuple(sorted((*voicing, min(places, key=place))))


def _weight(voicing: Voicing, centre: float) -> float:
    """Price how a chord lies: far from the centre, too wide, clusters at the bottom or low down."""
    mean = sum(voicing) / len(voicing)
    price = (
        0.05 * (voicing[-1] - voicing[0])
        + 0.2 * abs(mean - centre)
        + 1.5 * max(0, voicing[-1] - voicing[0] - WIDEST)
    )
    steps = [above - below for below, above in pairwise(voicing)]
    if steps and steps[0] == 1:
        price += 100.0
    price += 12.0 * steps[1:].count(1)
    price += 6.0 * _minor_ninths(voicing)
    low = (step for below, step in zip(voicing, steps, strict=False) if below < LOW_CLUSTER)
    price += 8.0 * sum(step < 7 for step in low)
    return price + 0.4 * sum(max(0, step - 9) for step in steps)


def _minor_ninths(voicing: Voicing) -> int:
    """Return how many pairs of voices are a minor ninth apart."""
    return sum(1 for one, two in combinations(voicing, 2) if two - one == 13)


def _movement(before: Voicing | None, voicing: Voicing) -> float:
    """Price the motion between two chords, voice by voice from the top."""
    if before is None:
        return 0.0
    pairs = list(zip(reversed(before), reversed(voicing), strict=False))
    moves = [abs(a - b) for a, b in pairs]
    # The melody of the top voice matters most; a leap costs more than its size.
    leaps = sum(max(0, move - 4) for move in moves)
    return MOTION * (sum(moves) + 0.5 * moves[0] + 1.5 * leaps)
