"""Voice leading: where the tones of each chord lie, so that every voice moves as little as it can.

All spacings of the chord's important tones inside the range are priced by how well the chord lies,
every step from one to the next by how far the voices move, and the path through the progression
that costs least in all is sung (Viterbi's algorithm, IEEE Trans. Inf. Theory 13, 1967). Ties fall
to the lower spacing, so the result does not depend on anything but its input.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise, product, zip_longest
from typing import Protocol

import numpy as np
import numpy.typing as npt

CENTRE = 67.0  # G4: a voicing's mean pitch is drawn there
WIDEST = 16  # semitones between the outer voices
LOW_CLUSTER = 48  # below C3 nothing is tighter than a fifth
HEADROOM = 4  # semitones that the first chord of all leaves above it
MOTION = 2.0  # what a semitone of motion costs, beside how a chord lies
CLASHING = (1, 13)  # semitones between two voices: a minor second, a minor ninth
DOUBLING = 0.6  # what it costs to double another tone than the root, for each tone passed over
BRANCHES = 12  # spacings of a chord, the best by themselves, between which the search chooses
Voicing = tuple[int, ...]
Row = dict[Voicing, tuple[float, Voicing]]  # what each spacing costs so far, and the one before
NOWHERE: tuple[float, Voicing] = (math.inf, ())


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
    """Return one voicing (rising MIDI pitches) for each chord, the smoothest path through all.

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
    chords = tuple((shape.root, shape.pitch_classes) for shape in shapes)
    distinct = dict(zip(chords, shapes, strict=True))
    kept = {
        chord: essential_tones(shape, voices, rootless=rootless, plain=plain, home=home)
        for chord, shape in distinct.items()
    }
    most = max((len(tones) for tones in kept.values()), default=0)
    options = {
        chord: tuple(_filled(kept[chord], shape, most, low, high))
        for chord, shape in distinct.items()
    }
    own = tuple(options[chord] for chord in chords)
    return list(_path(chords, own, low, high, tuple(beside), planing))


@lru_cache(maxsize=64)  # the candidates of a track ask for the same paths
def _path(
    chords: tuple[tuple[int, tuple[int, ...]], ...],
    options: tuple[tuple[tuple[int, ...], ...], ...],
    low: int,
    high: int,
    beside: tuple[Voicing, ...],
    planing: bool,
) -> tuple[Voicing, ...]:
    """Return the cheapest path; `options` are the sets of tones that each chord may sound."""
    rows: list[Row] = []
    for place, (root, tones) in enumerate(chords):
        spaced = _spacings(options[place], low, high, beside[place] if beside else ())
        if not rows:  # leave room to move upwards
            rows.append({v: (price + max(0, v[-1] - (high - HEADROOM)), ()) for price, v in spaced})
            continue
        turn = (root - chords[place - 1][0] + 6) % 12 - 6
        parallel = {v: tuple(pitch + turn for pitch in v) for v in rows[-1]} if planing else {}
        kept = {v: moved for v, moved in parallel.items() if _fits(moved, tones, low, high)}
        row = _led({v: step for v, step in rows[-1].items() if v not in kept}, spaced)
        for before, moved in kept.items():
            row[moved] = min(row.get(moved, NOWHERE), (rows[-1][before][0], before))
        rows.append(row)
    voiced: list[Voicing] = []
    voicing = min((cost, v) for v, (cost, _) in rows[-1].items())[1] if rows else ()
    for row in reversed(rows):
        voiced.append(voicing)
        voicing = row[voicing][1]
    return tuple(reversed(voiced))


def _led(row: Row, spaced: tuple[tuple[float, Voicing], ...]) -> Row:
    """Return what it costs to reach each of `spaced`, priced by itself, from any of `row`."""
    befores = sorted(row)  # of two that cost the same the lower one leads on
    if not befores:
        return {}
    voicings = tuple(voicing for _, voicing in spaced)
    spent = np.array([row[before][0] for before in befores])
    prices = np.array([price for price, _ in spaced])
    costs = (spent + prices[:, None]) + _motions(tuple(befores), voicings)
    cheapest = costs.argmin(axis=1).tolist()
    return {
        voicing: (cost, befores[place])
        for voicing, cost, place in zip(voicings, costs.min(axis=1).tolist(), cheapest, strict=True)
    }


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


def _fits(voicing: Voicing, tones: Sequence[int], low: int, high: int) -> bool:
    inside = low <= voicing[0] and voicing[-1] <= high
    return inside and {pitch % 12 for pitch in voicing} <= set(tones)


@lru_cache(maxsize=4096)
def _spacings(
    options: tuple[tuple[int, ...], ...], low: int, high: int, beside: Voicing
) -> tuple[tuple[float, Voicing], ...]:
    """Return (price, spacing) of the best spacings in range, clear of `beside` if they can be."""
    centre = min(max(CENTRE, low + 7.0), high - 5.0)
    found: dict[Voicing, float] = {}
    for rank, tones in enumerate(options):
        places = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in tones]
        for spacing in product(*places):
            voicing = tuple(sorted(set(spacing)))
            if len(voicing) == len(spacing) and voicing not in found:
                near = sum(abs(p - q) in CLASHING for p in voicing for q in beside)
                found[voicing] = _weight(voicing, centre) + 20.0 * near + DOUBLING * rank
    if not found:
        raise ValueError(f"no room for any of {options} between {low} and {high}")
    return tuple(sorted((price, voicing) for voicing, price in found.items())[:BRANCHES])


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


@lru_cache(maxsize=1024)  # a loop comes back to the same steps
def _motions(
    befores: tuple[Voicing, ...], voicings: tuple[Voicing, ...]
) -> npt.NDArray[np.float64]:
    """Return what it costs to reach each of `voicings` from each of `befores`, one row for each.

    Priced is the motion voice by voice from the top; a voice without a partner costs nothing.
    """
    pairs = zip(_from_top(voicings), _from_top(befores), strict=False)
    moves = np.nan_to_num([abs(voice[:, None] - before) for voice, before in pairs])
    # The melody of the top voice matters most; a leap costs more than its size.
    leaps = np.maximum(moves - 4.0, 0.0).sum(axis=0)
    costs: npt.NDArray[np.float64] = MOTION * (moves.sum(axis=0) + 0.5 * moves[0] + 1.5 * leaps)
    return costs


def _from_top(voicings: Sequence[Voicing]) -> npt.NDArray[np.float64]:
    """Return the pitches of each voice from the top, nan where a chord has no such voice."""
    voices = zip_longest(*(reversed(voicing) for voicing in voicings), fillvalue=np.nan)
    return np.array(list(voices), dtype=np.float64)
