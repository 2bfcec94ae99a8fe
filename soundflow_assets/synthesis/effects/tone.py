"""Tone of a bus: saturation, high-pass, and a low-pass that moves with the form.

Filters are two-pole state-variable filters in the trapezoidal form (Zavalishin, *The Art of VA
Filter Design*, ch. 4), which may be swept at any speed. Saturation stands first, so that the
low-pass also tames what it adds and the high-pass takes away the DC of its even harmonics.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import (
    CHUNK,
    Row,
    read_wide,
    span_of,
    write_wide,
)
from soundflow_assets.synthesis.kernels.exponents import power_of_two
from soundflow_assets.synthesis.kernels.filters import (
    HIGHEST,
    QUIETEST_SINGLE,
    single_gains,
    svf_g,
    svf_gains,
    svf_step,
)
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    WIDE_LANES,
    floored,
    larger,
    load,
    load_wide,
    narrowed,
    smaller,
    splat,
    store,
)
from soundflow_assets.synthesis.kernels.math import (
    ROOT_TWO,
    db_to_gain,
    half_octave_exp2,
    quarter_sine,
    soft_clip,
    soft_clips,
)
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve, Energies

DRIVE_DB = 26.0  # pre-gain at full drive
DRIVE_LEVEL = 0.2  # the level (rms) that counts as unity into the saturator
LIFT_HZ = 1200.0
BIAS = 0.12  # asymmetry, for the even harmonics
WARM_UP = 8192  # samples: 0.19 s, in which a corner of 20 Hz forgets 16 nepers, 139 dB


@njit(cache=True, error_model="numpy")
def corner_gains(cutoff: Curve) -> Energies:
    """Return `filters.svf_g` of a curve of corners in octaves (log2 of Hz), eight at a time."""
    points = cutoff.shape[0]
    octaves = np.zeros(points + LANES)
    out = np.empty(points + LANES)
    octaves[:points] = cutoff
    for p in range(0, points, LANES):
        whole = floored(load(octaves, p) + 0.5)
        hertz = half_octave_exp2(load(octaves, p) - whole) * power_of_two(whole)
        hertz = smaller(larger(hertz, 5.0), HIGHEST * SAMPLE_RATE)
        turn = hertz * (0.5 / SAMPLE_RATE)  # below a quarter
        store(out, p, quarter_sine(turn) / quarter_sine(0.25 - turn))
    return out[:points]


@njit(cache=True, error_model="numpy")
def tone(
    audio: Audio,
    start: int,
    stop: int,
    drive_gain: float,
    highpass_hz: float,
    corners: Energies,
    damping: float,
    lift: float,
) -> None:
    """Shape `audio[:, start:stop]` in place, from empty filters on; cut in eight, side by side.

    Parameters
    ----------
    start, stop : `start` is a multiple of CONTROL; before it, for `WARM_UP` samples, is silence.
    drive_gain : gain into the saturator; 0 leaves it out.
    highpass_hz : corner of the high-pass (Butterworth).
    corners : of the low-pass, as `corner_gains` returns them, a curve over the whole track.
    damping : 1/Q of the low-pass.
    lift : what a first-order shelf at 1.2 kHz adds to the treble, as amplitude; 0 leaves it out.
    """
    span = span_of(stop - start, LANES)
    places = start + np.arange(LANES) * span - WARM_UP
    stops = np.minimum(places + WARM_UP + span, stop)
    high_moves = single_gains(svf_g(highpass_hz), ROOT_TWO)
    shelf = np.float32(svf_g(LIFT_HZ) / (1.0 + svf_g(LIFT_HZ))), np.float32(lift)
    memory = np.zeros((5, WIDE_LANES), dtype=np.float32)
    each, moves = np.empty(LANES), np.empty((3, WIDE_LANES), dtype=np.float32)
    row = np.empty(CHUNK * WIDE_LANES, dtype=np.float32)
    for first in range(-WARM_UP, span, CHUNK):
        read_wide(audio, places, CHUNK, row)
        if drive_gain > 0.0:
            _saturate(row, drive_gain)
        for step in range(0, CHUNK, CONTROL):
            for cut in range(LANES):
                at = (places[cut] + step) // CONTROL
                each[cut] = corners[min(max(0, at), corners.shape[0] - 1)]
            _lowpass_moves(each, damping, moves)
            _filter(row, step * WIDE_LANES, shelf, high_moves, moves, memory)
        if first >= 0:
            write_wide(row, audio, places, stops, CHUNK)
        for cut in range(LANES):
            places[cut] += CHUNK


@njit(cache=True, error_model="numpy")
def _lowpass_moves(corners: Energies, damping: float, moves: Audio) -> None:
    """Fill `moves` (3, WIDE_LANES) with the low-pass's `svf_gains`: both channels have the same."""
    turn, push, pull = svf_gains(load(corners, 0), splat(damping))
    for lane in (0, LANES):
        store(moves[0], lane, narrowed(turn))
        store(moves[1], lane, narrowed(push))
        store(moves[2], lane, narrowed(pull))


@njit(cache=True, error_model="numpy")
def _filter(
    row: Row,
    at: int,
    shelf: tuple[np.float32, np.float32],
    high_moves: tuple[np.float32, np.float32, np.float32],
    moves: Audio,
    memory: Audio,
) -> None:
    """Run the control step at `at` of all cuts through shelf, high-pass and low-pass, in place.

    In silence every memory would fade into the denormal numbers, the band-pass ones even under an
    offset of the input: each is touched at every step.
    """
    share, lift = shelf
    low_moves = load_wide(moves[0], 0), load_wide(moves[1], 0), load_wide(moves[2], 0)
    q = QUIETEST_SINGLE
    a, b = load_wide(memory[0], 0) + q, load_wide(memory[1], 0) + q
    c, d = load_wide(memory[2], 0) + q, load_wide(memory[3], 0) + q
    bass = load_wide(memory[4], 0) + q
    for n in range(at, at + CONTROL * WIDE_LANES, WIDE_LANES):
        x = load_wide(row, n)
        if lift != 0.0:
            v = (x - bass) * share
            low = v + bass
            bass = low + v
            x = x + lift * (x - low)
        low, band, a, b = svf_step(x, a, b, high_moves)
        low, band, c, d = svf_step(x - np.float32(ROOT_TWO) * band - low, c, d, low_moves)
        store(row, n, low)
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(memory[2], 0, c)
    store(memory[3], 0, d)
    store(memory[4], 0, bass)


@njit(cache=True, error_model="numpy")
def _saturate(row: Row, gain: float) -> None:
    """Round off `row` in place, a little more on one side; unity for small signals.

    The curve is `math.soft_clip`.
    """
    offset = np.float32(soft_clip(BIAS))
    into = np.float32(gain)
    back = np.float32(1.0 / gain)
    bias = np.float32(BIAS)
    for n in range(0, CHUNK * WIDE_LANES, WIDE_LANES):
        store(row, n, (soft_clips(load_wide(row, n) * into + bias) - offset) * back)


def drive_gain(amount: float, level: float) -> float:
    """Return the saturator's input gain for `amount` 0 to 1 of a bus whose rms is `level`."""
    if amount <= 0.0 or level <= 0.0:
        return 0.0
    return float(db_to_gain(DRIVE_DB * amount)) * DRIVE_LEVEL / level
