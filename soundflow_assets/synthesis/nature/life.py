"""A wood in the morning: birds, each with its species' way of singing and a motif for life."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.plans.seeds import generator
from soundflow_assets.synthesis.nature.birds import SPECIES, Note, Species
from soundflow_assets.synthesis.nature.curves import (
    POINTS,
    TILE,
    drift,
    flicker,
    gains,
    powers_of_two,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    COLUMNS,
    DECAY,
    END_HZ,
    LEFT,
    LENGTH,
    MIDDLE_HZ,
    ONSET,
    RIGHT,
    SECOND,
    SEND,
    START_HZ,
    TRILL_DEPTH,
    TRILL_HZ,
    Grains,
    Table,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Forest
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.wash import PINK, Band, Motion, still


@dataclass(slots=True)
class Bird:
    """One bird on its perch: its species' motif in its own voice, and when it sings next."""

    seed: int
    gap_s: float
    species: Species
    motif: tuple[Note, ...]
    distance_db: float
    pan: float
    next_s: float
    phrase: int = 0
    ahead: list[Table] = field(default_factory=list)

    def __call__(self, start: int) -> Table:
        """Return the notes that begin in the tile from sample `start` on."""
        stop = start + TILE
        while self.next_s * SAMPLE_RATE < stop:
            self._sing()
        rows = [np.zeros((0, COLUMNS)), *self.ahead]
        notes = np.concatenate(rows)
        later = notes[:, ONSET] >= stop
        self.ahead = [notes[later]]
        return notes[~later]

    def _sing(self) -> None:
        """Lay the next phrase ahead and draw when the one after it begins."""
        rng = generator("bird", self.seed, self.phrase)
        self.phrase += 1
        pitch = 1.0 + float(rng.uniform(-0.03, 0.03))
        pace = 1.0 + float(rng.uniform(-0.08, 0.08))
        at = self.next_s
        # A singer may leave off the end of its song, and now and then sings it twice.
        kept = len(self.motif) - int(len(self.motif) > 3 and rng.random() < 0.25)
        times = 2 if rng.random() < self.species.twice else 1
        for _ in range(times):
            for note in self.motif[:kept]:
                trim = float(rng.uniform(-1.5, 1.0))
                self.ahead.append(self._row(note, at, pitch, pace, trim))
                at += (note.length_s + note.gap_s) * pace
            at += self.species.pause_s * pace
        self.next_s = round(at + float(rng.exponential(self.gap_s)), 6)

    def _row(self, note: Note, at_s: float, pitch: float, pace: float, trim_db: float) -> Table:
        row = np.zeros((1, COLUMNS))
        far = min(1.0, max(0.0, (-self.distance_db - 6.0) / 18.0))
        row[0, ONSET] = np.floor(at_s * SAMPLE_RATE)
        row[0, LENGTH] = note.length_s * pace * SAMPLE_RATE
        row[0, START_HZ], row[0, MIDDLE_HZ], row[0, END_HZ] = (
            note.start_hz * pitch,
            note.middle_hz * pitch,
            note.end_hz * pitch,
        )
        row[0, TRILL_HZ], row[0, TRILL_DEPTH] = note.trill_hz, note.trill_depth
        # Leaves swallow treble on the way and blur the beginning.
        treble_db = -far * 1.6 * max(0.0, note.middle_hz / 1000.0 - 2.5)
        level = float(gains(np.array([self.distance_db + note.level_db + trim_db + treble_db]))[0])
        row[0, LEFT] = level * np.sqrt(1.0 - self.pan)
        row[0, RIGHT] = level * np.sqrt(1.0 + self.pan)
        row[0, ATTACK] = 0.12 + 0.2 * far
        row[0, DECAY] = 0.4
        row[0, SECOND] = self.species.second * (1.0 - 0.85 * far)
        row[0, SEND] = 0.22 + 1.1 * far
        return row


def flock(p: Forest, seed: int) -> list[Bird]:
    """Return the birds of a forest: different species, near and far, left and right."""
    rng = generator("flock", seed)
    order = rng.permutation(len(SPECIES))[: p.birds]
    distances = np.linspace(-6.0, -24.0, p.birds)
    sides = np.linspace(-0.8, 0.8, p.birds)[rng.permutation(p.birds)]
    birds = []
    for place, kind in enumerate(order):
        own = int(rng.integers(1 << 30))
        species = SPECIES[int(kind)]
        birds.append(
            Bird(
                seed=own,
                gap_s=p.gap_s,
                species=species,
                motif=species.motif(generator("motif", own)),
                distance_db=round(float(distances[place] + rng.uniform(-1.5, 1.5)), 3),
                pan=round(float(sides[place] + rng.uniform(-0.1, 0.1)), 3),
                next_s=round(float(rng.uniform(0.3, p.gap_s)), 6),
            )
        )
    return birds


def forest(p: Forest, seed: int) -> Landscape:
    """Return a wood in the morning: leaves moving overhead, and birds that keep their songs."""

    def leaves(start: int) -> Motion:
        gust = 0.6 * drift(start, POINTS, 11.0, seed) + 0.8 * flicker(
            start, POINTS, 3.7, 6, seed + 1
        )
        db = p.leaves_db - 4.0 + 2.5 * gust
        side = 1.2 * drift(start, POINTS, 6.0, seed + 3)
        return Motion(3800.0 * powers_of_two(0.35 * gust), gains(db + side), gains(db - side))

    def trunk(start: int) -> Motion:
        db = p.leaves_db - 5.5 + 4.0 * flicker(start, POINTS, 13.0, 7, seed + 4)
        return Motion(still(380.0), gains(db), gains(db))

    return Landscape(
        bands=(
            Band(seed + 10, leaves, PINK, 0.8, 700.0, rate=2),
            Band(seed + 11, trunk, PINK, 0.7, 75.0, rate=8),
        ),
        events=tuple(
            Grains(f"bird_{number + 1}", seed + 20 + number, bird)
            for number, bird in enumerate(flock(p, seed))
        ),
        space=Space(t60_s=1.5, dullness=0.13, gain=0.55),
        level_db=-8.6,
    )
