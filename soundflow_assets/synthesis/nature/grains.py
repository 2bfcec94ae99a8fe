"""The eventful part of a bed: drops, bubbles, crackles, chirps, each a row of a table.

A schedule turns a stretch of time into rows; `add_grains` turns rows into sound. So what happens
can be counted without listening.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.math import SAMPLE_RATE, dexp, dlog2, dsin, noise
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

Table = npt.NDArray[np.float64]  # (events, COLUMNS)

# Columns of a grain.
ONSET = 0  # sample from the start of the bed
LENGTH = 1  # samples, at most LONGEST
START_HZ, MIDDLE_HZ, END_HZ = 2, 3, 4  # the pitch runs through these on a parabola
TRILL_HZ, TRILL_DEPTH = 5, 6  # depth as a share of the pitch
LEFT, RIGHT = 7, 8  # gains
ATTACK = 9  # share of the length
DECAY = 10  # nepers lost from the end of the attack to the end
NOISE = 11  # share of differenced noise against the tone
SECOND = 12  # level of the second harmonic
SEND = 13  # into the shared space
COLUMNS = 14
LONGEST = TILE  # samples a grain may reach beyond the tile it begins in


@njit(cache=True)
def add_grains(dry: Audio, wet: Audio, start: int, table: Table, seed: int) -> None:
    """Add the grains of `table` to `dry` and, by their sends, to `wet` (2, tile + longest).

    Column 0 of both buffers is sample `start` of the bed. A grain rises on a smoothstep, decays
    exponentially and closes on a smoothstep over its last half, so it ends in silence.
    """
    for row in range(table.shape[0]):
        first = int(table[row, ONSET]) - start
        length = min(int(table[row, LENGTH]), LONGEST)
        if first < 0 or length < 2:
            continue
        f0 = table[row, START_HZ] / SAMPLE_RATE
        f1 = table[row, MIDDLE_HZ] / SAMPLE_RATE
        f2 = table[row, END_HZ] / SAMPLE_RATE
        slope = 4.0 * f1 - 3.0 * f0 - f2
        bend = 2.0 * f0 - 4.0 * f1 + 2.0 * f2
        depth = table[row, TRILL_DEPTH]
        trill = table[row, TRILL_HZ] / SAMPLE_RATE
        hiss = table[row, NOISE]
        second = table[row, SECOND]
        send = table[row, SEND]
        attack = max(table[row, ATTACK], 1.0 / length)
        decay = dexp(-table[row, DECAY] / (length * max(1.0 - attack, 0.01)))
        level = 1.0
        phase = 0.0
        last = 0.0
        per_sample = 1.0 / length
        u = 0.0
        for n in range(length):
            rise = u / attack if u < attack else 1.0
            fall = 2.0 * (1.0 - u) if u > 0.5 else 1.0
            envelope = level * rise * rise * (3.0 - 2.0 * rise) * fall * fall * (3.0 - 2.0 * fall)
            if u >= attack:
                level *= decay
            value = 0.0
            if hiss < 1.0:
                step = f0 + u * (slope + u * bend)
                if depth > 0.0:
                    step *= 1.0 + depth * dsin(trill * n)
                value = dsin(phase)
                if second > 0.0:
                    value += second * dsin(2.0 * phase)
                phase += step
                value *= 1.0 - hiss
            if hiss > 0.0:
                fresh = noise(int(table[row, ONSET]) + n, seed)
                value += hiss * 0.7 * (fresh - last)
                last = fresh
            value *= envelope
            left = value * table[row, LEFT]
            right = value * table[row, RIGHT]
            dry[0, first + n] += left
            dry[1, first + n] += right
            if send > 0.0:
                wet[0, first + n] += left * send
                wet[1, first + n] += right * send
            u += per_sample


@njit(cache=True)
def poisson(start: int, rates: Curve, seed: int, cursor: Curve) -> Table:
    """Return (onset, number) of the events of one tile, `rates` per second at its control points.

    `cursor` holds the next onset and the number of events so far; gaps are exponential, each
    drawn from the event's own number.
    """
    stop = start + TILE
    events = np.empty((4096, 2))
    count = 0
    while cursor[0] < stop and count < events.shape[0]:
        onset = max(cursor[0], float(start))
        events[count, 0] = onset
        events[count, 1] = cursor[1]
        count += 1
        rate = rates[min(int((onset - start) / CONTROL), rates.shape[0] - 1)]
        u = 0.5 + 0.5 * noise(int(cursor[1]), seed)
        gap_s = -0.6931471805599453 * dlog2(1.0 - u + 1e-12) / max(rate, 1e-6)
        cursor[0] = onset + gap_s * SAMPLE_RATE
        cursor[1] += 1.0
    return events[:count]


def table_of(onsets: Curve) -> Table:
    """Return an empty table of as many grains as `onsets` (samples)."""
    table = np.zeros((onsets.size, COLUMNS))
    table[:, ONSET] = np.floor(onsets)
    return table


def set_pitch(table: Table, start: Curve | float, end: Curve | float) -> None:
    """Let all grains glide evenly from `start` to `end` Hz."""
    table[:, START_HZ] = start
    table[:, END_HZ] = end
    table[:, MIDDLE_HZ] = 0.5 * (table[:, START_HZ] + table[:, END_HZ])


def set_place(table: Table, gain: Curve, pan: Curve) -> None:
    """Set the gains of grains at `pan` -1 to 1; the sum of both channels' power stays the same."""
    table[:, LEFT] = gain * np.sqrt(1.0 - pan)
    table[:, RIGHT] = gain * np.sqrt(1.0 + pan)


@dataclass(slots=True)
class Poisson:
    """Random events at a rate that may move, and what becomes of each."""

    seed: int
    rates: Callable[[int], Curve]  # start sample -> events per second over the tile
    grains: Callable[[Curve, Curve], Table]  # onsets, event numbers -> table
    cursor: Curve = field(default_factory=lambda: np.zeros(2))

    def __call__(self, start: int) -> Table:
        """Return the grains that begin in the tile from sample `start` on."""
        events = poisson(start, self.rates(start), self.seed, self.cursor)
        return self.grains(np.ascontiguousarray(events[:, 0]), np.ascontiguousarray(events[:, 1]))


@dataclass(slots=True)
class Grains:
    """A kind of event of a bed. `schedule` must be asked tile by tile, from the first on."""

    name: str
    seed: int
    schedule: Callable[[int], Table]

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the events of the tile that begins at sample `start`."""
        add_grains(dry, wet, start, self.schedule(start), self.seed)
