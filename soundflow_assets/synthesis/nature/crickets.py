"""A meadow at night: crickets, each with its own carrier and its own unequal period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.plans.seeds import generator
from soundflow_assets.synthesis.nature.curves import (
    POINTS,
    TILE,
    Curve,
    drift,
    gains,
    uniform,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    COLUMNS,
    DECAY,
    LENGTH,
    ONSET,
    SECOND,
    SEND,
    Grains,
    Table,
    set_pitch,
    set_place,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Crickets
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.wash import PINK, Band, Motion, still

TOGETHER = 32  # chirps of a cricket that are drawn at once


@dataclass(slots=True)
class Cricket:
    """One cricket: carrier, chirps of a few pulses at its own unequal period."""

    seed: int
    carrier_hz: float
    pulse_hz: float
    period_s: float
    level_db: float
    pan: float
    next_s: float
    chirp: int = 0
    ahead: Table = field(default_factory=lambda: np.zeros((0, COLUMNS)))

    def __call__(self, start: int) -> Table:
        """Return the pulses that begin in the tile from sample `start` on."""
        stop = start + TILE
        while self.next_s * SAMPLE_RATE < stop:
            self.ahead = np.concatenate([self.ahead, self._chirps()])
        count = int(np.searchsorted(self.ahead[:, ONSET], stop))
        now, self.ahead = self.ahead[:count], self.ahead[count:]
        return now

    def _chirps(self) -> Table:
        """Return the pulses of the next `TOGETHER` chirps."""
        numbers = np.arange(self.chirp, self.chirp + TOGETHER, dtype=np.float64)
        self.chirp += TOGETHER

        def within(lowest: float, highest: float, quantity: int) -> Curve:
            return lowest + (highest - lowest) * uniform(numbers, quantity, self.seed)

        # Crickets fall silent now and then, and start again.
        rests_s = np.where(within(0.0, 1.0, 1) < 0.02, within(1.0, 4.0, 2), 0.0)
        periods_s = np.maximum(self.period_s * within(0.96, 1.04, 3), 0.5) + rests_s
        ends_s = self.next_s + np.cumsum(periods_s)
        self.next_s = float(ends_s[-1])
        pulses = np.floor(within(4.0, 8.0, 4)).astype(np.int64)
        which = np.repeat(np.arange(TOGETHER), pulses)
        turn = np.arange(which.size) - np.repeat(np.cumsum(pulses) - pulses, pulses)
        table = table_of(SAMPLE_RATE * ((ends_s - periods_s)[which] + turn / self.pulse_hz))
        table[:, LENGTH] = 0.72 / self.pulse_hz * SAMPLE_RATE
        pitch = self.carrier_hz * within(0.996, 1.004, 5)[which]
        set_pitch(table, pitch * 1.012, pitch * 0.988)  # the wing slows as it closes
        table[:, ATTACK] = 0.35
        table[:, DECAY] = 0.5
        table[:, SECOND] = 0.18
        table[:, SEND] = 0.3
        level = gains(self.level_db + within(-1.0, 1.0, 6))[which]
        set_place(table, level * np.minimum(1.0, 0.45 + 0.25 * turn), np.array([self.pan]))
        return table


def crickets(p: Crickets, seed: int) -> Landscape:
    """Return a meadow at night: crickets around the listener, and still air."""
    rng = generator("crickets", seed)
    sides = np.linspace(-0.85, 0.85, p.individuals)[rng.permutation(p.individuals)]
    singers: list[Grains] = []
    for number in range(p.individuals):
        cricket = Cricket(
            seed=int(rng.integers(1 << 30)),
            carrier_hz=round(float(rng.uniform(4330.0, 4850.0) * rng.uniform(0.97, 1.03)), 2),
            pulse_hz=p.pulse_hz * (1.0 + round(float(rng.uniform(-0.03, 0.03)), 4)),
            period_s=round(float(rng.uniform(0.53, 0.77)), 4),
            level_db=round(-4.0 - 2.2 * number + float(rng.uniform(-1.0, 1.0)), 3),
            pan=round(float(sides[number]), 3),
            next_s=round(float(rng.uniform(0.0, 1.5)), 6),
        )
        singers.append(Grains(f"cricket_{number + 1}", seed + 20 + number, cricket))

    def air(
        centre_hz: float, level_db: float, wander_db: float, own: int
    ) -> Callable[[int], Motion]:
        def motion(start: int) -> Motion:
            db = p.air_db + level_db + wander_db * drift(start, POINTS, 9.0, seed + own)
            side = 0.6 * drift(start, POINTS, 7.0, seed + own + 1)
            return Motion(still(centre_hz), gains(db + side), gains(db - side))

        return motion

    night = air(700.0, -6.0, 1.5, 1)
    distance = air(4550.0, -4.0, 1.0, 3)  # many more crickets, too far to be told apart
    return Landscape(
        bands=(
            Band(seed + 10, night, PINK, 0.75, 90.0, rate=4),
            Band(seed + 11, distance, PINK, 0.85, 1500.0, q=5.0, peaked=True, rate=2),
        ),
        events=tuple(singers),
        space=Space(t60_s=0.9, dullness=0.14, gain=0.5),
        level_db=-8.7,
    )
