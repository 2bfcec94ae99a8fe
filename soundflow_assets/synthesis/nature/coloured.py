"""Noise kernels of the washes: white, coloured, cut to a band, four stereo bands side by side.

A recursive filter waits for its own last sample, so one band at a time would leave a processor's
wide arithmetic idle. The bands of a bank know nothing of each other: each is two of eight lanes,
the lefts of all four first, then their rights. Samples stand in `Row`s of `LANES` numbers each,
`CHUNK` at a time, which stay in the first cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import side_by_side, turned_row
from soundflow_assets.synthesis.kernels.filters import HIGHEST
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import noise_bits, quarter_sine
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

BANDS = LANES // 2
CHUNK = 512  # samples of the bank's own rate made at a time
KEPT = 9  # of each lane: three poles, what two high-passes and the section heard and said

Row = npt.NDArray[np.float32]  # (CHUNK * LANES,)
Lanes = npt.NDArray[np.float32]  # (n, LANES)

# Rows of `Colours.filters`.
KEEPS, GAINS, DIRECT, EDGE = 0, 3, 6, 7
# Rows of a section, for each block of a chunk: coefficients, gain, its step between samples.
B0, B1, B2, A1, A2, GAIN, STEP = 0, 1, 2, 3, 4, 5, 6
SECTION = 7


class Colours(NamedTuple):
    """What does not move about the bands of a bank."""

    seeds: npt.NDArray[np.int64]  # (BANDS,)
    widths: Curve  # (BANDS,) 0 is one source for both ears, 1 is two
    filters: Lanes  # (8, LANES) keeps of 3 one-poles, their gains, direct gain, high-pass's keep
    dampings: Curve  # (BANDS,) 1/Q
    peaked: npt.NDArray[np.bool_]  # (BANDS,)


@njit(cache=True)
def _white(left: Row, right: Row, first: int, seed: int, width: float) -> None:
    """Write a chunk of white noise, variance 1/3; a byte is the middle, a byte the side.

    256 levels are as white as any number of them, and filtered they are as many as one likes.
    """
    norm = 1.0 / (256.0 * np.sqrt(1.0 + width * width))
    middle = np.float32(norm)
    side = np.float32(norm * width)
    half = CHUNK // 2
    for n in range(half):
        bits = noise_bits(first // 2 + n, seed)
        m = middle * np.float32((np.int32(np.uint32(bits << np.uint32(24))) >> 23) | 1)
        s = side * np.float32((np.int32(np.uint32(bits << np.uint32(16))) >> 23) | 1)
        left[n] = m + s
        right[n] = m - s
        m = middle * np.float32((np.int32(np.uint32(bits << np.uint32(8))) >> 23) | 1)
        s = side * np.float32((np.int32(bits) >> 23) | 1)
        left[n + half] = m + s
        right[n + half] = m - s


@njit(cache=True, error_model="numpy")
def _sections(
    corners_hz: Curve, place: int, rate: int, k: float, peaked: bool, blocks: Curve
) -> None:
    """Write the coefficients `blocks` (5, n) of a moving section, from control point `place` on."""
    for n in range(blocks.shape[1]):
        corner = min(max(corners_hz[place + n], 5.0), HIGHEST * SAMPLE_RATE / rate)
        x = corner * rate / SAMPLE_RATE
        g = quarter_sine(0.5 * x) / quarter_sine(0.25 - 0.5 * x)  # tan(πx)
        norm = 1.0 / (1.0 + g * (g + k))
        a1 = 2.0 * (g * g - 1.0) * norm
        a2 = (1.0 + g * (g - k)) * norm
        # The bilinear low-pass is silent at half its rate, which would be heard as an edge: two
        # taps give it the analogue gain there, and 1 at the bottom.
        above = 0.5 / x
        most = above * above - 1.0
        top = (1.0 - a1 + a2) / np.sqrt(most * most + k * k * above * above)
        low = 0.5 * (1.0 + a1 + a2 + top)
        peak = k * g * norm
        blocks[B0, n] = peak if peaked else low
        blocks[B1, n] = 0.0 if peaked else 1.0 + a1 + a2 - low
        blocks[B2, n] = -peak if peaked else 0.0
        blocks[A1, n] = a1
        blocks[A2, n] = a2


@njit(cache=True)
def _spread(blocks: Curve, levels: Curve, place: int, per: int, band: int, lanes: Lanes) -> None:
    """Put a band's coefficients and levels (2, points) into its two lanes of every block."""
    for n in range(blocks.shape[1]):
        at = n * SECTION
        for channel in range(2):
            lane = channel * BANDS + band
            for c in range(GAIN):
                lanes[at + c, lane] = blocks[c, n]
            level = levels[channel, place + n]
            lanes[at + GAIN, lane] = level
            lanes[at + STEP, lane] = (levels[channel, place + n + 1] - level) / per


