"""Delay lines: echoes in tempo, chorus, and the speed errors of tape."""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST_SINGLE
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    RAMP,
    RAMP_SINGLE,
    load,
    narrowed,
    splat,
    store,
)
from soundflow_assets.synthesis.kernels.math import dsin, dtan_pi
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Mono
from soundflow_assets.synthesis.kernels.recursion import powers_of, recursed, silence
from soundflow_assets.synthesis.kernels.shuffles import behind

ECHO_LOW_HZ = 300.0
ECHO_HIGH_HZ = 3500.0
ACROSS = 0.85  # from the left echo to the right one; the way back is the feedback
CHORUS_PAST = 2048  # samples, a power of two
CHORUS_RING = CHORUS_PAST + LANES  # its first eight stand again behind its end
CHORUS_STEP = 64  # samples between two places of a tap: 1.5 ms
CHORUS_MS = (12.0, 17.0)
CHORUS_HZ = (0.27, 0.41)
CHORUS_DEPTH_MS = 1.6
TAPE_PAST = 512  # samples, more than the longest delay
TAPE_TILE = 4096  # samples bent at a time; fits the first-level cache


@njit(cache=True, error_model="numpy")
def ping_pong(send: Mono, out: Audio, length: int, feedback: float) -> None:
    """Write echoes of `send` into `out` (2, samples): left first, then right, and so on.

    Each pass goes through a 300 Hz high-pass and a 3.5 kHz low-pass (first order, trapezoidal), so
    that echoes step back as they repeat. `length` is the time between two echoes in samples, at
    least 8: what is made of eight samples is written that far behind them.
    """
    samples = send.shape[0]
    left, right = out[0], out[1]
    left[:length] = np.float32(0.0)
    right[:length] = np.float32(0.0)
    g, high = dtan_pi(ECHO_LOW_HZ / SAMPLE_RATE), dtan_pi(ECHO_HIGH_HZ / SAMPLE_RATE)
    # Both in one: h/(1+h) · (1 + z⁻¹)/(1 - p·z⁻¹) times 1/(1+g) · (1 - z⁻¹)/(1 - q·z⁻¹).
    gain = np.float32(high / ((1.0 + high) * (1.0 + g)))
    p, q = powers_of((1.0 - high) / (1.0 + high)), powers_of((1.0 - g) / (1.0 + g))
    back, across = gain * np.float32(feedback), gain * np.float32(ACROSS)
    x1 = y1 = splat(np.float32(0.0))
    a, b, c, d = silence(), silence(), silence(), silence()
    ends = np.empty((2, LANES), dtype=np.float32)
    end_l, end_r = ends[0], ends[1]
    for n in range(0, samples - length, LANES):
        x = gain * load(send, n) + back * load(right, n)
        y = across * load(left, n)
        to_l, a = recursed(x - behind(x1, x, 2) + QUIETEST_SINGLE, a, p)
        to_l, b = recursed(to_l, b, q)
        to_r, c = recursed(y - behind(y1, y, 2) + QUIETEST_SINGLE, c, p)
        to_r, d = recursed(to_r, d, q)
        x1, y1 = x, y
        if n + length + LANES <= samples:
            store(left, n + length, to_l)
            store(right, n + length, to_r)
        else:
            store(end_l, 0, to_l)
            store(end_r, 0, to_r)
            for i in range(samples - length - n):
                left[n + length + i] = end_l[i]
                right[n + length + i] = end_r[i]


@njit(cache=True, error_model="numpy")
def chorus(audio: Audio, start: int, stop: int, amount: float, rings: Audio) -> None:
    """Thicken `audio[:, start:stop]` in place with two moving taps a side.

    `rings` (2, CHORUS_RING) carries the past from one call to the next. The taps of the right side
    move a quarter period apart from those of the left. `start` is a multiple of 8.
    """
    rest = np.zeros(LANES, dtype=np.float32)
    whole = stop - (stop - start) % LANES
    for channel in range(2):
        row, ring, shift = audio[channel], rings[channel], 0.25 * channel
        _thicken(row, start, start, whole, amount, shift, ring)
        rest[: stop - whole] = row[whole:stop]
        _thicken(rest, 0, whole, stop, amount, shift, ring)
        row[whole:stop] = rest[: stop - whole]


