"""The shared space: how long it rings, which band it may occupy, and what it answers.

The room is the feedback delay network of `network`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import (
    CHUNK,
    read_wide_row,
    span_of,
    write_wide_row,
)
from soundflow_assets.synthesis.kernels.filters import (
    QUIETEST_SINGLE,
    single_gains,
    svf_g,
    svf_step,
)
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    WIDE_LANES,
    load,
    load_wide,
    splat_wide,
    store,
)
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, dexp
from soundflow_assets.synthesis.kernels.mixing import Mono
from soundflow_assets.synthesis.kernels.network import (
    DIFFUSER_RING,
    DIFFUSERS,
    LINES,
    RING,
    ROOT_EIGHTH,
    STEP,
    Lengths,
    diffuse,
    let_through,
)
from soundflow_assets.synthesis.kernels.recursion import powers_of

# Mutually prime, 26 to 69 ms: no two lines share an echo early on.
LENGTHS = np.array([1151, 1373, 1567, 1801, 2039, 2339, 2659, 3037])
ROOM_T60_S = 2.4  # rooms that ring longer are larger: their lines grow with them
LARGEST = 2.4  # times the lengths; beyond it single echoes would be heard
LOW_HZ = 250.0
HIGH_HZ = 7000.0
WIDTH = 0.7  # of the side signal: a hall heard from a seat in it, not from inside the walls
WIDTH_NORM = 0.5793  # 1 / sqrt((1 + w)² + (1 - w)²) for this width
WARM_UP = 16384  # samples: 0.37 s, in which a corner of 30 Hz forgets 49 nepers


@njit(cache=True, error_model="numpy")
def band_limit(send: Mono, low_hz: float, high_hz: float) -> None:
    """Keep `low_hz` to `high_hz` of `send`, in place: the band the return may occupy.

    Two Butterworth filters in series, run over sixteen cuts of `send` side by side.
    """
    samples = send.shape[0]
    span = span_of(samples, WIDE_LANES)
    places = np.arange(WIDE_LANES) * span - WARM_UP
    stops = np.minimum(places + WARM_UP + span, samples)
    high_moves = single_gains(svf_g(low_hz), ROOT_TWO)
    low_moves = single_gains(svf_g(high_hz), ROOT_TWO)
    row = np.empty(CHUNK * WIDE_LANES, dtype=np.float32)
    a = b = c = d = splat_wide(np.float32(0.0))
    for first in range(-WARM_UP, span, CHUNK):
        read_wide_row(send, places, CHUNK, row)
        for n in range(0, CHUNK * WIDE_LANES, WIDE_LANES):
            # In silence every memory would fade into the denormal numbers.
            x = load_wide(row, n) + QUIETEST_SINGLE
            y, z, a, b = svf_step(x, a + QUIETEST_SINGLE, b, high_moves)
            x = x - np.float32(ROOT_TWO) * z - y
            y, z, c, d = svf_step(x, c + QUIETEST_SINGLE, d, low_moves)
            store(row, n, y)
        if first >= 0:
            write_wide_row(row, send, places, stops, CHUNK)
        for cut in range(WIDE_LANES):
            places[cut] += CHUNK


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
    keep = dexp(-6.283185307179586 * damping_hz / SAMPLE_RATE)
    weights = (ROOT_EIGHTH * (1.0 - keep) * gains).astype(np.float32)
    own, other = 1.0 + WIDTH, 1.0 - WIDTH
    sides = (np.array([own, other]) * (level * WIDTH_NORM / ROOT_EIGHTH)).astype(np.float32)
    fading = powers_of(keep)
    memory = np.zeros(LINES * 4 * LANES, dtype=np.float32)
    heard = np.zeros(STEP, dtype=np.float32)
    answer = np.zeros((2, STEP), dtype=np.float32)
    left, right, answer_l, answer_r = out[0], out[1], answer[0], answer[1]
    for first in range(0, samples, STEP):
        _hear(send, first - predelay, heard)
        diffuse(heard, diffusers, first)
        let_through(heard, answer, rings, lengths, memory, weights, fading, sides, first)
        if first + STEP <= samples:
            for k in range(0, STEP, LANES):
                store(left, first + k, load(answer_l, k))
                store(right, first + k, load(answer_r, k))
        else:
            left[first:] = answer_l[: samples - first]
            right[first:] = answer_r[: samples - first]


@njit(cache=True, error_model="numpy")
def _hear(send: Mono, at: int, heard: Mono) -> None:
    """Fill `heard` (STEP,) from `send[at]` on; outside of `send` is silence."""
    if at >= 0 and at + STEP <= send.shape[0]:
        for k in range(0, STEP, LANES):
            store(heard, k, load(send, at + k))
        return
    for k in range(STEP):
        heard[k] = send[at + k] if 0 <= at + k < send.shape[0] else np.float32(0.0)
