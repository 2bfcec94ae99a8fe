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
    CHUNK,
    Row,
    read_wide,
    read_wide_row,
    span_of,
    write_wide,
    write_wide_row,
)
from soundflow_assets.synthesis.kernels.filters import (
    QUIETEST,
    QUIETEST_SINGLE,
    svf_g,
    svf_gains,
    svf_step,
)
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    WIDE_LANES,
    load_wide,
    store,
)
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.kernels.mixing import CONTROL

LOWPASS, HIGHPASS, BANDPASS = 0, 1, 2
FORGOTTEN = 20.0  # nepers after which the beginning of even two like filters is at -147 dB
# Share of a sound that a cut and its warm-up may be; beyond it, one piece is quicker.
ENOUGH = 0.5
FILTER = 5  # numbers that make one


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
    filters = np.empty((stages, FILTER))
    for stage in range(stages):
        filters[stage] = (cutoff_hz, k, direct, band, low)
    _run(audio, filters)


@njit(cache=True)
def peaks(
    audio: npt.NDArray[np.float32],
    freqs_hz: npt.NDArray[np.float64],
    gains_db: npt.NDArray[np.float64],
    q: float,
) -> None:
    """Add resonances to `audio` (channels, samples) in place: each a band-pass laid over it."""
    k = 1.0 / q
    filters = np.empty((freqs_hz.shape[0], FILTER))
    for p in range(freqs_hz.shape[0]):
        filters[p] = (freqs_hz[p], k, 1.0, (db_to_gain(gains_db[p]) - 1.0) * k, 0.0)
    _run(audio, filters)


@njit(cache=True)
def _run(audio: npt.NDArray[np.float32], filters: npt.NDArray[np.float64]) -> None:
    """Run `audio` through `filters` (count, FILTER), one after the other.

    A filter is (hz, k, direct, band, low): it puts these shares of its input and of an SVF's
    band-pass and low-pass in place of its input.
    """
    count, samples = filters.shape[0], audio.shape[1]
    warm_up = _warm_up(filters)
    stereo = audio.shape[0] == 2
    cuts = LANES if stereo else WIDE_LANES
    span = span_of(samples, cuts)
    if span + warm_up > samples * ENOUGH:
        for f in range(count):
            _run_in_turn(audio, filters[f])
        return
    places = np.arange(cuts) * span - warm_up
    stops = np.minimum(places + warm_up + span, samples)
    moves = np.empty((count, 6), dtype=np.float32)
    for f in range(count):
        moves[f, :3] = svf_gains(svf_g(filters[f, 0]), filters[f, 1])
        moves[f, 3:] = filters[f, 2:]
    memory = np.zeros(count * 2 * WIDE_LANES, dtype=np.float32)
    row = np.empty(CHUNK * WIDE_LANES, dtype=np.float32)
    for first in range(-warm_up, span, CHUNK):
        if stereo:
            read_wide(audio, places, CHUNK, row)
        else:
            read_wide_row(audio[0], places, CHUNK, row)
        for f in range(count):
            _run_row(row, moves[f], memory, f * 2 * WIDE_LANES)
        if first >= 0 and stereo:
            write_wide(row, audio, places, stops, CHUNK)
        elif first >= 0:
            write_wide_row(row, audio[0], places, stops, CHUNK)
        for cut in range(cuts):
            places[cut] += CHUNK


@njit(cache=True)
def _warm_up(filters: npt.NDArray[np.float64]) -> int:
    """Return the samples in which the filter that remembers longest has `FORGOTTEN`."""
    nepers = 1.0  # a sample
    for f in range(filters.shape[0]):
        hz, k = max(filters[f, 0], 5.0), min(1.0, 0.5 * filters[f, 1])
        nepers = min(nepers, 6.283185307179586 * hz * k / SAMPLE_RATE)
    return int(FORGOTTEN / nepers / CHUNK + 1.0) * CHUNK


@njit(cache=True)
def _run_row(row: Row, moves: Row, memory: Row, at: int) -> None:
    """Run a chunk of all cuts through a filter, in place; its memories stand at `memory[at]`.

    `moves` (6,) are its `svf_gains`, and the shares of input, band-pass and low-pass.
    """
    gains = moves[0], moves[1], moves[2]
    direct, band, low = moves[3], moves[4], moves[5]
    a, b = load_wide(memory, at), load_wide(memory, at + WIDE_LANES)
    for step in range(0, CHUNK * WIDE_LANES, CONTROL * WIDE_LANES):
        # In silence both memories would fade into the denormal numbers.
        a, b = a + QUIETEST_SINGLE, b + QUIETEST_SINGLE
        for n in range(step, step + CONTROL * WIDE_LANES, WIDE_LANES):
            x = load_wide(row, n)
            y, z, a, b = svf_step(x, a, b, gains)
            store(row, n, direct * x + band * z + low * y)
    store(memory, at, a)
    store(memory, at + WIDE_LANES, b)


@njit(cache=True)
def _run_in_turn(audio: npt.NDArray[np.float32], one: npt.NDArray[np.float64]) -> None:
    """Run `audio` through one filter (FILTER,), from the first sample to the last.

    Both channels share the loop.
    """
    left, right = audio[0], audio[audio.shape[0] - 1]
    a = b = c = d = 0.0
    gains = svf_gains(svf_g(one[0]), one[1])
    direct, band, low = one[2], one[3], one[4]
    for n in range(left.shape[0]):
        x = float(left[n])
        w = float(right[n])  # the same with one channel
        y, z, a, b = svf_step(x + QUIETEST, a, b, gains)
        left[n] = direct * x + band * z + low * y
        if audio.shape[0] == 2:
            y, z, c, d = svf_step(w + QUIETEST, c, d, gains)
            right[n] = direct * w + band * z + low * y
