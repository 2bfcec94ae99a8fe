"""A chord of the loop in its place, before it is voiced: what the crafts of harmony hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundflow_assets.composition.theory import ChordShape

Loop = Sequence[tuple[ChordShape, float]]  # chords and their lengths in beats


@dataclass(frozen=True, slots=True)
class Step:
    """A chord from `beat` for `beats` (quarter notes from the top of the track)."""

    beat: float
    beats: float
    shape: ChordShape

    @property
    def end(self) -> float:
        """Where the chord stops."""
        return self.beat + self.beats


def roots_of(loop: Loop) -> int:
    """Return how many different roots a loop has."""
    return len({shape.root for shape, _ in loop})


def is_rich(loop: Loop) -> bool:
    """Say whether the loop speaks in sevenths and ninths rather than triads."""
    return any(len(shape.pitch_classes) > 3 for shape, _ in loop)