@njit(cache=True, error_model="numpy")
def _thicken(
    row: Mono, at: int, start: int, stop: int, amount: float, shift: float, ring: Mono
) -> None:
    """Do so with samples `start` to `stop` of one side, eight at a time from `row[at]` on.

    The taps move by straight lines of `CHORUS_STEP` samples; which two samples each lies between
    is decided for eight.
    """
    dry, wet = np.float32(1.0 - 0.35 * amount), np.float32(0.5 * amount)
    for first in range(start // CHORUS_STEP * CHORUS_STEP, stop, CHORUS_STEP):
        tap1, step1 = _tap(0, first, shift)
        tap2, step2 = _tap(1, first, -shift)
        for n in range(max(start, first), min(stop, first + CHORUS_STEP), LANES):
            x = load(row, at + n - start)
            here = n & (CHORUS_PAST - 1)
            store(ring, here, x)
            if here == 0:  # what is read may reach over the ring's end
                store(ring, CHORUS_PAST, x)
            taps = _read(ring, n, tap1 + step1 * (n - first), step1)
            taps = taps + _read(ring, n, tap2 + step2 * (n - first), step2)
            store(row, at + n - start, dry * x + wet * taps)


@njit(cache=True, inline="always")
def _tap(number: int, first: int, shift: float) -> tuple[float, float]:
    """Return how many samples a tap lies behind at sample `first`, and what it gains a sample."""
    turn = CHORUS_HZ[number] / SAMPLE_RATE
    now = dsin(turn * first + shift)
    then = dsin(turn * (first + CHORUS_STEP) + shift)
    per_ms = SAMPLE_RATE / 1000.0
    place = (CHORUS_MS[number] + CHORUS_DEPTH_MS * now) * per_ms
    return place, CHORUS_DEPTH_MS * (then - now) * per_ms / CHORUS_STEP


@njit(cache=True, inline="always")
def _read(ring: Mono, n: int, tap: float, step: float) -> Any:
    """Return samples `n` to `n + 7` as they come from a tap, on a line between two of the ring."""
    whole = int(tap)
    here = load(ring, (n - whole) & (CHORUS_PAST - 1))
    before = load(ring, (n - whole - 1) & (CHORUS_PAST - 1))
    share = np.float32(tap - whole) + np.float32(step) * load(RAMP_SINGLE, 0)
    return here + share * (before - here)


@njit(cache=True, error_model="numpy")
def wow_and_flutter(audio: Audio, amount: float, start: int, past: Audio) -> None:
    """Bend the speed of `audio` in place as a worn tape does.

    Wow of 0.55 Hz ±7 cents and flutter of 7 Hz ±2 cents at `amount` 1, as one moving delay of both
    channels (cents c at rate f make a delay of c·ln2/1200/(2πf) s), read by cubic interpolation
    (Catmull-Rom). Column 0 of `audio` is sample `start` of the programme, a multiple of CONTROL;
    `past` (2, TAPE_PAST) carries the last samples from one stretch to the next.
    """
    wow = amount * 7.0 * 0.0005776226504666211 / (6.283185307179586 * 0.55) * SAMPLE_RATE
    flutter = amount * 2.0 * 0.0005776226504666211 / (6.283185307179586 * 7.0) * SAMPLE_RATE
    centre = 3.0 + wow + flutter
    # The wow starts at the turning point where the delay is least: no jump in at the top.
    t = start / SAMPLE_RATE
    now = centre + wow * dsin(0.55 * t - 0.25) + flutter * dsin(7.0 * t)
    samples = audio.shape[1]
    heard = np.zeros((2, TAPE_PAST + TAPE_TILE), dtype=np.float32)
    heard[:, :TAPE_PAST] = past
    for tile in range(0, samples, TAPE_TILE):
        size = min(TAPE_TILE, samples - tile)
        heard[:, TAPE_PAST : TAPE_PAST + size] = audio[:, tile : tile + size]
        for first in range(0, size, CONTROL):
            t = (start + tile + first + CONTROL) / SAMPLE_RATE
            then = centre + wow * dsin(0.55 * t - 0.25) + flutter * dsin(7.0 * t)
            _read_at(heard, first, now, (then - now) / CONTROL, audio, tile + first)
            now = then
        heard[:, :TAPE_PAST] = heard[:, size : size + TAPE_PAST].copy()
    past[:] = heard[:, :TAPE_PAST]


@njit(cache=True, inline="always")
def _read_at(heard: Audio, at: int, delay: float, step: float, out: Audio, first: int) -> None:
    """Write up to `CONTROL` samples to `out` from `first` on, read `delay` before `heard`'s `at`.

    `at` counts from the end of the past on. `delay`, at least 2, grows by `step` a sample.
    """
    size = min(CONTROL, out.shape[1] - first)
    for n in range(0, size, LANES):
        whole = int(delay + step * n)
        if n + LANES <= size and whole == int(delay + step * (n + LANES - 1)):
            t = narrowed(delay - whole + step * (load(RAMP, 0) + float(n)))
            for channel in range(2):
                row, place = heard[channel], TAPE_PAST + at + n - whole
                a, b = load(row, place + 1), load(row, place)
                c, d = load(row, place - 1), load(row, place - 2)
                store(out[channel], first + n, _catmull_rom(a, b, c, d, t))
            continue
        for i in range(n, min(n + LANES, size)):
            whole = int(delay + step * i)
            t = np.float32(delay + step * i - whole)
            for channel in range(2):
                row, place = heard[channel], TAPE_PAST + at + i - whole
                a, b, c, d = row[place + 1], row[place], row[place - 1], row[place - 2]
                out[channel, first + i] = _catmull_rom(a, b, c, d, t)


@njit(cache=True, inline="always")
def _catmull_rom(a: Any, b: Any, c: Any, d: Any, t: Any) -> Any:
    """Return the cubic through b and c, `t` of the way, float32, numbers or lanes."""
    half, three = np.float32(0.5), np.float32(3.0)
    four, five = np.float32(4.0), np.float32(5.0)
    curved = a + a - five * b + four * c - d + t * (three * (b - c) + d - a)
    return b + half * t * (c - a + t * curved)
