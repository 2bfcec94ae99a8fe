"""Where a cover's motif is drawn and what from: colours, energies over time, a seeded generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soundflow_assets.delivery.canvas import Canvas, Colour


@dataclass(frozen=True, slots=True)
class Palette:
    """A category's colours: the field's gradient, three accents, the plain field and its ink."""

    top: Colour
    bottom: Colour
    a: Colour
    b: Colour
    c: Colour
    field: Colour
    ink: Colour

    def accent(self, place: float) -> Colour:
        """Return the accent at `place`, 0 to 1, a, b, c in turn."""
        return (self.a, self.b, self.c)[min(2, int(place * 3))]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a motif draws and what from."""

    canvas: Canvas
    palette: Palette
    energies: Sequence[float]
    rng: np.random.Generator
    width: float
    height: float

    def energy(self, place: float) -> float:
        """Return the energy at `place` of the track, 0 to 1."""
        last = len(self.energies) - 1
        return self.energies[max(0, min(last, int(place * len(self.energies))))]

    def swell(self, place: float) -> float:
        """Return the energy around `place`, without steps: the mean of what lies within a tenth."""
        near = [self.energy(min(1.0, max(0.0, place + i / 100))) for i in range(-10, 11)]
        weights = [11 - abs(i) for i in range(-10, 11)]
        heavy = math.fsum(e * w for e, w in zip(near, weights, strict=True))
        return heavy / sum(weights)

    def draw(self, low: float, high: float) -> float:
        """Draw a number between `low` and `high`."""
        return float(self.rng.uniform(low, high))


Motif = Callable[[Scene], None]
