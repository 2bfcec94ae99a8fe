"""The shared space: a feedback delay network of eight lines after Jot and Chaigne (AES 1991).

The lines mix through an orthogonal (Hadamard) matrix, so energy is lost only by each line's own
gain, which gives the same T60 on all of them; a one-pole low-pass in each lets the high end die
sooner. Four lines are slowly modulated, so that no resonance stands still. Left and right read the
lines with orthogonal sign patterns, which makes them decorrelated at equal level.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp, dsin, dtan_pi
from soundflow_assets.synthesis.kernels.mixing import Mono

SAMPLE_RATE = 44100
LINES = 8
RING = 8192  # longest line in samples, a power of two
DIFFUSER_RING = 1024
# Mutually prime, 26 to 69 ms: no two lines share an echo early on.
LENGTHS = np.array([1151, 1373, 1567, 1801, 2039, 2339, 2659, 3037])
DIFFUSERS = np.array([149, 331, 557, 811])
LOW_HZ = 250.0
HIGH_HZ = 7000.0
MODULATED = 4
MODULATION_SAMPLES = 7.0
STEP = 32


@njit(cache=True)
def _band_limit(send: Mono) -> None:
    """Keep 250 Hz to 7 kHz of `send`, in place: the band a return may occupy."""
    g = dtan_pi(LOW_HZ / SAMPLE_RATE)
    h1 = 1.0 / (1.0 + g * (g + 1.4142135623730951))
    h2 = g * h1
    h3 = g * h2
    g = dtan_pi(HIGH_HZ / SAMPLE_RATE)
    p1 = 1.0 / (1.0 + g * (g + 1.4142135623730951))
    p2 = g * p1
    p3 = g * p2
    a = b = c = d = 0.0
    for n in range(send.shape[0]):
        x = np.float64(send[n])
        v3 = x - b
        v1 = h1 * a + h2 * v3
        v2 = b + h2 * a + h3 * v3
        a = 2.0 * v1 - a
        b = 2.0 * v2 - b
        x = x - 1.4142135623730951 * v1 - v2 + 1e-18
        v3 = x - d
        v1 = p1 * c + p2 * v3
        v2 = d + p2 * c + p3 * v3
        c = 2.0 * v1 - c
        d = 2.0 * v2 - d
        send[n] = v2


@njit(cache=True)
def _line_gains(t60_s: float, damping_hz: float, gains: npt.NDArray[np.float64]) -> float:
    """Fill each line's gain per pass; return the output gain that makes the network power-neutral.

    With an orthogonal matrix a line's power is the input's eighth over one minus the mean squared
    gain, for broadband input.
    """
    mean = 0.0
    for i in range(LINES):
        gains[i] = db_to_gain(-60.0 * LENGTHS[i] / (SAMPLE_RATE * t60_s))
        mean += gains[i] * gains[i] / LINES
    # The damping low-pass takes its share of a broadband signal at every pass.
    share = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    kept = mean * share / (2.0 - share)
    return float(np.sqrt(1.0 - kept))


@njit(cache=True)
def reverberate(
    send: Mono, out: Audio, t60_s: float, predelay: int, damping_hz: float, gain: float
) -> None:
    """Write the space's answer to `send` into `out` (2, samples); `send` is used up.

    Parameters
    ----------
    send : float32 (samples,), band-limited in place.
    out : float32 (2, samples), overwritten.
    t60_s : time to fall by 60 dB at low frequencies.
    predelay : samples before the first reflection.
    damping_hz : corner of the low-pass in each line.
    gain : 1 gives a return about as loud as the send.
    """
    _band_limit(send)
    samples = send.shape[0]
    rings = np.zeros((LINES, RING), dtype=np.float32)
    diffusers = np.zeros((4, DIFFUSER_RING), dtype=np.float32)
    gains = np.empty(LINES)
    level = gain * _line_gains(t60_s, damping_hz, gains)
    damp = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    low = np.zeros(LINES)
    s = np.zeros(LINES)
    depth = np.zeros(LINES)
    slope = np.zeros(LINES)
    mask = RING - 1
    small = DIFFUSER_RING - 1
    for first in range(0, samples, STEP):
        for i in range(MODULATED):
            rate = 0.31 + 0.17 * i
            now = dsin(rate * first / SAMPLE_RATE + 0.23 * i)
            then = dsin(rate * (first + STEP) / SAMPLE_RATE + 0.23 * i)
            depth[i] = MODULATION_SAMPLES * (1.0 + now)
            slope[i] = MODULATION_SAMPLES * (then - now) / STEP
        for n in range(first, min(samples, first + STEP)):
            x = np.float64(send[n - predelay]) if n >= predelay else 0.0
            for d in range(4):
                old = np.float64(diffusers[d, (n - DIFFUSERS[d]) & small])
                y = x + 0.6 * old
                diffusers[d, n & small] = y
                x = old - 0.6 * y
            for i in range(LINES):
                if i < MODULATED:
                    shift = depth[i] + slope[i] * (n - first)
                    whole = int(shift)
                    part = shift - whole
                    at = n - LENGTHS[i] + whole
                    value = rings[i, at & mask] * (1.0 - part) + rings[i, (at + 1) & mask] * part
                else:
                    value = np.float64(rings[i, (n - LENGTHS[i]) & mask])
                low[i] += damp * (value - low[i]) + 1e-18
                s[i] = low[i] * gains[i]
            out[0, n] = level * (s[0] - s[1] + s[2] - s[3] + s[4] - s[5] + s[6] - s[7]) * 0.5
            out[1, n] = level * (s[0] + s[1] - s[2] - s[3] + s[4] + s[5] - s[6] - s[7]) * 0.5
            x *= 0.35355339059327373
            _hadamard(s)
            for i in range(LINES):
                rings[i, n & mask] = x + s[i]


@njit(cache=True, inline="always")
def _hadamard(s: npt.NDArray[np.float64]) -> None:
    """Multiply by the normalised 8 × 8 Hadamard matrix, in three layers of butterflies."""
    for span in (1, 2, 4):
        for i in range(8):
            if i & span == 0:
                a = s[i]
                b = s[i + span]
                s[i] = a + b
                s[i + span] = a - b
    for i in range(8):
        s[i] *= 0.35355339059327373
