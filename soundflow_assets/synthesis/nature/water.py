"""Running water: a brook over stones."""

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
    normal,
    powers_of_two,
)
from soundflow_assets.synthesis.nature.grains import (
    ATTACK,
    DECAY,
    LENGTH,
    SEND,
    Table,
    set_gain,
    set_pitch,
    table_of,
)
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.parameters import River
from soundflow_assets.synthesis.nature.scatter import Scattered, Spread
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.wash import PINK, Band, Motion


def river(p: River, seed: int) -> Landscape:
    """Return a brook: bubbles in clusters over a bed of rushing water, and a gurgle below."""

    def rates(start: int) -> Curve:
        cluster = drift(start, POINTS, 0.35, seed) * 0.6 + drift(start, POINTS, 2.3, seed + 1) * 0.5
        return np.asarray(
            np.clip(p.bubbles_per_s * powers_of_two(1.1 * cluster - 0.12), 20.0, 240.0)
        )

    def bubbles(onsets: Curve, numbers: Curve) -> Table:
        table = table_of(onsets)
        pitch = p.pitch_hz * powers_of_two(0.72 * normal(numbers, 1, seed + 2))
        pitch = np.clip(pitch, 300.0, 2500.0)
        # Small bubbles ring high and short (Minnaert): length goes with the period.
        ring_s = 0.026 * (800.0 / pitch) * (0.6 + 0.8 * evenly(numbers, 2, seed + 2))
        table[:, LENGTH] = SAMPLE_RATE * np.clip(ring_s, 0.010, 0.060)
        set_pitch(table, pitch, pitch * (1.02 + 0.08 * evenly(numbers, 3, seed + 2)))
        table[:, ATTACK] = 0.12
        table[:, DECAY] = 3.5
        table[:, SEND] = 0.25
        set_gain(table, np.sqrt(800.0 / pitch))
        return table

    def spray_rates(start: int) -> Curve:
        return np.asarray(4.0 * rates(start - SAMPLE_RATE // 10))

    def spray(onsets: Curve, numbers: Curve) -> Table:
        """Burst the small bubbles: water sounds alike at every scale (Geffen et al. 2011)."""
        table = table_of(onsets)
        pitch = 2000.0 * powers_of_two(2.0 * evenly(numbers, 1, seed + 90))
        table[:, LENGTH] = SAMPLE_RATE * 12.0 / pitch * (0.7 + 0.6 * evenly(numbers, 2, seed + 90))
        set_pitch(table, pitch, pitch * (1.02 + 0.12 * evenly(numbers, 3, seed + 90)))
        table[:, ATTACK] = 0.1
        table[:, DECAY] = 3.5
        table[:, SEND] = 0.15
        set_gain(table, np.sqrt(2000.0 / pitch))
        return table

    def bed(start: int) -> Motion:
        db = p.bed_db + 0.5 + 2.4 * flicker(start, POINTS, 6.0, 5, seed + 3)
        side = 0.8 * drift(start, POINTS, 5.0, seed + 4)
        corners = 4200.0 * powers_of_two(0.3 * drift(start, POINTS, 3.1, seed + 5))
        return Motion(corners, gains(db + side), gains(db - side))

    def gurgle(start: int) -> Motion:
        throb = drift(start, POINTS, 0.5, seed + 6) + 0.6 * drift(start, POINTS, 1.3, seed + 7)
        db = p.gurgle_db + 5.0 + 5.0 * throb
        corners = 245.0 * powers_of_two(0.6 * drift(start, POINTS, 0.8, seed + 8))
        return Motion(corners, gains(db), gains(db + 1.5 * drift(start, POINTS, 0.9, seed + 9)))

    return Landscape(
        bands=(
            Band(seed + 10, bed, PINK, 0.8, 500.0, rate=2),
            Band(seed + 11, gurgle, PINK, 0.6, 100.0, q=1.6, peaked=True, rate=8),
        ),
        events=(
            Scattered("bubbles", seed + 12, rates, bubbles, 512, Spread(-6.5, 5.0, 1.7)),
            Scattered("spray", seed + 13, spray_rates, spray, 512, Spread(-9.0, 6.0, 1.8)),
        ),
        space=Space(t60_s=0.8, dullness=0.17, gain=0.7),
        level_db=-19.1,
    )
