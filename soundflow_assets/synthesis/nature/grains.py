"""The eventful part of a bed: drops, bubbles, crackles, chirps, each a row of a table.

A schedule turns a stretch of time into rows; `add_grains` turns rows into sound. So what happens
can be counted without listening.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import dexp, dlog2, noise, sines
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
NOISE = 11  # share of noise against the tone
SECOND = 12  # level of the second harmonic
SEND = 13  # into the shared space
NOISE_Q = 14  # noise through a band-pass at the middle pitch; 0 = differenced, bright
COLUMNS = 15
RAMP = np.arange(LANES, dtype=np.float64)
LONGEST = 32768  # samples a grain may reach beyond the tile it begins in


@njit(cache=True)
def _sound(grain: Curve, length: int, seed: int, sound: Curve) -> None:
    """Write a grain's tone and noise into `sound`, before its envelope.

    The phase of a sweep is written out, not summed up, so that samples do not wait for each other:
    eight are made at a time, and `sound` has room for seven more than the longest grain.
    """
    hiss = grain[NOISE]
    second = grain[SECOND]
    f0 = grain[START_HZ] / SAMPLE_RATE
    f1 = grain[MIDDLE_HZ] / SAMPLE_RATE
    f2 = grain[END_HZ] / SAMPLE_RATE
    slope = (4.0 * f1 - 3.0 * f0 - f2) / (2.0 * length)
    bend = (2.0 * f0 - 4.0 * f1 + 2.0 * f2) / (3.0 * length * length)
    trill = grain[TRILL_HZ] / SAMPLE_RATE
    swing = 0.0 if trill <= 0.0 else grain[TRILL_DEPTH] * f1 / (6.283185307179586 * trill)
    if hiss >= 1.0:
        sound[:length] = 0.0
    elif swing > 0.0 or second > 0.0:
        for n in range(0, length, LANES):
            at = load(RAMP, 0) + float(n)
            phase = at * (f0 + at * (slope + at * bend)) - swing * sines(trill * at + 0.25)
            store(sound, n, (1.0 - hiss) * (sines(phase) + second * sines(2.0 * phase)))
    else:
        for n in range(0, length, LANES):
            at = load(RAMP, 0) + float(n)
            store(sound, n, (1.0 - hiss) * sines(at * (f0 + at * (slope + at * bend))))
    first = int(grain[ONSET])
    if hiss > 0.0 and grain[NOISE_Q] > 0.0:
        g = svf_g(grain[MIDDLE_HZ])
        k = 1.0 / grain[NOISE_Q]
        level = hiss * np.sqrt(k * SAMPLE_RATE / (6.283185307179586 * grain[MIDDLE_HZ]) + 1.0)
        a = b = 0.0
        for n in range(length):
            _, band, a, b = svf(noise(first + n, seed), a, b, g, k)
            sound[n] += level * k * band * 1.5
    elif hiss > 0.0:
        for n in range(length):
            sound[n] += 0.7 * hiss * (noise(first + n, seed) - noise(first + n - 1, seed))


@njit(cache=True)
def _shape(grain: Curve, length: int, sound: Curve) -> None:
    """Lay the envelope over `sound`: a smoothstep up, an exponential down, closed over the half."""
    attack = max(grain[ATTACK], 1.0 / length)
    top = min(int(attack * length), length)
    half = length // 2
    decay = dexp(-grain[DECAY] / (length * max(1.0 - attack, 0.01)))
    for n in range(top):
        rise = n / (attack * length)
        sound[n] *= rise * rise * (3.0 - 2.0 * rise)
    level = 1.0
    for n in range(top, length):
        sound[n] *= level
        level *= decay
    for n in range(half, length):
        fall = (length - n) / (length - half)
        sound[n] *= fall * fall * (3.0 - 2.0 * fall)


@njit(cache=True)
def add_grains(dry: Audio, wet: Audio, start: int, table: Table, seed: int, level: float) -> None:
    """Add the grains of `table` to `dry` and, by their sends, to `wet` (2, tile + longest).

    Column 0 of both buffers is sample `start` of the bed. Every grain begins and ends in silence.
    """
    sound = np.empty(LONGEST + LANES)
    for row in range(table.shape[0]):
        grain = table[row]
        first = int(grain[ONSET]) - start
        length = min(int(grain[LENGTH]), LONGEST)
        if first < 0 or length < 2:
            continue
        _sound(grain, length, seed, sound)
        _shape(grain, length, sound)
        for channel in range(2):
            gain = level * grain[LEFT + channel]
            into = dry[channel, first : first + length]
            for n in range(length):
                into[n] += gain * sound[n]
            gain *= grain[SEND]
            if gain != 0.0:
                into = wet[channel, first : first + length]
                for n in range(length):
                    into[n] += gain * sound[n]


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

    def add(self, start: int, gain: float, dry: Audio, wet: Audio) -> None:
        """Add the events of the tile that begins at sample `start`, and their sends to `wet`.

        Both are (2, tile + longest grain); what reaches beyond the tile is kept for the next.
        """
        add_grains(dry, wet, start, self.schedule(start), self.seed, gain)
