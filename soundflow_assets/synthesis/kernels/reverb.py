"""The shared space: a feedback delay network of eight lines after Jot and Chaigne (AES 1991).

The lines mix through an orthogonal (Hadamard) matrix, so energy is lost only by each line's own
gain, which gives the same T60 on all of them; a one-pole low-pass in each lets the high end die
sooner. Four lines are slowly modulated, so that no resonance stands still. Left and right read the
lines with orthogonal sign patterns, which makes them decorrelated at equal level.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import read_row, write_row
from soundflow_assets.synthesis.kernels.filters import QUIETEST, svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    load,
    narrowed,
    splat,
    store,
    turned,
    widened,
)
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
MODULATION_SAMPLES = 7.0
WIDTH = 0.7  # of the side signal: a hall heard from a seat in it, not from inside the walls
WIDTH_NORM = 0.5793  # 1 / sqrt((1 + w)² + (1 - w)²) for this width
WARM_UP = 16384  # samples: 0.37 s, in which a corner of 30 Hz forgets 49 nepers
RAMP = np.arange(LANES, dtype=np.float32)
STEP = 32  # samples worked on at a time; every line and diffuser is longer
ROOT_EIGHTH = 0.35355339059327373
Lengths = npt.NDArray[np.int64]


@njit(cache=True, error_model="numpy")
def band_limit(send: Mono, low_hz: float, high_hz: float) -> None:
    """Keep `low_hz` to `high_hz` of `send`, in place: the band the return may occupy.

    Two Butterworth filters in series, run over eight cuts of `send` side by side.
    """
    samples = send.shape[0]
    span = ((samples + LANES - 1) // LANES + STEP - 1) // STEP * STEP
    places = np.arange(LANES) * span - WARM_UP
    stops = np.minimum(places + WARM_UP + span, samples)
    low_g = svf_g(low_hz)
    high_g = svf_g(high_hz)
    row = np.empty(STEP * LANES, dtype=np.float32)
    a = b = c = d = splat(0.0)
    for first in range(-WARM_UP, span, STEP):
        read_row(send, places, STEP, row)
        for n in range(0, STEP * LANES, LANES):
            x = widened(load(row, n))
            low, band, a, b = svf(x, a, b, low_g, ROOT_TWO)
            low, band, c, d = svf(x - ROOT_TWO * band - low + QUIETEST, c, d, high_g, ROOT_TWO)
            store(row, n, narrowed(low))
        if first >= 0:
            write_row(row, send, places, stops, STEP)
        for cut in range(LANES):
            places[cut] += STEP


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
def line_gains(
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
    band_limit(send, low_hz, high_hz)
    samples = send.shape[0]
    rings = np.zeros((LINES, RING + 2 * STEP), dtype=np.float32)
    diffusers = np.zeros((DIFFUSERS.shape[0], DIFFUSER_RING + 2 * STEP), dtype=np.float32)
    gains = np.empty(LINES)
    lengths = line_lengths(t60_s)
    level = 0.5 * gain * line_gains(t60_s, damping_hz, lengths, gains)
    damp = 1.0 - dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    memory = np.zeros(LINES)
    heard = np.zeros(STEP, dtype=np.float32)
    answer = np.zeros((2, STEP), dtype=np.float32)
    for first in range(0, samples, STEP):
        for k in range(STEP):
            n = first + k - predelay
            heard[k] = send[n] if 0 <= n < samples else np.float32(0.0)
        _diffuse(heard, diffusers, first)
        _pass(heard, answer, rings, lengths, memory, gains, (damp, level), first)
        size = min(STEP, samples - first)
        for channel in range(2):
            into = out[channel, first : first + size]
            for k in range(size):
                into[k] = answer[channel, k]


@njit(cache=True, error_model="numpy")
def _pass(
    heard: Mono,
    answer: Audio,
    rings: Audio,
    lengths: Lengths,
    memory: Energies,
    gains: Energies,
    settings: tuple[float, float],
    first: int,
) -> None:
    """Let one step go through the network, eight samples at a time.

    The lines are read (the first four at a place that slowly moves), low-passed and attenuated as
    eight lanes, heard from, mixed by the matrix, and written back with the input.
    """
    damp, level = settings
    keep = 1.0 - damp
    ramp = load(RAMP, 0)
    kept = load(memory, 0)
    weights = load(gains, 0)
    near = np.float32(level * (1.0 + WIDTH) * WIDTH_NORM)
    far = np.float32(level * (1.0 - WIDTH) * WIDTH_NORM)
    norm = np.float32(ROOT_EIGHTH)
    at = first & (RING - 1)
    whole0, part0, step0 = _place(0, first)
    whole1, part1, step1 = _place(1, first)
    whole2, part2, step2 = _place(2, first)
    whole3, part3, step3 = _place(3, first)
    for k in range(0, STEP, LANES):
        s = ramp + np.float32(k)
        lines = turned(
            _between(rings[0], (first - lengths[0] + whole0) & (RING - 1), k, part0 + step0 * s),
            _between(rings[1], (first - lengths[1] + whole1) & (RING - 1), k, part1 + step1 * s),
            _between(rings[2], (first - lengths[2] + whole2) & (RING - 1), k, part2 + step2 * s),
            _between(rings[3], (first - lengths[3] + whole3) & (RING - 1), k, part3 + step3 * s),
            load(rings[4], ((first - lengths[4]) & (RING - 1)) + k),
            load(rings[5], ((first - lengths[5]) & (RING - 1)) + k),
            load(rings[6], ((first - lengths[6]) & (RING - 1)) + k),
            load(rings[7], ((first - lengths[7]) & (RING - 1)) + k),
        )
        kept0 = keep * kept + (damp * widened(lines[0]) + QUIETEST)
        kept1 = keep * kept0 + (damp * widened(lines[1]) + QUIETEST)
        kept2 = keep * kept1 + (damp * widened(lines[2]) + QUIETEST)
        kept3 = keep * kept2 + (damp * widened(lines[3]) + QUIETEST)
        kept4 = keep * kept3 + (damp * widened(lines[4]) + QUIETEST)
        kept5 = keep * kept4 + (damp * widened(lines[5]) + QUIETEST)
        kept6 = keep * kept5 + (damp * widened(lines[6]) + QUIETEST)
        kept = keep * kept6 + (damp * widened(lines[7]) + QUIETEST)
        a, b, c, d, e, f, g, h = turned(
            narrowed(kept0 * weights), narrowed(kept1 * weights), narrowed(kept2 * weights),
            narrowed(kept3 * weights), narrowed(kept4 * weights), narrowed(kept5 * weights),
            narrowed(kept6 * weights), narrowed(kept * weights),
        )  # fmt: skip
        # Two orthogonal sign patterns, uncorrelated: + - + - … and + + - - …. Each side takes a
        # share of the other's, so that the sides agree a little and the power stays.
        one = ((a - b) + (c - d)) + ((e - f) + (g - h))
        other = ((a + b) - (c + d)) + ((e + f) - (g + h))
        store(answer[0], k, near * one + far * other)
        store(answer[1], k, near * other + far * one)
        # The normalised 8 × 8 Hadamard matrix: three layers of butterflies.
        p, q, r, t = (a + b) + (c + d), (a - b) + (c - d), (a + b) - (c + d), (a - b) - (c - d)
        u, v, w, x = (e + f) + (g + h), (e - f) + (g - h), (e + f) - (g + h), (e - f) - (g - h)
        new = norm * load(heard, k)
        _write(rings[0], norm * (p + u) + new, at, k, RING)
        _write(rings[1], norm * (q + v) + new, at, k, RING)
        _write(rings[2], norm * (r + w) + new, at, k, RING)
        _write(rings[3], norm * (t + x) + new, at, k, RING)
        _write(rings[4], norm * (p - u) + new, at, k, RING)
        _write(rings[5], norm * (q - v) + new, at, k, RING)
        _write(rings[6], norm * (r - w) + new, at, k, RING)
        _write(rings[7], norm * (t - x) + new, at, k, RING)
    store(memory, 0, kept)


@njit(cache=True, inline="always")
def _place(line: int, first: int) -> tuple[int, np.float32, np.float32]:
    """Return by how much a moving line is read early: whole samples, share, share a sample."""
    rate = 0.31 + 0.17 * line
    now = dsin(rate * first / SAMPLE_RATE + 0.23 * line)
    then = dsin(rate * (first + STEP) / SAMPLE_RATE + 0.23 * line)
    place = MODULATION_SAMPLES * (1.0 + now)
    whole = int(place)
    step = MODULATION_SAMPLES * (then - now) / STEP
    return whole, np.float32(place - whole), np.float32(step)


@njit(cache=True, inline="always")
def _between(ring: Mono, at: int, k: int, share: Any) -> Any:
    """Return eight samples read `share` of the way to their followers."""
    here = load(ring, at + k)
    return here + share * (load(ring, at + k + 1) - here)


@njit(cache=True, inline="always")
def _write(ring: Mono, values: Any, at: int, k: int, size: int) -> None:
    """Put eight values of a step into a ring; its first two steps stand again behind its end."""
    store(ring, at + k, values)
    if at < 2 * STEP:
        store(ring, at + k + size, values)


@njit(cache=True, error_model="numpy")
def _diffuse(heard: Mono, rings: Audio, first: int) -> None:
    """Smear one step of the input through all-pass filters, all longer than the step."""
    share = np.float32(0.6)
    write = first & (DIFFUSER_RING - 1)
    for d in range(DIFFUSERS.shape[0]):
        ring = rings[d]
        at = (first - DIFFUSERS[d]) & (DIFFUSER_RING - 1)
        for k in range(0, STEP, LANES):
            old = load(ring, at + k)
            now = load(heard, k) + share * old
            store(heard, k, old - share * now)
            _write(ring, now, write, k, DIFFUSER_RING)
