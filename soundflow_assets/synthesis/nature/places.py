"""Places: a fire and a reading room.

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
    logarithms,
    normal,
    powers_of_two,
    uniform,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    DECAY,
    LENGTH,
    MIDDLE_HZ,
    NOISE,
    NOISE_Q,
    ONSET,
    SECOND,
    SEND,
    Grains,
    Poisson,
    Table,
    set_pitch,
    set_place,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import Fire, Room
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.wash import BROWN, PINK, Band, Motion, still

SPECKS = 6.0  # to each burst of crackles


def fire(p: Fire, seed: int) -> Landscape:
    """Return a wood fire: breathing low flames, hiss, bursts of crackles, now and then a pop."""

    def flames(start: int) -> Motion:
        lick = 3.6 * flicker(start, POINTS, 3.2, 5, seed)
        return Motion(still(120.0), gains(lick + 3.0), gains(lick + 3.0))

    def roar(start: int) -> Motion:
        lick = 3.6 * flicker(start - 2048, POINTS, 3.2, 5, seed)
        side = 1.0 * drift(start, POINTS, 2.2, seed + 3)
        return Motion(still(420.0), gains(lick - 9.0 + side), gains(lick - 9.0 - side))

    def hiss(start: int) -> Motion:
        db = p.hiss_db + 1.0 + 2.0 * drift(start, POINTS, 2.7, seed + 4)
        return Motion(still(6000.0), gains(db), gains(db + drift(start, POINTS, 1.9, seed + 5)))

    def rates(start: int) -> Curve:
        """Return bursts a second; each is 1 to 4 crackles, 1.75 on average."""
        mood = drift(start, POINTS, 1.1, seed + 6) * 0.7
        return np.asarray(p.crackles_per_s / 1.75 * powers_of_two(mood - 0.06), np.float64)

    def crackles(onsets: Curve, numbers: Curve) -> Table:
        u = uniform(numbers, 1, seed)
        count = 1 + (u > 0.5).astype(np.int64) + (u > 0.82) + (u > 0.93)
        which = np.repeat(np.arange(onsets.size), count)
        turn = np.arange(which.size) - np.repeat(np.cumsum(count) - count, count)
        own = numbers[which] * 4 + turn
        table = table_of(onsets[which])
        table[:, ONSET] += np.floor(SAMPLE_RATE * 0.035 * turn * (0.3 + uniform(own, 2, seed)))
        table[:, LENGTH] = SAMPLE_RATE * (0.001 + 0.007 * uniform(own, 3, seed))
        table[:, NOISE] = 0.55 + 0.45 * uniform(own, 4, seed)
        table[:, NOISE_Q] = 0.8
        table[:, ATTACK] = 0.04
        table[:, DECAY] = 4.5
        table[:, SEND] = 0.25
        pitch = 1100.0 * powers_of_two(2.4 * uniform(own, 5, seed))
        set_pitch(table, pitch, pitch * 0.8)
        # A heavy tail, capped: most are specks, a few snap.
        heavy = np.minimum(-8.0 - 6.0 * logarithms(1.0 - uniform(own, 6, seed)), 10.0)
        place = 1.4 * uniform(numbers[which], 7, seed) - 0.7
        set_place(table, gains(heavy + 5.0), place)
        return table

    def specks(onsets: Curve, numbers: Curve) -> Table:
        """Tick: what of the wood dries and splits too small to be heard alone."""
        table = table_of(onsets)
        table[:, LENGTH] = SAMPLE_RATE * (0.0006 + 0.0015 * evenly(numbers, 1, seed + 30))
        table[:, NOISE] = 1.0
        table[:, NOISE_Q] = 0.9
        table[:, MIDDLE_HZ] = 2200.0 * powers_of_two(1.8 * evenly(numbers, 2, seed + 30))
        table[:, ATTACK] = 0.05
        table[:, DECAY] = 4.0
        table[:, SEND] = 0.2
        return table

    def pops(onsets: Curve, numbers: Curve) -> Table:
        body = table_of(onsets)
        body[:, LENGTH] = SAMPLE_RATE * (0.05 + 0.05 * uniform(numbers, 1, seed + 60))
        pitch = 250.0 * powers_of_two(0.5 * uniform(numbers, 2, seed + 60) - 0.25)
        set_pitch(body, pitch * 1.25, pitch)
        body[:, ATTACK] = 0.015
        body[:, DECAY] = 5.0
        body[:, SEND] = 0.4
        level = gains(9.0 + 2.0 * normal(numbers, 3, seed + 60))
        place = 1.2 * uniform(numbers, 4, seed + 60) - 0.6
        set_place(body, level, place)
        snap = body.copy()
        snap[:, NOISE] = 1.0
        snap[:, LENGTH] = SAMPLE_RATE * 0.006
        set_place(snap, level * 0.7, place)
        return np.concatenate([body, snap])

    return Landscape(
        bands=(
            Band(seed + 10, flames, BROWN, 0.5, 75.0, rate=8),
            Band(seed + 11, roar, PINK, 0.75, 90.0, rate=8),
            Band(seed + 12, hiss, PINK, 0.8, 1000.0, rate=2),
        ),
        events=(
            Scattered(
                "specks",
                seed + 15,
                lambda s: SPECKS * rates(s),
                specks,
                256,
                Spread(-6.0, 5.0, 1.4),
            ),
            Grains("crackles", seed + 13, Poisson(seed + 13, rates, crackles)),
            Grains("pops", seed + 14, Poisson(seed + 14, lambda _: still(p.pops_per_s), pops)),
        ),
        space=Space(t60_s=0.8, dullness=0.14, gain=0.6),
        level_db=-14.8,
    )


def room(p: Room, seed: int) -> Landscape:
    """Return a reading room: ventilation far away, and rarely a page or a chair."""

    def air(start: int) -> Motion:
        db = 0.8 * drift(start, POINTS, 13.0, seed)
        side = 0.5 * drift(start, POINTS, 9.0, seed + 1)
        return Motion(still(650.0), gains(db + side), gains(db - side))

    def duct(start: int) -> Motion:
        db = 1.0 + 1.0 * drift(start, POINTS, 6.0, seed + 2)
        return Motion(still(165.0), gains(db), gains(db))

    def breath(start: int) -> Motion:
        db = -13.0 + 1.0 * drift(start, POINTS, 5.0, seed + 3)
        return Motion(still(4500.0), gains(db), gains(db))

    def pages(onsets: Curve, numbers: Curve) -> Table:
        """Turn a page: it lifts, slides, and falls, each a rustle of several strokes."""
        strokes = 7
        which = np.repeat(np.arange(onsets.size), strokes)
        turn = np.tile(np.arange(strokes), onsets.size)
        own = numbers[which] * 8 + turn
        table = table_of(onsets[which])
        delay_s = turn * 0.065 * (0.7 + 0.6 * uniform(own, 1, seed + 40))
        table[:, ONSET] += np.floor(SAMPLE_RATE * delay_s)
        table[:, LENGTH] = SAMPLE_RATE * (0.05 + 0.12 * uniform(own, 2, seed + 40))
        table[:, NOISE] = 1.0
        table[:, NOISE_Q] = 0.7
        table[:, MIDDLE_HZ] = 1600.0 * powers_of_two(1.4 * uniform(own, 6, seed + 40))
        table[:, ATTACK] = 0.25 + 0.4 * uniform(own, 3, seed + 40)
        table[:, DECAY] = 1.5
        table[:, SEND] = 0.9
        arc = np.array([0.3, 0.55, 0.8, 1.0, 0.85, 0.5, 0.75])[turn]
        level = gains(-12.0 + 2.5 * normal(numbers, 4, seed + 40))[which] * arc
        place = (1.4 * uniform(numbers, 5, seed + 40) - 0.7)[which]
        set_place(table, level, place)
        return table

    def creaks(onsets: Curve, numbers: Curve) -> Table:
        """Move a chair: a stick-slip row of short low knocks, closing up."""
        slips = 9
        which = np.repeat(np.arange(onsets.size), slips)
        turn = np.tile(np.arange(slips), onsets.size)
        own = numbers[which] * 16 + turn
        table = table_of(onsets[which])
        delay_s = turn * 0.034 - turn * turn * 0.0011 + 0.008 * uniform(own, 1, seed + 80)
        table[:, ONSET] += np.floor(SAMPLE_RATE * delay_s)
        table[:, LENGTH] = SAMPLE_RATE * 0.045
        pitch = (240.0 * powers_of_two(uniform(numbers, 2, seed + 80)))[which] * (1 + 0.02 * turn)
        set_pitch(table, pitch * 1.1, pitch)
        table[:, NOISE] = 0.2
        table[:, NOISE_Q] = 1.5
        table[:, ATTACK] = 0.03
        table[:, DECAY] = 4.0
        table[:, SECOND] = 0.3
        table[:, SEND] = 1.0
        level = gains(-5.0 + 2.0 * normal(numbers, 3, seed + 80))[which]
        set_place(table, level * (0.5 + 0.5 * uniform(own, 4, seed + 80)),
                  (1.4 * uniform(numbers, 5, seed + 80) - 0.7)[which])  # fmt: skip
        return table

    return Landscape(
        bands=(
            Band(seed + 10, air, PINK, 0.75, 70.0, rate=4),
            Band(seed + 11, duct, PINK, 0.5, 65.0, q=2.0, peaked=True, rate=8),
            Band(seed + 12, breath, PINK, 0.8, 900.0, rate=2),
        ),
        events=(
            Grains(
                "pages", seed + 13, Poisson(seed + 13, lambda _: still(1 / p.pages_gap_s), pages)
            ),
            Grains(
                "creaks", seed + 14, Poisson(seed + 14, lambda _: still(1 / p.creaks_gap_s), creaks)
            ),
        ),
        space=Space(t60_s=1.1, dullness=0.19, gain=0.9),
        level_db=-21.7,
    )
