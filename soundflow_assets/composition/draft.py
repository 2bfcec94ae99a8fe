"""What the writers read and what they write: music on paper, before anyone performs it.

A writer sees the form and the chords, and returns notes in beats. Swing, feel and rubato are
added afterwards by `perform`, so a writer never thinks about milliseconds. Notes and hits are named
tuples: a track has some thousands, which frozen dataclasses take three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from soundflow_assets.composition.score import Articulation
from soundflow_assets.plans.form import SectionHarmony
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator

BEATS_PER_BAR = 4


class DraftNote(NamedTuple):
    """A written note. `beat` counts quarter notes from the top of the track."""

    beat: float
    beats: float
    pitch: int
    velocity: int
    articulation: Articulation = "normal"
    delay_ms: float = 0.0  # written displacement: strum, roll, loose onset


class DraftHit(NamedTuple):
    """A written drum or effect event."""

    beat: float
    sound: str
    velocity: int
    beats: float = 0.0


@dataclass(frozen=True, slots=True)
class DraftChord:
    """A chord in its place; fields as in `score.Chord`."""

    beat: float
    beats: float
    roman: str
    symbol: str
    root: int
    bass: int
    pitch_classes: tuple[int, ...]
    scale: tuple[int, ...]
    voicing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DraftSection:
    """A section after fitting. `energy` is the section's effective energy, 0 to 1."""

    name: str
    start_bar: int
    bars: int
    energy: float
    roles: tuple[str, ...]  # pitched roles and drum sounds that may sound here
    transition: str
    harmony: SectionHarmony = "home"

    @property
    def end_bar(self) -> int:
        """First bar after the section."""
        return self.start_bar + self.bars


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a writer may look at."""

    plan: TrackPlan
    bars: int
    sections: tuple[DraftSection, ...]
    chords: tuple[DraftChord, ...]
    written: dict[str, tuple[DraftNote, ...]] = field(default_factory=dict)  # earlier parts

    def rng(self, part: Part, *scope: object) -> np.random.Generator:
        """Return the part's own generator for `scope` (a section, a phrase)."""
        return generator(*self.plan.scope(part.role, *scope))

    def grid(self, part: Part) -> str:
        """Return the grid drawn for `part`, without spaces and bars; empty if it has none."""
        if not part.grids:
            return ""
        chosen = part.grids[self.plan.choices.parts.get(part.role, 0) % len(part.grids)]
        return chosen.replace(" ", "").replace("|", "")

    def sounding(self, part: Part) -> tuple[DraftSection, ...]:
        """Sections in which `part` plays."""
        return tuple(section for section in self.sections if part.role in section.roles)
