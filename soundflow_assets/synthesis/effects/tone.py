"""Tone of a bus: saturation, high-pass, and a low-pass that moves with the form.

Filters are two-pole state-variable filters in the trapezoidal form (Zavalishin, *The Art of VA
Filter Design*, ch. 4), which may be swept at any speed. Saturation stands first, so that the
low-pass also tames what it adds and the high-pass takes away the DC of its even harmonics.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import CUTS, Row, read_cuts, write_cuts
from soundflow_assets.synthesis.kernels.filters import HIGHEST, QUIETEST, svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    floored,
    larger,
    load,
    narrowed,
    power_of_two,
    smaller,
    splat,
    store,
    widened,
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
WARM_UP = 16384  # samples: 0.37 s, in which a corner of 20 Hz forgets 33 nepers


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
        hertz = smaller(larger(hertz, splat(5.0)), splat(HIGHEST * SAMPLE_RATE))
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
    """Shape `audio[:, start:stop]` in place, from empty filters on; cut in four, side by side.

    Parameters
    ----------
    start, stop : `start` is a multiple of CONTROL; before it, for `WARM_UP` samples, is silence.
    drive_gain : gain into the saturator; 0 leaves it out.
    highpass_hz : corner of the high-pass (Butterworth).
    corners : of the low-pass, as `corner_gains` returns them, a curve over the whole track.
    damping : 1/Q of the low-pass.
    lift : what a first-order shelf at 1.2 kHz adds to the treble, as amplitude; 0 leaves it out.
    """
    steps = (stop - start + CONTROL - 1) // CONTROL
    span = (steps + CUTS - 1) // CUTS * CONTROL
    places = start + np.arange(CUTS) * span
    stops = np.minimum(places + span, stop)
    memory = np.zeros((5, LANES))
    settings = (drive_gain, svf_g(highpass_hz), damping, lift)
    row = np.empty(CONTROL * LANES, dtype=np.float32)
    each = np.empty(LANES)
    here = places.copy()
    for first in range(-WARM_UP, span, CONTROL):
        for cut in range(CUTS):
            here[cut] = places[cut] + first
        read_cuts(audio, here, CONTROL, row)
        if drive_gain > 0.0:
            _saturate(row, drive_gain)
        for lane in range(LANES):
            at = here[lane % CUTS] // CONTROL
            each[lane] = corners[min(max(0, at), corners.shape[0] - 1)]
        _filter(row, settings, each, memory)
        if first >= 0:
            write_cuts(row, audio, here, stops, CONTROL)


@njit(cache=True, error_model="numpy")
def _filter(
    row: Row,
    settings: tuple[float, float, float, float],
    corners: Energies,
    memory: Energies,
) -> None:
    """Run one control step of all cuts through shelf, high-pass and low-pass, in place.

    `corners` (LANES,) are those of each cut. In silence every memory would fade into the denormal
    numbers, the band-pass ones even under an offset of the input: each is touched at every step.
    """
    _, high_g, damping, lift = settings
    g = load(corners, 0)
    share = svf_g(LIFT_HZ) / (1.0 + svf_g(LIFT_HZ))
    a, b = load(memory[0], 0) + QUIETEST, load(memory[1], 0) + QUIETEST
    c, d = load(memory[2], 0) + QUIETEST, load(memory[3], 0) + QUIETEST
    shelf = load(memory[4], 0) + QUIETEST
    for n in range(0, CONTROL * LANES, LANES):
        x = widened(load(row, n))
        if lift != 0.0:
            v = (x - shelf) * share
            low = v + shelf
            shelf = low + v
            x = x + lift * (x - low)
        low, band, a, b = svf(x, a, b, high_g, ROOT_TWO)
        low, band, c, d = svf(x - ROOT_TWO * band - low, c, d, g, damping)
        store(row, n, narrowed(low))
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(memory[2], 0, c)
    store(memory[3], 0, d)
    store(memory[4], 0, shelf)


@njit(cache=True, error_model="numpy")
def _saturate(row: Row, gain: float) -> None:
    """Round off `row` in place, a little more on one side; unity for small signals.

    The curve is `math.soft_clip`.
    """
    offset = np.float32(soft_clip(BIAS))
    into = np.float32(gain)
    back = np.float32(1.0 / gain)
    bias = np.float32(BIAS)
    for n in range(0, CONTROL * LANES, LANES):
        store(row, n, (soft_clips(load(row, n) * into + bias) - offset) * back)


def drive_gain(amount: float, level: float) -> float:
    """Return the saturator's input gain for `amount` 0 to 1 of a bus whose rms is `level`."""
    if amount <= 0.0 or level <= 0.0:
        return 0.0
    return float(db_to_gain(DRIVE_DB * amount)) * DRIVE_LEVEL / level
