"""Symbolic measures as MusPy defines them, so that scores can be compared with the literature.

Pitch-class entropy and groove consistency are Wu and Yang's ("The Jazz Transformer on the Front
Line", ISMIR 2020), scale consistency is Mogren's ("C-RNN-GAN", 2016); the definitions are those of
MusPy (Dong et al., ISMIR 2020), at four steps a beat. Groove consistency is taken of the drums
alone. The written beat is read, not the performed one.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from soundflow_assets.composition.midi import DRUM_NOTES
from soundflow_assets.composition.score import Hit, Note

STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16
_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
_MINOR = frozenset((0, 2, 3, 5, 7, 8, 10))


def strokes(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return the strokes of a kit, without rises, swells and falls."""
    return tuple([hit for hit in hits if hit.sound in DRUM_NOTES])


def pitch_class_entropy(notes: Sequence[Note]) -> float | None:
    """Return the Shannon entropy in bits of the pitch classes, by count of notes.

    >>> pitch_class_entropy([Note(0, 0, 1, 60, 90), Note(1, 1, 1, 67, 90)])
    1.0
    """
    if not notes:
        return None
    counts = Counter(note.pitch % 12 for note in notes)
    shares = [counts[tone] / len(notes) for tone in sorted(counts)]
    return round(-math.fsum(share * math.log2(share) for share in shares), 4) + 0.0


def scale_consistency(notes: Sequence[Note]) -> float | None:
    """Return the largest share of notes, by count, in any major or natural minor scale."""
    if not notes:
        return None
    counts = Counter(note.pitch % 12 for note in notes)
    inside = max(
        sum(counts[(root + step) % 12] for step in scale)
        for scale in (_MAJOR, _MINOR)
        for root in range(12)
    )
    return round(inside / len(notes), 4)


def groove_consistency(hits: Sequence[Hit]) -> float | None:
    """Return 1 minus the mean Hamming distance between the onset rows of neighbouring bars.

    Bars run from the top to the last stroke, in sixteen steps; None where they are fewer than two.
    """
    steps = {round(beat * STEPS_PER_BEAT) for beat in {hit.beat for hit in hits}}
    if not steps:
        return None
    bars = max(steps) // STEPS_PER_BAR + 1
    if bars < 2:
        return None
    rows = [set[int]() for _ in range(bars)]
    for step in steps:
        rows[step // STEPS_PER_BAR].add(step % STEPS_PER_BAR)
    apart = sum(len(one ^ other) for one, other in itertools.pairwise(rows))
    return round(1.0 - apart / (STEPS_PER_BAR * (bars - 1)), 4)
