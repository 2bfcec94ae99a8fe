"""The shared space: a feedback delay network of eight lines after Jot and Chaigne (AES 1991).

The lines mix through an orthogonal (Hadamard) matrix, so energy is lost only by each line's own
gain, which gives the same T60 on all of them; a one-pole low-pass in each lets the high end die
sooner. Four lines are slowly modulated, so that no resonance stands still. Left and right read the
lines with orthogonal sign patterns, which makes them decorrelated at equal level.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST, svf, svf_g
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, dexp, dsin
from soundflow_assets.synthesis.kernels.mixing import Energies, Mono

LINES = 8
RING = 8192  # longest line in samples, a power of two
DIFFUSER_RING = 1024
# Mutually prime, 26 to 69 ms: no two lines share an echo early on.
LENGTHS = np.array([1151, 1373, 1567, 1801, 2039, 2339, 2659, 3037])
ROOM_T60_S = 2.4  # rooms that ring longer are larger: their lines grow with them
LARGEST = 2.4  # times the lengths; beyond it single echoes would be heard
DIFFUSERS = np.array([149, 331, 557, 811])
LOW_HZ = 250.0
HIGH_HZ = 7000.0
MODULATED = 4
MODULATION_SAMPLES = 7.0
WIDTH = 0.7  # of the side signal: a hall heard from a seat in it, not from inside the walls
WIDTH_NORM = 0.5793  # 1 / sqrt((1 + w)² + (1 - w)²) for this width
STEP = 32  # samples worked on at a time; every line and diffuser is longer
ROOT_EIGHTH = 0.35355339059327373
Lengths = npt.NDArray[np.int64]


@njit(cache=True, error_model="numpy")
def _band_limit(send: Mono, low_hz: float, high_hz: float) -> None:
    """Keep `low_hz` to `high_hz` of `send`, in place: the band the return may occupy."""
    low_g = svf_g(low_hz)
    high_g = svf_g(high_hz)
    a = b = c = d = 0.0
    for n in range(send.shape[0]):
        x = float(send[n])
        low, band, a, b = svf(x, a, b, low_g, ROOT_TWO)
        low, band, c, d = svf(x - ROOT_TWO * band - low + QUIETEST, c, d, high_g, ROOT_TWO)
        send[n] = low


@njit(cache=True, error_model="numpy")
def line_lengths(t60_s: float) -> Lengths:
    """Return the lines' lengths in samples, all odd and different.

    What rings for long needs many resonances, lest single ones be heard: Schroeder ("Natural
    sounding artificial reverberation", 1962) asks for 0.15 per Hz and second of T60, and a network
    has as many per Hz as its lines are seconds long. That is met up to 5.7 s; longer rooms rely on
    the modulation.
    """
    scale = min(LARGEST, max(1.0, t60_s / ROOM_T60_S))
    lengths = LENGTHS.copy()
    for i in range(LINES):
        lengths[i] = 2 * int(0.5 * scale * LENGTHS[i]) + 1
    return lengths


@njit(cache=True, error_model="numpy")
def _line_gains(
    t60_s: float, damping_hz: float, lengths: Lengths, gains: npt.NDArray[np.float64]
) -> float:
    """Fill each line's gain per pass; return the output gain that makes the network power-neutral.

    With an orthogonal matrix a line's power is the input's eighth over one minus the mean squared
    gain, for broadband input.
    """
    mean = 0.0
    for i in range(LINES):
        gains[i] = db_to_gain(-60.0 * lengths[i] / (SAMPLE_RATE * t60_s))
        mean += gains[i] * gains[i] / LINES
    # The damping low-pass takes its share of a broadband signal at every pass.
    share = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    kept = mean * share / (2.0 - share)
    return float(np.sqrt(1.0 - kept))


@njit(cache=True, error_model="numpy")
def reverberate(
    send: Mono,
    out: Audio,
    t60_s: float,
    predelay: int,
    damping_hz: float,
    gain: float,
    low_hz: float = LOW_HZ,
    high_hz: float = HIGH_HZ,
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
    low_hz, high_hz : the band the return may occupy.
    """
    _band_limit(send, low_hz, high_hz)
    samples = send.shape[0]
    rings = np.zeros((LINES, RING + 2 * STEP), dtype=np.float32)
    diffusers = np.zeros((DIFFUSERS.shape[0], DIFFUSER_RING + 2 * STEP), dtype=np.float32)
    gains = np.empty(LINES)
    lengths = line_lengths(t60_s)
    level = 0.5 * gain * _line_gains(t60_s, damping_hz, lengths, gains)
    damp = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    memory = np.zeros(LINES)
    heard = np.zeros(STEP, dtype=np.float32)
    lines = np.zeros((LINES, STEP), dtype=np.float32)
    for first in range(0, samples, STEP):
        size = min(STEP, samples - first)
        for k in range(STEP):
            n = first + k - predelay
            heard[k] = send[n] if 0 <= n < samples else np.float32(0.0)
        _diffuse(heard, diffusers, first)
        _read(lines, rings, lengths, first)
        _damp(lines, memory, gains, damp)
        _listen(lines, out[:, first : first + size], level)
        _mix(lines)
        for i in range(LINES):
            line = lines[i]
            for k in range(STEP):
                line[k] += np.float32(ROOT_EIGHTH) * heard[k]
            _write(rings[i], line, first, RING)


@njit(cache=True, error_model="numpy")
def _write(ring: Mono, values: Mono, first: int, size: int) -> None:
    """Put one step into a ring; its first two steps stand again behind its end, for reading."""
    at = first & (size - 1)
    into = ring[at : at + STEP]
    for k in range(STEP):
        into[k] = values[k]
    if at < 2 * STEP:
        again = ring[at + size : at + size + STEP]
        for k in range(STEP):
            again[k] = values[k]


@njit(cache=True, error_model="numpy")
def _diffuse(heard: Mono, rings: Audio, first: int) -> None:
    """Smear one step of the input through all-pass filters, all longer than the step."""
    share = np.float32(0.6)
    now = np.empty(STEP, dtype=np.float32)
    for d in range(DIFFUSERS.shape[0]):
        at = (first - DIFFUSERS[d]) & (DIFFUSER_RING - 1)
        old = rings[d, at : at + STEP]
        for k in range(STEP):
            now[k] = heard[k] + share * old[k]
            heard[k] = old[k] - share * now[k]
        _write(rings[d], now, first, DIFFUSER_RING)


@njit(cache=True, error_model="numpy")
def _read(lines: Audio, rings: Audio, lengths: Lengths, first: int) -> None:
    """Read one step from every line; the first four at a place that slowly moves."""
    for i in range(LINES):
        line = lines[i]
        if i >= MODULATED:
            at = (first - lengths[i]) & (RING - 1)
            line[:] = rings[i, at : at + STEP]
            continue
        rate = 0.31 + 0.17 * i
        now = dsin(rate * first / SAMPLE_RATE + 0.23 * i)
        then = dsin(rate * (first + STEP) / SAMPLE_RATE + 0.23 * i)
        place = MODULATION_SAMPLES * (1.0 + now)
        whole = int(place)
        at = (first - lengths[i] + whole) & (RING - 1)
        here = rings[i, at : at + STEP]
        after = rings[i, at + 1 : at + 1 + STEP]
        part = np.float32(place - whole)
        step = np.float32(MODULATION_SAMPLES * (then - now) / STEP)
        for k in range(STEP):
            share = part + step * np.float32(k)
            line[k] = here[k] + share * (after[k] - here[k])


@njit(cache=True, error_model="numpy")
def _damp(lines: Audio, memory: Energies, gains: Energies, damp: float) -> None:
    """Low-pass and attenuate one step of every line."""
    keep = 1.0 - damp
    for k in range(STEP):
        for i in range(LINES):
            memory[i] = keep * memory[i] + (damp * lines[i, k] + QUIETEST)
            lines[i, k] = memory[i] * gains[i]


@njit(cache=True, error_model="numpy")
def _listen(lines: Audio, out: Audio, level: float) -> None:
    """Write one step of the outputs: the lines with signs + - + - … and + + - - …, then `WIDTH`.

    The two sums are uncorrelated; each output takes a share of the other, so that the sides agree
    a little and the power stays.
    """
    near = level * (1.0 + WIDTH) * WIDTH_NORM
    far = level * (1.0 - WIDTH) * WIDTH_NORM
    left = out[0]
    right = out[1]
    left[:] = np.float32(0.0)
    right[:] = np.float32(0.0)
    for i in range(LINES):
        line = lines[i]
        one = 1.0 - 2.0 * (i & 1)
        other = 1.0 - 2.0 * (i >> 1 & 1)
        to_left = np.float32(near * one + far * other)
        to_right = np.float32(near * other + far * one)
        for k in range(left.shape[0]):
            left[k] += to_left * line[k]
            right[k] += to_right * line[k]


@njit(cache=True, error_model="numpy")
def _mix(lines: Audio) -> None:
    """Multiply the lines by the normalised 8 × 8 Hadamard matrix: three layers of butterflies."""
    a, b, c, d = lines[0], lines[1], lines[2], lines[3]
    e, f, g, h = lines[4], lines[5], lines[6], lines[7]
    norm = np.float32(ROOT_EIGHTH)
    for k in range(STEP):
        a1, b1, c1, d1 = a[k] + b[k], a[k] - b[k], c[k] + d[k], c[k] - d[k]
        e1, f1, g1, h1 = e[k] + f[k], e[k] - f[k], g[k] + h[k], g[k] - h[k]
        a2, b2, c2, d2 = a1 + c1, b1 + d1, a1 - c1, b1 - d1
        e2, f2, g2, h2 = e1 + g1, f1 + h1, e1 - g1, f1 - h1
        a[k], b[k], c[k], d[k] = (
            norm * (a2 + e2),
            norm * (b2 + f2),
            norm * (c2 + g2),
            norm * (d2 + h2),
        )
        e[k], f[k], g[k], h[k] = (
            norm * (a2 - e2),
            norm * (b2 - f2),
            norm * (c2 - g2),
            norm * (d2 - h2),
        )
