"""Plucked strings: a delay line with losses, plucked at a point, in two planes of vibration.

Karplus & Strong's loop in Jaffe & Smith's extended form (Computer Music Journal 7:2, 1983). The
delay is read by third-order Lagrange interpolation, so that it may be any length and may glide;
the loss is a symmetric three-point filter, whose delay is exactly one sample at every frequency.
Both decays, of the fundamental and at 4 kHz, are therefore in seconds and hold at every pitch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import one_pole, svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import dcos, dexp2, noise
from soundflow_assets.synthesis.kernels.shuffles import behind

BLOCK = 32
DAMPING_HZ = 4000.0
LOWEST_HZ = 20.0


class Pluck(NamedTuple):
    """One string in one plane, and how it is struck."""

    t60_s: float
    t60_high_s: float  # at 4 kHz
    position: float  # of the pluck along the string, 0 to 0.5
    width_s: float  # how long the finger or pick stays: shorter is brighter
    noise: float  # share of noise in the pluck, 0 to 1
    brightness_hz: float  # low-pass over the pluck
    hold_s: float
    damp_t60_s: float  # after it is let go
    weight: float = 0.0  # 0: all partials alike; 1: falling by 6 dB an octave, as a slow pull does
    bend_cents: float = 0.0  # pitch at the start, gliding to the note
    bend_s: float = 0.1


@njit(cache=True)
def excite(x: npt.NDArray[np.float64], period: float, pluck: Pluck, seed: int) -> None:
    """Write the pluck into the start of `x`: a rounded pulse and noise, combed by its position.

    The comb x(t) - x(t - position·period) takes out the partials that have a node where the
    string is plucked, and all DC with them.
    """
    width = max(pluck.width_s * SAMPLE_RATE, 2.0)
    lag = max(int(pluck.position * period), 1)
    length = int(period)
    g = svf_g(pluck.brightness_hz)
    low_g = svf_g(SAMPLE_RATE / period)
    state = 0.0
    second = 0.0
    third = 0.0
    for i in range(min(length + lag, x.shape[0])):
        y = 0.0
        if i < width:
            y += (1.0 - pluck.noise) * (0.5 - 0.5 * dcos(i / width))
        if i < length:
            y += pluck.noise * 0.7 * noise(i, seed)
        if i >= lag:
            j = i - lag
            if j < width:
                y -= (1.0 - pluck.noise) * (0.5 - 0.5 * dcos(j / width))
            if j < length:
                y -= pluck.noise * 0.7 * noise(j, seed)
        y, state = one_pole(y, state, g)
        y, second = one_pole(y, second, g)
        low, third = one_pole(y, third, low_g)
        x[i] = y + pluck.weight * (3.0 * low - y)


@njit(cache=True)
def string(x: npt.NDArray[np.float64], freq_hz: float, pluck: Pluck, seed: int) -> None:
    """Write one plane of one plucked string into `x`, which must come filled with zeros."""
    samples = x.shape[0]
    freq_hz = max(freq_hz, LOWEST_HZ)
    excite(x, SAMPLE_RATE / freq_hz, pluck, seed)
    # Gain per turn of the loop: 60 dB in t60 seconds is 10^(-3 / (f·t60)).
    turn = dexp2(-9.965784284662087 / (freq_hz * pluck.t60_s))
    high = dexp2(-9.965784284662087 / (freq_hz * min(pluck.t60_high_s, pluck.t60_s)))
    loss = 1.0 - dcos(DAMPING_HZ / SAMPLE_RATE)
    side = min(0.5 * (1.0 - high / turn) / loss, 0.25)
    # What the loss takes at the fundamental is given back, as far as the loop stays stable.
    own = 1.0 - 2.0 * side * (1.0 - dcos(freq_hz / SAMPLE_RATE))
    turn = min(turn / own, 0.99998)
    damped = dexp2(-9.965784284662087 / (freq_hz * pluck.damp_t60_s))
    hold = int(pluck.hold_s * SAMPLE_RATE)
    read = np.zeros(2 * LANES)  # from the delay: eight samples before now, and eight now
    past = load(read, 0)
    whole, bent, h0, h1, h2, h3 = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for start in range(0, samples, BLOCK):
        time_s = start / SAMPLE_RATE
        bends = pluck.bend_cents != 0.0 and time_s < 2.0
        bend = pluck.bend_cents * dexp2(-4.0 * time_s / pluck.bend_s) if bends else 0.0
        if start == 0 or bend != bent:
            bent = bend
            delay = SAMPLE_RATE / (freq_hz * dexp2(bend / 1200.0)) - 1.0
            whole = int(delay)
            h0, h1, h2, h3 = _between(delay - whole)
        gain = turn if start < hold else damped
        middle = gain * (1.0 - 2.0 * side)
        flank = gain * side
        for i in range(start, min(start + BLOCK, samples), LANES):
            base = i - whole
            # Eight samples do not wait for each other where the delay is longer.
            if base >= 2 and whole > LANES and i + LANES <= samples:
                now = (
                    h0 * load(x, base + 1) + h1 * load(x, base)
                    + h2 * load(x, base - 1) + h3 * load(x, base - 2)
                )  # fmt: skip
                sides = behind(past, now, 2) + now
                store(x, i, load(x, i) + (middle * behind(past, now, 1) + flank * sides))
                past = now
                continue
            store(read, 0, past)
            size = min(LANES, samples - i)
            _turn_in_turn(x, i, base, size, (h0, h1, h2, h3), middle, flank, read)
            past = load(read, LANES)


@njit(cache=True, inline="always")
def _between(d: float) -> tuple[float, float, float, float]:
    """Return the weights of four neighbours, -1 to 2, that give what lies at `d` (Lagrange)."""
    return (
        -d * (d - 1.0) * (d - 2.0) * 0.16666666666666666,
        (d + 1.0) * (d - 1.0) * (d - 2.0) * 0.5,
        -(d + 1.0) * d * (d - 2.0) * 0.5,
        (d + 1.0) * d * (d - 1.0) * 0.16666666666666666,
    )


@njit(cache=True)
def _turn_in_turn(
    x: npt.NDArray[np.float64],
    i: int,
    base: int,
    size: int,
    weights: tuple[float, float, float, float],
    middle: float,
    flank: float,
    read: npt.NDArray[np.float64],
) -> None:
    """Add a turn to up to eight samples from `x[i]` on, one by one.

    So it is done at either end and where the delay is short.
    `read` (2 * LANES,) holds what the eight samples before have read; then also what these have.
    """
    h0, h1, h2, h3 = weights
    for j in range(size):
        at = base + j
        if at < 2:
            continue
        now = h0 * x[at + 1] + h1 * x[at] + h2 * x[at - 1] + h3 * x[at - 2]
        read[LANES + j] = now
        x[i + j] += middle * read[LANES + j - 1] + flank * (read[LANES + j - 2] + now)


@njit(cache=True)
def strings(
    out: npt.NDArray[np.float32],
    freq_hz: float,
    pluck: Pluck,
    split_cents: float,
    spread: float,
    seed: int,
) -> None:
    """Add a plucked string to `out` (channels, n): two planes, apart by `split_cents`.

    The second plane lasts longer and speaks softer, as the bridge gives way less to it; the beat
    between the two is what keeps a long note alive. `spread` pans them apart.
    """
    samples = out.shape[1]
    half = dexp2(0.5 * split_cents / 1200.0)
    first = np.zeros(samples)
    string(first, freq_hz * half, pluck, seed)
    if split_cents <= 0.0:
        for channel in range(out.shape[0]):
            for i in range(samples):
                out[channel, i] += first[i]
        return
    second = np.zeros(samples)
    slow = Pluck(
        pluck.t60_s * 1.6, pluck.t60_high_s * 1.2, pluck.position * 0.87, pluck.width_s * 1.2,
        pluck.noise, pluck.brightness_hz * 0.8, pluck.hold_s, pluck.damp_t60_s,
        pluck.weight, pluck.bend_cents, pluck.bend_s,
    )  # fmt: skip
    string(second, freq_hz / half, slow, seed + 1)
    for channel in range(out.shape[0]):
        side = spread * (1.0 - 2.0 * channel) if out.shape[0] == 2 else 0.0
        for i in range(samples):
            out[channel, i] += (1.0 + side) * 0.7 * first[i] + (1.0 - side) * 0.45 * second[i]
