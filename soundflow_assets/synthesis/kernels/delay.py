"""Delay lines: echoes in tempo, chorus, and the speed errors of tape."""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP, load, narrowed, store
from soundflow_assets.synthesis.kernels.math import dsin, dtan_pi
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Mono

ECHO_LOW_HZ = 300.0
ECHO_HIGH_HZ = 3500.0
ACROSS = 0.85  # from the left echo to the right one; the way back is the feedback
CHORUS_RING = 2048
CHORUS_MS = (12.0, 17.0)
CHORUS_HZ = (0.27, 0.41)
CHORUS_DEPTH_MS = 1.6
TAPE_PAST = 512  # samples, more than the longest delay
TAPE_TILE = 4096  # samples bent at a time; fits the first-level cache


@njit(cache=True, error_model="numpy")
def ping_pong(send: Mono, out: Audio, length: int, feedback: float) -> None:
    """Write echoes of `send` into `out` (2, samples): left first, then right, and so on.

    Each pass goes through a 300 Hz high-pass and a 3.5 kHz low-pass (first order), so that echoes
    step back as they repeat. `length` is the time between two echoes in samples.
    """
    samples = send.shape[0]
    left = np.zeros(length, dtype=np.float32)
    right = np.zeros(length, dtype=np.float32)
    g = dtan_pi(ECHO_HIGH_HZ / SAMPLE_RATE)
    high = g / (1.0 + g)
    g = dtan_pi(ECHO_LOW_HZ / SAMPLE_RATE)
    low = g / (1.0 + g)
    a = b = c = d = 0.0
    at = 0
    for n in range(samples):
        echo_l = left[at]
        echo_r = right[at]
        out[0, n] = echo_l
        out[1, n] = echo_r
        x = np.float64(send[n]) + feedback * echo_r
        v = (x - a) * high + QUIETEST
        y = v + a
        a = y + v
        v = (y - b) * low
        z = v + b
        b = z + v
        left[at] = y - z
        x = ACROSS * echo_l
        v = (x - c) * high + QUIETEST
        y = v + c
        c = y + v
        v = (y - d) * low
        z = v + d
        d = z + v
        right[at] = y - z
        at += 1
        if at == length:
            at = 0


@njit(cache=True, error_model="numpy")
def chorus(audio: Audio, start: int, stop: int, amount: float, rings: Audio) -> None:
    """Thicken `audio[:, start:stop]` in place with two moving taps a side.

    `rings` (2, CHORUS_RING) carries the past from one call to the next. The taps of the right side
    move a quarter period apart from those of the left. `start` is a multiple of CONTROL.
    """
    mask = CHORUS_RING - 1
    dry = 1.0 - 0.35 * amount
    wet = 0.5 * amount
    per_ms = SAMPLE_RATE / 1000.0
    for first in range(start, stop, CONTROL):
        last = min(stop, first + CONTROL)
        for channel in range(2):
            ring = rings[channel]
            row = audio[channel]
            t0 = first / SAMPLE_RATE
            t1 = (first + CONTROL) / SAMPLE_RATE
            shift = 0.25 * channel
            tap1 = (CHORUS_MS[0] + CHORUS_DEPTH_MS * dsin(CHORUS_HZ[0] * t0 + shift)) * per_ms
            tap2 = (CHORUS_MS[1] + CHORUS_DEPTH_MS * dsin(CHORUS_HZ[1] * t0 - shift)) * per_ms
            end1 = (CHORUS_MS[0] + CHORUS_DEPTH_MS * dsin(CHORUS_HZ[0] * t1 + shift)) * per_ms
            end2 = (CHORUS_MS[1] + CHORUS_DEPTH_MS * dsin(CHORUS_HZ[1] * t1 - shift)) * per_ms
            step1 = (end1 - tap1) / CONTROL
            step2 = (end2 - tap2) / CONTROL
            for n in range(first, last):
                x = np.float64(row[n])
                ring[n & mask] = row[n]
                i1 = int(tap1)
                f1 = tap1 - i1
                i2 = int(tap2)
                f2 = tap2 - i2
                one = ring[(n - i1) & mask] * (1.0 - f1) + ring[(n - i1 - 1) & mask] * f1
                two = ring[(n - i2) & mask] * (1.0 - f2) + ring[(n - i2 - 1) & mask] * f2
                row[n] = dry * x + wet * (one + two)
                tap1 += step1
                tap2 += step2


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
