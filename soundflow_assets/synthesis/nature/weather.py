"""Weather: rain, wind, and the soft noise that is no weather at all.

Each function turns parameters and a seed into a `Landscape`.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.nature.curves import (
    POINTS,
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
    LEFT,
    LENGTH,
    MIDDLE_HZ,
    NOISE,
    NOISE_Q,
    ONSET,
    RIGHT,
    SEND,
    Table,
    set_pitch,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Rain, White, Wind
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.wash import PINK, WHITE, Band, Motion, still


def rain(p: Rain, seed: int) -> Landscape:
    """Return rain: a wash with gusts, single drops near and far, drips, and a roof overhead."""

    def gust_db(start: int) -> Curve:
        slow = drift(start, POINTS, 17.0, seed) * 0.7 + drift(start, POINTS, 7.0, seed + 1) * 0.3
        quick = flicker(start, POINTS, 3.0, 5, seed + 6)
        return np.asarray(p.gust_db * (slow + 0.5 * quick), np.float64)

    def wash(start: int) -> Motion:
        db = gust_db(start)
        sway = 0.6 * drift(start, POINTS, 11.0, seed + 2)
        # A gust brings more and finer drops: the top opens with it.
        corners = 0.6 * p.top_hz * powers_of_two(0.08 * db)  # the drops lie above
        return Motion(corners, gains(db - 4.0 + sway), gains(db - 4.0 - sway))

    def roof(start: int) -> Motion:
        patter = drift(start, POINTS, 0.11, seed + 3) * 2.0
        db = gust_db(start - SAMPLE_RATE // 2) * 1.3 + patter + p.roof_db + 7.0
        corners = 450.0 * powers_of_two(0.25 * drift(start, POINTS, 5.0, seed + 4))
        return Motion(corners, gains(db), gains(db + 0.8 * drift(start, POINTS, 3.0, seed + 5)))

    def rates(start: int) -> Curve:
        return np.asarray(p.drops_per_s * powers_of_two(0.12 * gust_db(start)), np.float64)

    def drops(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        table[:, LENGTH] = SAMPLE_RATE * (0.0008 + 0.0012 * evenly(numbers, 1, seed))
        table[:, NOISE] = 1.0
        # What it falls on decides where a drop sounds: a leaf lower, a stone higher.
        table[:, NOISE_Q] = 0.7
        table[:, MIDDLE_HZ] = 1800.0 * powers_of_two(1.5 * evenly(numbers, 8, seed))
        table[:, ATTACK] = 0.05
        table[:, DECAY] = 3.5
        table[:, SEND] = 0.12
        held = evenly(numbers, 4, seed) < p.bubbles
        return np.concatenate([table, bubbles(table[held], numbers[held])])

    def bubbles(drops_with: Table, numbers: Curve) -> Table:
        table = drops_with.copy()
        table[:, ONSET] += np.floor(SAMPLE_RATE * (0.001 + 0.004 * evenly(numbers, 5, seed)))
        table[:, LENGTH] = SAMPLE_RATE * (0.008 + 0.012 * evenly(numbers, 6, seed))
        table[:, NOISE] = 0.0
        table[:, ATTACK] = 0.08
        table[:, DECAY] = 4.0
        pitch = 1500.0 * powers_of_two(2.415 * evenly(numbers, 7, seed))
        set_pitch(table, pitch, pitch * 1.08)
        table[:, LEFT : RIGHT + 1] *= 0.7
        return table

    def drips(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        table[:, LENGTH] = SAMPLE_RATE * (0.03 + 0.05 * evenly(numbers, 1, seed + 50))
        table[:, ATTACK] = 0.04
        table[:, DECAY] = 4.5
        table[:, SEND] = 0.5
        pitch = 700.0 * powers_of_two(1.6 * evenly(numbers, 2, seed + 50))
        set_pitch(table, pitch, pitch * (1.04 + 0.1 * evenly(numbers, 3, seed + 50)))
        return table

    return Landscape(
        bands=(
            Band(seed + 10, wash, PINK, width=0.75, low_hz=280.0, q=0.58, rate=2),
            Band(seed + 11, roof, PINK, 0.6, 180.0, q=1.1, peaked=True, rate=8),
        ),
        events=(
            Scattered(
                "drops", seed + 12, rates, drops, 1024, Spread(-4.5, 6.0, 1.8, highest_db=11.0)
            ),
            Scattered("drips", seed + 13, lambda _: still(1.4), drips, 96, Spread(-4.0, 3.5, 1.6)),
        ),
        space=Space(t60_s=0.9, dullness=0.1, gain=0.8),
        level_db=-22.9,
    )


def wind(p: Wind, seed: int) -> Landscape:
    """Return wind: a few wandering whistles' worth of pink noise, and leaves that follow late."""

    def gust(start: int) -> Curve:
        """Return the gust within 0 to 1: slow weather, and turbulence that grows with it."""
        weather = 0.5 + 0.5 * drift(start, POINTS, 13.0, seed)
        flurry = drift(start, POINTS, 4.1, seed + 1)
        return np.asarray(np.clip(weather * 0.75 + 0.2 * flurry * weather + 0.15, 0.02, 1.0))

    def band(number: int) -> Band:
        def motion(start: int) -> Motion:
            walk = 0.6 * drift(start, POINTS, 2.6 + 1.7 * number, seed + 20 + number)
            walk = walk + 0.4 * drift(start, POINTS, 9.0 + 4.0 * number, seed + 30 + number)
            blowing = gust(start)
            corners = 474.0 * powers_of_two(0.9 * walk + 0.5 * (blowing - 0.5))
            corners = np.clip(corners, 250.0, 900.0)
            own = 1.5 * drift(start, POINTS, 5.0 + number, seed + 40 + number)
            db = p.gust_db * 1.3 * (blowing - 0.5) + own
            side = 2.5 * drift(start, POINTS, 8.0 + 2.0 * number, seed + 50 + number)
            return Motion(corners, gains(db + side), gains(db - side))

        q = (2.2, 3.2, 4.6)[number]
        return Band(seed + 60 + number, motion, PINK, 0.85, 80.0, q, peaked=True, rate=4)

    def leaves(start: int) -> Motion:
        blowing = gust(start - SAMPLE_RATE // 5)
        rustle = 0.7 + 0.3 * drift(start, POINTS, 0.09, seed + 3)
        level = blowing * np.sqrt(blowing) * rustle * float(gains(np.array([p.leaves_db + 8.0]))[0])
        corners = 3600.0 * powers_of_two(0.5 * (blowing - 0.5))
        side = 0.15 * drift(start, POINTS, 3.3, seed + 4)
        return Motion(corners, level * (1 + side), level * (1 - side))

    def air(start: int) -> Motion:
        db = -3.0 + 0.8 * p.gust_db * (gust(start) - 0.5)
        return Motion(still(420.0), gains(db), gains(db))

    return Landscape(
        bands=(
            *(band(number) for number in range(p.bands)),
            Band(seed + 70, leaves, PINK, 0.8, 2000.0, rate=2),
            Band(seed + 71, air, PINK, 0.7, 65.0, rate=8),
        ),
        events=(),
        space=None,
        level_db=-21.8,
    )


def white(p: White, seed: int) -> Landscape:
    """Return soft broadband noise whose top opens and closes slowly."""

    def body(start: int) -> Motion:
        octaves = p.drift_octaves * drift(start, POINTS, 23.0, seed)
        corners = p.top_hz * powers_of_two(octaves)
        side = 0.5 * drift(start, POINTS, 17.0, seed + 1)
        # What the top loses the level gives back: the noise changes colour, not loudness.
        return Motion(corners, gains(side - octaves), gains(-side - octaves))

    def warmth(start: int) -> Motion:
        db = -4.0 + 1.0 * drift(start, POINTS, 31.0, seed + 2)
        return Motion(still(500.0), gains(db), gains(db))

    def sheen(start: int) -> Motion:
        db = -22.0 + 2.0 * drift(start, POINTS, 11.0, seed + 3)
        return Motion(still(9000.0), gains(db), gains(db))

    return Landscape(
        bands=(
            Band(seed + 10, body, PINK, 0.7, 75.0, rate=2),
            Band(seed + 11, warmth, PINK, 0.6, 65.0, rate=8),
            Band(seed + 12, sheen, WHITE, 0.8, 3000.0),
        ),
        events=(),
        space=None,
        level_db=-26.8,
    )
