"""Noise kernels of the washes: white, coloured, cut to a band, four stereo bands side by side.

A recursive filter waits for its own last sample, so one band at a time would leave a processor's
wide arithmetic idle. The bands of a bank know nothing of each other: each is two of eight lanes,
the lefts of all four first, then their rights. Of fewer than three bands a tile is cut into as many
pieces as there is room for. A cut begins some samples early with empty filters, of which by the
time it counts nothing is left. Samples stand in `Row`s of `LANES` numbers each, `CHUNK` at a time,
which stay in the first cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import turned_row
from soundflow_assets.synthesis.kernels.filters import HIGHEST
from soundflow_assets.synthesis.kernels.hashes import (
    hashed,
    signed_bytes,
)
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    larger,
    load,
    narrowed,
    roots,
    smaller,
    store,
)
from soundflow_assets.synthesis.kernels.math import quarter_sine
from soundflow_assets.synthesis.kernels.shuffles import first_halves, last_halves
from soundflow_assets.synthesis.nature.bands import (
    BANDS,
    Colours,
    Lanes,
    Motions,
    Places,
    Row,
    Sources,
    motions_of,
    sources_of,
)
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

CHUNK = 512  # samples of the bank's own rate made at a time
# Samples after which filters that began empty are within 100 dB of the others: pink noise's slowest
# pole has lost 9.6 nepers, and lies so far below the high-passes that they take the rest.
WARM_UP = 8 * CHUNK
KEPT = 9  # of each lane: three poles, what two high-passes and the section heard and said

# Rows of `Colours.filters`.
KEEPS, GAINS, DIRECT, EDGE = 0, 3, 6, 7
# Rows of a section, for each block of a chunk: coefficients, gain, its step between samples.
B0, B1, B2, A1, A2, GAIN, STEP = 0, 1, 2, 3, 4, 5, 6
SECTION = 7


@njit(cache=True)
def _white(sources: Sources, first: int, row: Row) -> None:
    """Write a chunk of white noise, variance 1/3; a byte is the middle, a byte the side.

    256 levels are as white as any number of them, and filtered they are as many as one likes.
    """
    half = CHUNK // 2
    middle, side = load(sources.middles, 0), load(sources.sides, 0)
    for n in range(0, half, 2):
        bits = hashed(sources.counters, first // 2 + n)
        m, s = middle * signed_bytes(bits, 0), side * signed_bytes(bits, 1)
        at = n * LANES
        store(row, at, first_halves(m + s, m - s))
        store(row, at + LANES, last_halves(m + s, m - s))
        m, s = middle * signed_bytes(bits, 2), side * signed_bytes(bits, 3)
        at += half * LANES
        store(row, at, first_halves(m + s, m - s))
        store(row, at + LANES, last_halves(m + s, m - s))


@njit(cache=True, inline="always")
def _section(corners_hz: Any, rate: int, k: Any, peaked: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Return b0, b1, b2, a1 and a2 of eight lanes' sections."""
    x = smaller(larger(corners_hz, 5.0), HIGHEST * SAMPLE_RATE / rate) * (rate / SAMPLE_RATE)
    g = quarter_sine(0.5 * x) / quarter_sine(0.25 - 0.5 * x)  # tan(πx)
    norm = 1.0 / (1.0 + g * (g + k))
    a1 = 2.0 * (g * g - 1.0) * norm
    a2 = (1.0 + g * (g - k)) * norm
    # The bilinear low-pass is silent at half its rate, which would be heard as an edge: two taps
    # give it the analogue gain there, and 1 at the bottom.
    above = 0.5 / x
    most = above * above - 1.0
    top = (1.0 - a1 + a2) / roots(most * most + k * k * above * above)
    low = 0.5 * (1.0 + a1 + a2 + top)
    peak = peaked * (k * g * norm)
    opened = 1.0 - peaked
    b0, b1 = peak + opened * low, opened * (1.0 + a1 + a2 - low)
    return narrowed(b0), narrowed(b1), narrowed(0.0 - peak), narrowed(a1), narrowed(a2)


