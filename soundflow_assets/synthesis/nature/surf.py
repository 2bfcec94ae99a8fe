"""Surf: trains of waves that rise, break, run back through the sand, and foam."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.plans.seeds import generator
from soundflow_assets.synthesis.nature.curves import (
    CONTROL,
    POINTS,
    TILE,
    Curve,
    drift,
    evenly,
    flicker,
    gains,
    powers_of_two,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    DECAY,
    LENGTH,
    NOISE,
    NOISE_Q,
    Table,
    set_pitch,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Ocean
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread
from soundflow_assets.synthesis.nature.wash import BROWN, PINK, Band, Motion

FAR_DOWN = -34.0  # dB of a wave that has not risen yet
# A wave: seconds after it begins, its level in dB and its low-pass in octaves above 300 Hz. It
# rises for 3 s, breaks within 0.3 s, falls for 5 s.
WAVE_S = np.array([0.0, 1.2, 2.2, 3.0, 3.3, 4.0, 5.6, 8.3])
WAVE_DB = np.array([FAR_DOWN, -24.0, -13.0, -7.0, -3.0, -3.5, -9.0, FAR_DOWN])
WAVE_OCTAVES = np.array([0.6, 0.5, 1.2, 2.0, 4.06, 3.5, 2.3, 0.6])
# Backwash: water running back through sand after the break.
BACK_S = np.array([0.0, 3.4, 4.9, 5.9, 8.3])
BACK_DB = np.array([-50.0, -40.0, -4.0, 0.0, -50.0])
# Foam: bubbles bursting, from the break until the sand is dry.
FOAM_S = np.array([0.0, 3.0, 3.6, 5.2, 8.3])
FOAM_DB = np.array([-30.0, -24.0, 0.0, -2.0, -30.0])
FOAM_PER_S = 260.0  # from one wave at its height


@dataclass(slots=True)
class Swell:
    """One train of waves: when each begins, how long and how strong it is."""

    seed: int
    shortest_s: float
    longest_s: float
    onsets_s: list[float] = field(default_factory=list)
    periods_s: list[float] = field(default_factory=list)
    strengths_db: list[float] = field(default_factory=list)
    drawn: int = 0

    def waves_until(self, time_s: float) -> None:
        """Draw waves until one begins after `time_s`; forget those long past."""
        while not self.onsets_s or self.onsets_s[-1] <= time_s:
            rng = generator("swell", self.seed, self.drawn)
            period = float(rng.uniform(self.shortest_s, self.longest_s))
            if self.onsets_s:
                onset = self.onsets_s[-1] + self.periods_s[-1]
            else:
                onset = -float(rng.uniform(0.0, 1.0)) * period
            self.onsets_s.append(round(onset, 6))
            self.periods_s.append(round(period, 6))
            self.strengths_db.append(round(float(rng.uniform(-4.5, -0.7)), 3))
            self.drawn += 1
        while len(self.onsets_s) > 2 and self.onsets_s[1] + self.periods_s[1] < time_s - 2.0:
            del self.onsets_s[0], self.periods_s[0], self.strengths_db[0]

    def shape(self, start: int, times: Curve, values: Curve) -> Curve:
        """Return `values` over `times` of whichever wave is passing, plus its strength's place."""
        first_s, last_s = start / SAMPLE_RATE, (start + TILE) / SAMPLE_RATE
        self.waves_until(last_s)
        knots: list[Curve] = []
        levels: list[Curve] = []
        for onset, period in zip(self.onsets_s, self.periods_s, strict=True):
            if onset > last_s or onset + period < first_s - 2.0:
                continue
            stretch = min(1.0, (period - 0.25) / times[-1])
            knots.append(onset + times * stretch)
            levels.append(values)
        at = (start + CONTROL * np.arange(POINTS)) / SAMPLE_RATE
        return np.interp(at, np.concatenate(knots), np.concatenate(levels))

    def strength(self, start: int) -> Curve:
        """Return the strength in dB of the wave passing at each control point."""
        self.waves_until((start + TILE) / SAMPLE_RATE)
        at = (start + CONTROL * np.arange(POINTS)) / SAMPLE_RATE
        place = np.searchsorted(np.array(self.onsets_s), at, side="right") - 1
        return np.array(self.strengths_db)[np.maximum(place, 0)]


