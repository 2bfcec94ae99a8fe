"""Fixed filters over a whole sound at once: low-, high-, band-pass, and resonances laid over it.

A long sound is cut into pieces that are filtered side by side; see `cuts`. How early a piece begins
depends on how long its filter remembers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import (
    CUTS,
    read_cuts,
    read_row,
    write_cuts,
    write_row,
)
from soundflow_assets.synthesis.kernels.filters import (
    QUIETEST,
    QUIETEST_SINGLE,
    svf_g,
    svf_gains,
    svf_step,
)
from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, store
from soundflow_assets.synthesis.kernels.math import db_to_gain

LOWPASS, HIGHPASS, BANDPASS = 0, 1, 2
FORGOTTEN = 16.0  # nepers after which the beginning of a filter is inaudible: -139 dB
STEP = 32  # samples of each cut worked on at a time


@njit(cache=True)
def filter_stereo(
    audio: npt.NDArray[np.float32], kind: int, cutoff_hz: float, q: float, stages: int
) -> None:
    """Filter `audio` (channels, samples) in place with a fixed SVF, `stages` times in series."""
    k = 1.0 / q
    # What comes out is direct·x + band·(band-pass) + low·(low-pass).
    direct, band, low = 0.0, 0.0, 1.0
    if kind == HIGHPASS:
        direct, band, low = 1.0, -k, -1.0
    elif kind == BANDPASS:
        direct, band, low = 0.0, k, 0.0
    for _ in range(stages):
        _run(audio, cutoff_hz, k, direct, band, low)


@njit(cache=True)
def peaks(
    audio: npt.NDArray[np.float32],
    freqs_hz: npt.NDArray[np.float64],
    gains_db: npt.NDArray[np.float64],
    q: float,
) -> None:
    """Add resonances to `audio` (channels, samples) in place: each a band-pass laid over it."""
    k = 1.0 / q
    for p in range(freqs_hz.shape[0]):
        _run(audio, freqs_hz[p], k, 1.0, (db_to_gain(gains_db[p]) - 1.0) * k, 0.0)


@njit(cache=True)
def _run(
    audio: npt.NDArray[np.float32], hz: float, k: float, direct: float, band: float, low: float
) -> None:
    """Replace `audio` by shares of itself and of an SVF's band-pass and low-pass."""
    samples = audio.shape[1]
    g = svf_g(hz)
    nepers = 6.283185307179586 * max(hz, 5.0) * min(1.0, 0.5 * k) / SAMPLE_RATE  # a sample
    warm_up = int(FORGOTTEN / nepers / STEP + 1.0) * STEP
    stereo = audio.shape[0] == 2
    cuts = CUTS if stereo else LANES
    span = (samples + cuts * STEP - 1) // (cuts * STEP) * STEP
    if span < warm_up:
        _run_in_turn(audio, g, k, direct, band, low)
        return
    places = np.arange(cuts) * span - warm_up
    stops = np.minimum(places + warm_up + span, samples)
    row = np.empty(STEP * LANES, dtype=np.float32)
    turn, push, pull = svf_gains(g, k)
    gains = np.float32(turn), np.float32(push), np.float32(pull)
    mix = np.float32(direct), np.float32(band), np.float32(low)
    a = b = splat(np.float32(0.0))
    for first in range(-warm_up, span, STEP):
        if stereo:
            read_cuts(audio, places, STEP, row)
        else:
            read_row(audio[0], places, STEP, row)
        for n in range(0, STEP * LANES, LANES):
            x = load(row, n)
            y, z, a, b = svf_step(x + QUIETEST_SINGLE, a, b, gains)
            store(row, n, mix[0] * x + mix[1] * z + mix[2] * y)
        if first >= 0 and stereo:
            write_cuts(row, audio, places, stops, STEP)
        elif first >= 0:
            write_row(row, audio[0], places, stops, STEP)
        for cut in range(cuts):
            places[cut] += STEP


@njit(cache=True)
def _run_in_turn(
    audio: npt.NDArray[np.float32], g: float, k: float, direct: float, band: float, low: float
) -> None:
    """Do as `_run`, from the first sample to the last; both channels share the loop."""
    left, right = audio[0], audio[audio.shape[0] - 1]
    a = b = c = d = 0.0
    gains = svf_gains(g, k)
    for n in range(left.shape[0]):
        x = float(left[n])
        w = float(right[n])  # the same with one channel
        y, z, a, b = svf_step(x + QUIETEST, a, b, gains)
        left[n] = direct * x + band * z + low * y
        if audio.shape[0] == 2:
            y, z, c, d = svf_step(w + QUIETEST, c, d, gains)
            right[n] = direct * w + band * z + low * y
