"""Delay lines: echoes in tempo, chorus, and the speed errors of tape."""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST
from soundflow_assets.synthesis.kernels.math import dsin, dtan_pi
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Mono

ECHO_LOW_HZ = 300.0
ECHO_HIGH_HZ = 3500.0
ACROSS = 0.85  # from the left echo to the right one; the way back is the feedback
CHORUS_RING = 2048
CHORUS_MS = (12.0, 17.0)
CHORUS_HZ = (0.27, 0.41)
CHORUS_DEPTH_MS = 1.6
TAPE_RING = 512


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
def wow_and_flutter(audio: Audio, amount: float, start: int, rings: Audio) -> None:
    """Bend the speed of `audio` in place as a worn tape does.

    Wow of 0.55 Hz ±7 cents and flutter of 7 Hz ±2 cents at `amount` 1, as one moving delay of both
    channels (cents c at rate f make a delay of c·ln2/1200/(2πf) s), read by cubic interpolation
    (Catmull-Rom). Column 0 of `audio` is sample `start` of the programme, a multiple of CONTROL;
    `rings` (2, TAPE_RING) carries the past from one stretch to the next.
    """
    mask = TAPE_RING - 1
    wow = amount * 7.0 * 0.0005776226504666211 / (6.283185307179586 * 0.55) * SAMPLE_RATE
    flutter = amount * 2.0 * 0.0005776226504666211 / (6.283185307179586 * 7.0) * SAMPLE_RATE
    centre = 3.0 + wow + flutter
    samples = audio.shape[1]
    for first in range(0, samples, CONTROL):
        t0 = (start + first) / SAMPLE_RATE
        t1 = (start + first + CONTROL) / SAMPLE_RATE
        # The wow starts at the turning point where the delay is least: no jump in at the top.
        now = centre + wow * dsin(0.55 * t0 - 0.25) + flutter * dsin(7.0 * t0)
        then = centre + wow * dsin(0.55 * t1 - 0.25) + flutter * dsin(7.0 * t1)
        step = (then - now) / CONTROL
        for n in range(first, min(samples, first + CONTROL)):
            whole = int(now)
            t = now - whole
            for channel in range(2):
                ring = rings[channel]
                at = start + n
                ring[at & mask] = audio[channel, n]
                a = np.float64(ring[(at - whole + 1) & mask])
                b = np.float64(ring[(at - whole) & mask])
                c = np.float64(ring[(at - whole - 1) & mask])
                d = np.float64(ring[(at - whole - 2) & mask])
                audio[channel, n] = b + 0.5 * t * (
                    c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a))
                )
            now += step