@njit(cache=True)
def _filtered(row: Row, filters: Lanes, sections: Lanes, per: int, kept: Lanes) -> None:
    """Make bands of white noise, in place.

    One-poles and a direct path in parallel colour it; two high-passes and a section, which moves
    by blocks of `per` samples, cut it to a band; then comes its gain. All in one loop, because none
    of them is busy while it waits for its own last sample.
    """
    k0, k1, k2 = load(filters[KEEPS], 0), load(filters[KEEPS + 1], 0), load(filters[KEEPS + 2], 0)
    g0, g1, g2 = load(filters[GAINS], 0), load(filters[GAINS + 1], 0), load(filters[GAINS + 2], 0)
    direct, keep = load(filters[DIRECT], 0), load(filters[EDGE], 0)
    p0, p1, p2 = load(kept[0], 0), load(kept[1], 0), load(kept[2], 0)
    mixed, edge, x1, x2 = load(kept[3], 0), load(kept[4], 0), load(kept[5], 0), load(kept[6], 0)
    y1, y2 = load(kept[7], 0), load(kept[8], 0)
    for block in range(CHUNK // per):
        at = block * SECTION
        b0, b1, b2 = load(sections[at], 0), load(sections[at + B1], 0), load(sections[at + B2], 0)
        a1, a2 = load(sections[at + A1], 0), load(sections[at + A2], 0)
        gain, step = load(sections[at + GAIN], 0), load(sections[at + STEP], 0)
        for n in range(block * per * LANES, (block + 1) * per * LANES, LANES):
            white = load(row, n)
            p0 = k0 * p0 + white
            p1 = k1 * p1 + white
            p2 = k2 * p2 + white
            mix = (direct * white + g0 * p0) + (g1 * p1 + g2 * p2)
            high = keep * edge + (mix - mixed)
            x = keep * x1 + (high - edge)
            y = ((b0 * x + (b1 * x1 + b2 * x2)) - a2 * y2) - a1 * y1
            mixed, edge, x2, x1, y2, y1 = mix, high, x1, x, y1, y
            store(row, n, y * gain)
            gain = gain + step
    store(kept[0], 0, p0)
    store(kept[1], 0, p1)
    store(kept[2], 0, p2)
    store(kept[3], 0, mixed)
    store(kept[4], 0, edge)
    store(kept[5], 0, x1)
    store(kept[6], 0, x2)
    store(kept[7], 0, y1)
    store(kept[8], 0, y2)


@njit(cache=True)
def _add_sums(row: Row, left: Row, right: Row, at: int) -> None:
    """Add all left lanes to `left`, all right ones to `right`, from sample `at` on."""
    for n in range(0, CHUNK, LANES):
        a, b, c, d, e, f, g, h = turned_row(row, n * LANES, LANES)
        store(left, at + n, load(left, at + n) + ((a + b) + (c + d)))
        store(right, at + n, load(right, at + n) + ((e + f) + (g + h)))


@njit(cache=True)
def add_bank(
    out: Audio,
    at: int,
    start: int,
    rate: int,
    bands: int,
    colours: Colours,
    corners_hz: Curve,
    levels: Curve,
    kept: Lanes,
) -> None:
    """Add one tile of up to four bands to `out` (2, >= at + tile samples), from column `at` on.

    Parameters
    ----------
    start
        First sample of the tile, at the full rate.
    rate
        The bands are made at every `rate`-th sample: 1, 2, 4 or 8.
    bands
        How many there are; the other lanes are silent.
    colours
        See there.
    corners_hz
        Of each band at the control points (bands, points): the moving low-pass of 12 dB/oct, or
        of a peaked band the centre of a band-pass of unit peak.
    levels
        Of each band and channel at the control points (bands, 2, points), straight lines between.
    kept
        (KEPT, LANES) what the filters carry from tile to tile.
    """
    per = CONTROL // rate
    whites = np.zeros((LANES, CHUNK), np.float32)
    row = np.empty(CHUNK * LANES, np.float32)
    blocks = np.empty((GAIN, CHUNK // per))
    lanes = np.zeros((CHUNK // per * SECTION, LANES), np.float32)
    for first in range(0, TILE // rate, CHUNK):
        for band in range(bands):
            _white(
                whites[band], whites[BANDS + band],
                start // rate + first, colours.seeds[band], colours.widths[band],
            )  # fmt: skip
            _sections(
                corners_hz[band], first // per, rate,
                colours.dampings[band], colours.peaked[band], blocks,
            )  # fmt: skip
            _spread(blocks, levels[band], first // per, per, band, lanes)
        side_by_side(whites, row)
        _filtered(row, colours.filters, lanes, per, kept)
        _add_sums(row, out[0], out[1], at + first)