@njit(cache=True, error_model="numpy")
def _sections(motions: Motions, point: int, rate: int, sections: Lanes) -> None:
    """Write the `sections` (SECTION * blocks, LANES) of a chunk that begins at a `point`."""
    per = CONTROL // rate
    k, peaked = load(motions.dampings, 0), load(motions.peaked, 0)
    for block in range(0, CHUNK // per, 2):
        corners_hz = load(motions.corners_hz, (point + block) * BANDS)
        b0, b1, b2, a1, a2 = _section(corners_hz, rate, k, peaked)
        at = block * SECTION
        store(sections[at + B0], 0, first_halves(b0, b0))
        store(sections[at + B1], 0, first_halves(b1, b1))
        store(sections[at + B2], 0, first_halves(b2, b2))
        store(sections[at + A1], 0, first_halves(a1, a1))
        store(sections[at + A2], 0, first_halves(a2, a2))
        at += SECTION
        store(sections[at + B0], 0, last_halves(b0, b0))
        store(sections[at + B1], 0, last_halves(b1, b1))
        store(sections[at + B2], 0, last_halves(b2, b2))
        store(sections[at + A1], 0, last_halves(a1, a1))
        store(sections[at + A2], 0, last_halves(a2, a2))
    for block in range(CHUNK // per):
        level = load(motions.levels, (point + block) * LANES)
        rise = load(motions.levels, (point + block + 1) * LANES) - level
        store(sections[block * SECTION + GAIN], 0, narrowed(level))
        store(sections[block * SECTION + STEP], 0, narrowed(rise / per))


@njit(cache=True)
def _filtered(row: Row, filters: Lanes, sections: Lanes, per: int, memory: Lanes) -> None:
    """Make bands of white noise, in place.

    One-poles and a direct path in parallel colour it; two high-passes and a section, which moves
    by blocks of `per` samples, cut it to a band; then comes its gain. All in one loop, because none
    of them is busy while it waits for its own last sample.
    """
    k0, k1, k2 = load(filters[KEEPS], 0), load(filters[KEEPS + 1], 0), load(filters[KEEPS + 2], 0)
    g0, g1, g2 = load(filters[GAINS], 0), load(filters[GAINS + 1], 0), load(filters[GAINS + 2], 0)
    direct, keep = load(filters[DIRECT], 0), load(filters[EDGE], 0)
    p0, p1, p2 = load(memory[0], 0), load(memory[1], 0), load(memory[2], 0)
    mixed, edge, x1 = load(memory[3], 0), load(memory[4], 0), load(memory[5], 0)
    x2, y1, y2 = load(memory[6], 0), load(memory[7], 0), load(memory[8], 0)
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
    store(memory[0], 0, p0)
    store(memory[1], 0, p1)
    store(memory[2], 0, p2)
    store(memory[3], 0, mixed)
    store(memory[4], 0, edge)
    store(memory[5], 0, x1)
    store(memory[6], 0, x2)
    store(memory[7], 0, y1)
    store(memory[8], 0, y2)


@njit(cache=True)
def _add_lanes(row: Row, left: Row, right: Row, places: Places) -> None:
    """Add a chunk to `left` and `right`, the lanes of each from their places on."""
    a, b, c, d = places[0], places[1], places[2], places[3]
    for n in range(0, CHUNK, LANES):
        p, q, r, s, t, u, v, w = turned_row(row, n * LANES, LANES)
        store(left, a + n, load(left, a + n) + p)
        store(left, b + n, load(left, b + n) + q)
        store(left, c + n, load(left, c + n) + r)
        store(left, d + n, load(left, d + n) + s)
        store(right, a + n, load(right, a + n) + t)
        store(right, b + n, load(right, b + n) + u)
        store(right, c + n, load(right, c + n) + v)
        store(right, d + n, load(right, d + n) + w)


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
        How many there are.
    colours
        See there.
    corners_hz
        Of each band at the control points (bands, points): the moving low-pass of 12 dB/oct, or
        of a peaked band the centre of a band-pass of unit peak.
    levels
        Of each band and channel at the control points (bands, 2, points), straight lines between.
    kept
        (KEPT, LANES) what the filters carry from tile to tile, in the lanes of one cut.
    """
    samples, per = TILE // rate, CONTROL // rate
    cuts = BANDS // bands if bands != 3 else 1
    while samples // cuts < WARM_UP:  # which so lies within the tile
        cuts //= 2
    span, early = samples // cuts, WARM_UP if cuts > 1 else 0
    places, owners = np.zeros(BANDS, np.int64), np.full(BANDS, -1)
    for place in range(cuts * bands):
        places[place] = place // bands * span
        owners[place] = place % bands
    firsts = places - early
    sources = sources_of(colours, owners, start // rate + firsts)
    motions = motions_of(colours, owners, firsts // per, (early + span) // per, corners_hz, levels)
    filters = np.zeros((EDGE + 1, LANES), np.float32)
    for place in range(cuts * bands):
        filters[:, place] = filters[:, BANDS + place] = colours.filters[:, owners[place]]
    memory = np.zeros((KEPT, LANES), np.float32)
    lanes = np.empty((CHUNK // per * SECTION, LANES), np.float32)
    row = np.empty(CHUNK * LANES, np.float32)
    for first in range(0, early + span, CHUNK):
        if first == early:  # the first cut goes on from the tile before
            memory[:, :bands] = kept[:, :bands]
            memory[:, BANDS : BANDS + bands] = kept[:, BANDS : BANDS + bands]
        _white(sources, first, row)
        _sections(motions, first // per, rate, lanes)
        _filtered(row, filters, lanes, per, memory)
        if first >= early:
            _add_lanes(row, out[0], out[1], places + (at + first - early))
    last = (cuts - 1) * bands
    kept[:, :bands] = memory[:, last : last + bands]
    kept[:, BANDS : BANDS + bands] = memory[:, BANDS + last : BANDS + last + bands]
