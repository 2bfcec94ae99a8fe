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
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.hashes import counters_of, hashed, uniforms
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP, load, splat, store
from soundflow_assets.synthesis.kernels.math import dexp, dlog2, noise, sines
from soundflow_assets.synthesis.kernels.recursion import resonance_of, resonated
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

Table = npt.NDArray[np.float64]  # (events, COLUMNS)
Mono = npt.NDArray[np.float32]

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
    else:
        for n in range(0, length, LANES):
            at = load(RAMP, 0) + float(n)
            phase = at * (f0 + at * (slope + at * bend))
            if swing > 0.0:
                phase = phase - swing * sines(trill * at + 0.25)
            tone = sines(phase)
            if second > 0.0:
                tone = tone + second * sines(2.0 * phase)
            store(sound, n, (1.0 - hiss) * tone)
    first = int(grain[ONSET])
    if hiss <= 0.0:
        return
    white = np.empty((length + 2 + 2 * LANES) // LANES * LANES)
    counters = counters_of(seed)
    for n in range(0, white.shape[0], LANES):
        store(white, n, uniforms(hashed(counters, first + n - 2)))
    if grain[NOISE_Q] > 0.0:
        _add_resonance(white, length, grain[MIDDLE_HZ], grain[NOISE_Q], hiss, sound)
    else:
        for n in range(length):
            sound[n] += 0.7 * hiss * (white[n + 2] - white[n + 1])


@njit(cache=True)
def _add_resonance(
    white: Curve, length: int, hz: float, q: float, hiss: float, sound: Curve
) -> None:
    """Add `hiss` of white noise, from `white[2]` on, through a band-pass of unit peak."""
    g = svf_g(hz)
    k = 1.0 / q
    level = hiss * np.sqrt(k * SAMPLE_RATE / (6.283185307179586 * hz) + 1.0)
    norm = 1.0 / (1.0 + g * (g + k))
    b0 = 1.5 * level * k * g * norm
    reach = resonance_of(2.0 * (g * g - 1.0) * norm, (1.0 + g * (g - k)) * norm)
    white[:2] = 0.0
    nothing = splat(0.0)
    past = nothing, nothing, nothing, nothing, nothing
    for n in range(0, length, LANES):
        y, past = resonated(b0 * (load(white, n + 2) - load(white, n)), past, reach)
        store(sound, n, load(sound, n) + y)


@njit(cache=True)
def _shape(grain: Curve, length: int, sound: Curve) -> None:
    """Lay the envelope over `sound`: a smoothstep up, an exponential down, closed over the half."""
    attack = max(grain[ATTACK], 1.0 / length)
    top = min(int(attack * length), length)
    half = length // 2
    decay = dexp(-grain[DECAY] / (length * max(1.0 - attack, 0.01)))
    per_rise, per_fall = 1.0 / (attack * length), 1.0 / (length - half)
    for n in range(top):
        rise = n * per_rise
        sound[n] *= rise * rise * (3.0 - 2.0 * rise)
    levels = np.ones(LANES)
    for n in range(1, LANES):
        levels[n] = levels[n - 1] * decay
    level, further = load(levels, 0), levels[LANES - 1] * decay
    for n in range(top, length, LANES):
        store(sound, n, load(sound, n) * level)
        level = level * further
    for n in range(half, length):
        fall = (length - n) * per_fall
        sound[n] *= fall * fall * (3.0 - 2.0 * fall)


@njit(cache=True)
def write_grain(grain: Curve, seed: int, scratch: Curve, sound: Mono, at: int) -> int:
    """Write a grain at gain 1 from `sound[at]` on, return its samples with silence to whole lanes.

    It begins and ends in silence. `scratch` holds `LONGEST + LANES`.
    """
    length = min(int(grain[LENGTH]), LONGEST)
    size = (length + LANES - 1) // LANES * LANES
    _sound(grain, length, seed, scratch)
    _shape(grain, length, scratch)
    for n in range(length):
        sound[at + n] = scratch[n]
    for n in range(length, size):
        sound[at + n] = np.float32(0.0)
    return size


@njit(cache=True)
def lay(out: Audio, first: int, sound: Mono, at: int, size: int, left: float, right: float) -> None:
    """Add `size` samples, whole lanes, from `sound[at]` on to both channels from `first` on."""
    into_l, into_r = out[0], out[1]
    gain_l, gain_r = np.float32(left), np.float32(right)
    for n in range(0, size, LANES):
        x = load(sound, at + n)
        to = first + n
        store(into_l, to, load(into_l, to) + gain_l * x)
        store(into_r, to, load(into_r, to) + gain_r * x)


@njit(cache=True)
def add_grains(dry: Audio, wet: Audio, start: int, table: Table, seed: int, level: float) -> None:
    """Add the grains of `table` to `dry` and, by their sends, to `wet` (2, tile + longest).

    Column 0 of both buffers is sample `start` of the bed.
    """
    scratch = np.empty(LONGEST + LANES)
    sound = np.empty(LONGEST, np.float32)
    for row in range(table.shape[0]):
        grain = table[row]
        first = int(grain[ONSET]) - start
        if first < 0 or grain[LENGTH] < 2.0:
            continue
        size = write_grain(grain, seed, scratch, sound, 0)
        left, right = level * grain[LEFT], level * grain[RIGHT]
        lay(dry, first, sound, 0, size, left, right)
        if grain[SEND] != 0.0:
            lay(wet, first, sound, 0, size, left * grain[SEND], right * grain[SEND])


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
    """Return an empty table of as many grains as `onsets` (samples), at gain 1."""
    table = np.zeros((onsets.size, COLUMNS))
    table[:, ONSET] = np.floor(onsets)
    table[:, LEFT : RIGHT + 1] = 1.0
    return table


def set_pitch(table: Table, start: Curve | float, end: Curve | float) -> None:
    """Let all grains glide evenly from `start` to `end` Hz."""
    table[:, START_HZ] = start
    table[:, END_HZ] = end
    table[:, MIDDLE_HZ] = 0.5 * (table[:, START_HZ] + table[:, END_HZ])


def set_gain(table: Table, gain: Curve) -> None:
    """Set the gains of grains in the middle."""
    table[:, LEFT] = table[:, RIGHT] = gain


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
        if not events.shape[0]:
            return np.zeros((0, COLUMNS))
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
