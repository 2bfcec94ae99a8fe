"""Machines and the imagined: a record turning, a humming wall, a shimmer in the air.

Each function turns parameters and a seed into a `Landscape`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.nature.curves import (
    POINTS,
    Curve,
    drift,
    evenly,
    gains,
    normal,
    powers_of_two,
    uniform,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    DECAY,
    LENGTH,
    NOISE,
    NOISE_Q,
    SEND,
    Grains,
    Poisson,
    Table,
    set_pitch,
    set_place,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Hum, Shimmer, Vinyl
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.tones import Partials
from soundflow_assets.synthesis.nature.wash import BROWN, PINK, WHITE, Band, Motion, still


def in_octave(pitch_hz: float, lowest_hz: float) -> float:
    """Return `pitch_hz` moved by octaves to `lowest_hz` or less than an octave above it."""
    while pitch_hz < lowest_hz:
        pitch_hz *= 2.0
    while pitch_hz >= 2.0 * lowest_hz:
        pitch_hz *= 0.5
    return pitch_hz


def vinyl(p: Vinyl, seed: int) -> Landscape:
    """Return a record's surface: hiss that swishes with the turn, dust, clicks, rare pops."""
    turn_s = 60.0 / 33.333

    def hiss(start: int) -> Motion:
        swish = 0.8 * drift(start, POINTS, turn_s / 2, seed) + 0.8 * drift(
            start, POINTS, 9.0, seed + 1
        )
        db = p.hiss_db - 6.0 + swish
        return Motion(
            still(10000.0), gains(db), gains(db + 0.5 * drift(start, POINTS, 3.0, seed + 2))
        )

    def rumble(start: int) -> Motion:
        db = -2.0 + 1.5 * drift(start, POINTS, turn_s, seed + 3)
        return Motion(still(130.0), gains(db), gains(db))

    def dust(onsets: Curve, numbers: Curve) -> Table:
        return clicks_at(onsets, numbers, 90, 0.00015)

    def clicks(onsets: Curve, numbers: Curve) -> Table:
        return clicks_at(onsets, numbers, 0, 0.0002)

    def clicks_at(onsets: Curve, numbers: Curve, own: int, short_s: float) -> Table:
        table = table_of(onsets)
        table[:, LENGTH] = SAMPLE_RATE * (short_s + 0.0008 * evenly(numbers, 1, seed + own))
        pitch = 1000.0 * powers_of_two(2.807 * evenly(numbers, 2, seed + own))
        set_pitch(table, pitch, pitch)
        table[:, NOISE] = 0.35
        table[:, ATTACK] = 0.06
        table[:, DECAY] = 3.0
        return table

    def at_level(level_db: float) -> Spread:
        """Return levels of clicks: a scratch reaches one wall more, never one alone."""
        return Spread(level_db, 3.0, 1.2, 1.0, 25.0)

    def pops(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        table[:, LENGTH] = SAMPLE_RATE * (0.004 + 0.006 * uniform(numbers, 1, seed + 70))
        pitch = 180.0 * powers_of_two(1.6 * uniform(numbers, 2, seed + 70))
        set_pitch(table, pitch, pitch * 0.8)
        table[:, ATTACK] = 0.05
        table[:, DECAY] = 3.5
        table[:, NOISE] = 0.15
        level = gains(17.0 + 3.0 * normal(numbers, 3, seed + 70))
        set_place(table, level, 0.6 * uniform(numbers, 4, seed + 70) - 0.3)
        return table

    return Landscape(
        bands=(
            Band(seed + 10, hiss, PINK, 0.75, 300.0),
            Band(seed + 11, rumble, BROWN, 0.4, 75.0, rate=8),
        ),
        events=(
            Scattered("dust", seed + 12, lambda _: still(45.0), dust, 256, at_level(10.0)),
            Scattered(
                "clicks", seed + 13, lambda _: still(p.clicks_per_s), clicks, 256, at_level(18.0)
            ),
            Grains("pops", seed + 14, Poisson(seed + 14, lambda _: still(p.pops_per_s), pops)),
        ),
        space=None,
        level_db=-21.0,
    )


def hum(p: Hum, seed: int) -> Landscape:
    """Return a soft transformer: harmonics that breathe one against the other, in tune."""
    harmonics = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 8.0])
    levels_db = np.array([-6.0, 0.0, -9.0, -8.0, -17.0, -22.0])

    def levels(start: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        left = np.empty((harmonics.size, POINTS))
        right = np.empty((harmonics.size, POINTS))
        for k, base in enumerate(levels_db):
            breath = 1.6 * drift(start, POINTS, 5.0 + 2.3 * k, seed + k)
            beat = 0.5 * drift(start, POINTS, 0.9, seed + 20 + k)
            side = 2.6 * drift(start, POINTS, 7.0 + 1.9 * k, seed + 40 + k)
            left[k] = gains(base + breath + beat + side)
            right[k] = gains(base + breath + beat - side)
        return left, right

    def air(start: int) -> Motion:
        db = p.air_db + 14.0 + drift(start, POINTS, 4.0, seed + 61)
        side = drift(start, POINTS, 6.0, seed + 62)
        return Motion(still(900.0), gains(db + side), gains(db - side))

    return Landscape(
        bands=(Band(seed + 70, air, PINK, 0.9, 120.0, rate=4),),
        events=(),
        tones=(Partials(in_octave(p.tune_hz, 80.0) * harmonics, levels),),
        space=None,
        level_db=-22.8,
    )


def shimmer(p: Shimmer, seed: int) -> Landscape:
    """Return an airy texture: soft high grains on root, fifth and ninth that come and go."""
    ratios = np.array([1.0, 1.5, 2.0, 2.25, 3.0, 4.0, 4.5])
    base = in_octave(p.tune_hz, 900.0)

    def rates(start: int) -> Curve:
        breath = 0.2 * drift(start, POINTS, 7.0, seed) + 0.1 * drift(start, POINTS, 19.0, seed + 1)
        return np.asarray(p.grains_per_s * powers_of_two(breath), np.float64)

    def grains(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        length_s = 0.35 + 0.38 * uniform(numbers, 1, seed)
        table[:, LENGTH] = SAMPLE_RATE * length_s
        # The part of the series in use moves with the slow weather of each degree.
        now_s = onsets / SAMPLE_RATE
        centre = 3.0 + 1.2 * np.array([drift(int(onset), 1, 23.0, seed + 2)[0] for onset in onsets])
        degree = np.clip(
            np.floor(centre + 1.7 * normal(numbers, 2, seed) + 0.5), 0, ratios.size - 1
        )
        pitch = base * ratios[degree.astype(np.int64)]
        cents = 6.0 * normal(numbers, 3, seed)
        pitch = pitch * powers_of_two(cents / 1200.0)
        set_pitch(table, pitch, pitch)
        # Half tone, half breath: noise that hovers at the same pitch.
        table[:, NOISE] = 0.35 + 0.5 * uniform(numbers, 6, seed)
        table[:, NOISE_Q] = 30.0
        table[:, ATTACK] = 0.35 + 0.2 * uniform(numbers, 5, seed)
        table[:, DECAY] = 0.6
        table[:, SEND] = 0.8
        quiet_high = -6.5 * (degree / ratios.size)
        level = gains(-12.0 + quiet_high + 1.5 * normal(numbers, 7, seed))
        set_place(table, level, 1.8 * uniform(numbers, 8, seed) - 0.9)
        return table[now_s >= 0.0]

    def air(start: int) -> Motion:
        breath = 2.0 * drift(start, POINTS, 5.0, seed + 5) + 1.0 * drift(
            start, POINTS, 17.0, seed + 6
        )
        db = p.air_db - 8.0 + breath
        corners = 7500.0 * powers_of_two(0.4 * drift(start, POINTS, 11.0, seed + 7))
        side = 1.5 * drift(start, POINTS, 8.0, seed + 8)
        return Motion(corners, gains(db + side), gains(db - side))

    return Landscape(
        bands=(Band(seed + 10, air, WHITE, 0.85, 2600.0),),
        events=(Grains("grains", seed + 11, Poisson(seed + 11, rates, grains)),),
        space=Space(t60_s=2.0, dullness=0.07, gain=0.9),
        level_db=-7.7,
    )