def ocean(p: Ocean, seed: int) -> Landscape:
    """Return surf: trains of waves from different places, each with its backwash, and a rumble."""
    low, high = min(p.period_min_s, p.period_max_s), max(p.period_min_s, p.period_max_s)
    breakers: list[Band] = []
    trains: list[tuple[Swell, float, float]] = []
    for number in range(p.swells):
        swell = Swell(seed + 100 * number, low, high)
        home = (-0.5, 0.45, -0.05, 0.7)[number]
        breakers.append(_breaker(swell, home, 1.5 * number, seed + 100 * number))
        trains.append((swell, home * 0.6, p.backwash_db - 1.5 * number))

    def rumble(start: int) -> Motion:
        db = p.rumble_db + 16.0 + 3.0 * drift(start, POINTS, 6.0, seed + 7)
        return Motion(np.full(POINTS, 120.0), gains(db), gains(db))

    def sea(start: int) -> Motion:
        db = -13.5 + 1.5 * drift(start, POINTS, 4.0, seed + 8)
        corners = 1500.0 * powers_of_two(0.5 * drift(start, POINTS, 7.0, seed + 9))
        return Motion(corners, gains(db), gains(db))

    return Landscape(
        bands=(
            *breakers,
            _backwash(trains, seed),
            Band(seed + 51, rumble, BROWN, 0.5, 75.0, rate=8),
            Band(seed + 52, sea, PINK, 0.8, 150.0, rate=4),
        ),
        events=(_foam(trains, seed),),
        space=None,
        level_db=-18.4,
    )


def _breaker(swell: Swell, home: float, softer_db: float, seed: int) -> Band:
    """Return the body of one train of waves, which wanders about its place between the ears."""

    def motion(start: int) -> Motion:
        db = swell.shape(start, WAVE_S, WAVE_DB) + swell.strength(start) - softer_db
        octaves = swell.shape(start, WAVE_S, WAVE_OCTAVES)
        churn = 2.4 * flicker(start, POINTS, 1.6, 6, seed + 1)
        pan = np.clip(home + 0.3 * drift(start, POINTS, 9.0, seed + 2), -0.85, 0.85)
        level = gains(db + churn)
        corners = 300.0 * powers_of_two(octaves)
        return Motion(corners, level * np.sqrt(1.0 - pan), level * np.sqrt(1.0 + pan))

    return Band(seed + 11, motion, PINK, 0.7, 70.0, rate=2)


def _backwash(trains: list[tuple[Swell, float, float]], seed: int) -> Band:
    """Return the hiss of water running back, fizzing at the rate of bursting bubbles.

    `trains` gives each swell's waves, pan and level in dB.
    """

    def motion(start: int) -> Motion:
        fizz = 2.5 * drift(start, POINTS, 0.006, seed + 3) + 1.5 * drift(start, POINTS, 0.05, seed)
        left, right = np.zeros(POINTS), np.zeros(POINTS)
        for swell, pan, level_db in trains:
            db = swell.shape(start, BACK_S, BACK_DB) + swell.strength(start) + level_db + 8.0
            level = gains(db + fizz)
            left += level * np.sqrt(1.0 - pan)
            right += level * np.sqrt(1.0 + pan)
        return Motion(np.full(POINTS, 6000.0), left, right)

    return Band(seed + 12, motion, PINK, 0.9, 2000.0, rate=2)


def _foam(trains: list[tuple[Swell, float, float]], seed: int) -> Scattered:
    """Return the single bubbles that burst in the foam while the water runs back."""

    def rates(start: int) -> Curve:
        total = np.zeros(POINTS)
        for swell, _, level_db in trains:
            db = swell.shape(start, FOAM_S, FOAM_DB) + swell.strength(start) + level_db
            total += gains(2.0 * db)
        return np.asarray(FOAM_PER_S * total * 20.0)

    def bursts(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        pitch = 1800.0 * powers_of_two(2.2 * evenly(numbers, 1, seed + 90))
        table[:, LENGTH] = SAMPLE_RATE * (0.001 + 0.004 * evenly(numbers, 2, seed + 90))
        set_pitch(table, pitch, pitch * 1.05)
        table[:, NOISE] = 0.6
        table[:, NOISE_Q] = 1.0
        table[:, ATTACK] = 0.08
        table[:, DECAY] = 4.0
        return table

    return Scattered("foam", seed + 13, rates, bursts, 256, Spread(-6.0, 5.0, 1.8))
