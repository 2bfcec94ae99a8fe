"""Noise kernels of the washes: white, coloured, cut to a band, and raised to the full rate.

A rumble needs no 44100 samples a second. A band is made at every `rate`-th sample (1, 2, 4 or 8)
and doubled until it is at the full rate: each new sample lies on the cubic through its four
neighbours (Deslauriers & Dubuc 1989), flat to a third of the band. What is left of the images
carries the noise's slope on beyond the band's own end, so that no edge is heard.

Rows are float32 with `PAST` samples of what went before in front, carried from chunk to chunk. The
one-poles are reckoned eight samples at a time: a running sum that doubles its reach three times
(Hillis & Steele, "Data parallel algorithms", CACM 29, 1986), and what came before, decaying.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.lanes import FIRST_SINGLE, LANES, last, load, shifted, store
from soundflow_assets.synthesis.kernels.math import dexp, noise_bits
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

PAST = 8
CHUNK = 512  # samples of the band's own rate made at a time: its rows stay in the first cache
WHITE_ROW, CUT_ROW, BAND_ROW = 0, 1, 2
ROWS = 3
POLES = 3  # one-poles of a colour, at most
MEMORIES = POLES + 4  # of the colour's poles, and what the two high-passes heard and said last
STAGES = 2  # between an eighth of the rate and the full one

Rows = npt.NDArray[np.float32]  # (2, ROWS, PAST + CHUNK)
Stages = npt.NDArray[np.float32]  # (2, STAGES, PAST + 4 * CHUNK)
Row = npt.NDArray[np.float32]
Memory = npt.NDArray[np.float32]  # (2, MEMORIES)


def empty_rows() -> Rows:
    """Return the silent past of a band."""
    return np.zeros((2, ROWS, PAST + CHUNK), np.float32)


def empty_memory() -> Memory:
    """Return what the poles of a band remember before it begins."""
    return np.zeros((2, MEMORIES), np.float32)


def empty_stages() -> Stages:
    """Return the silent past of a band on its way to the full rate."""
    return np.zeros((2, STAGES, PAST + 4 * CHUNK), np.float32)


@njit(cache=True)
def _carried(row: Row, samples: int) -> None:
    """Move the last `PAST` of a row's `samples` to its front: they are the past of the next."""
    for n in range(PAST):
        row[n] = row[samples + n]


@njit(cache=True)
def _white(left: Row, right: Row, first: int, seed: int, width: float) -> None:
    """Write a chunk of white noise, variance 1/3; half the bits are the middle, half the side."""
    norm = 1.0 / (32768.0 * np.sqrt(1.0 + width * width))
    middle = np.float32(norm)
    side = np.float32(norm * width)
    for n in range(CHUNK):
        bits = noise_bits(first + n, seed)
        m = middle * np.float32(np.int32(bits) >> 16)
        s = side * np.float32(np.int32(np.uint32(bits << np.uint32(16))) >> 16)
        left[n + PAST] = m + s
        right[n + PAST] = m - s


@njit(cache=True)
def _powers(keep: float, into: Row) -> None:
    """Write `keep` to the powers 1 to 8."""
    power = 1.0
    for lane in range(LANES):
        power *= keep
        into[lane] = power


@njit(cache=True, inline="always")
def _one_pole(x: Any, powers: Row, before: np.float32) -> Any:
    """Return y[n] = k·y[n-1] + x[n] of eight samples; `powers` are those of k, `before` y[-1]."""
    y = x + powers[0] * shifted(x, 1)
    y = y + powers[1] * shifted(y, 2)
    y = y + powers[3] * shifted(y, 4)
    return y + load(powers, 0) * before


@njit(cache=True)
def _coloured(rows: Rows, poles: Curve, direct: float, keep: float, memory: Memory) -> None:
    """Write both `CUT_ROW`s: the white noise coloured, then through two one-pole high-passes.

    The colour is the one-poles `poles` (n, 2) in parallel and the direct path.
    """
    level = np.float32(direct)
    powers = np.zeros((POLES + 1, LANES), np.float32)
    weights = np.zeros(POLES, np.float32)
    for p in range(poles.shape[0]):
        _powers(poles[p, 0], powers[p])
        weights[p] = poles[p, 1]
    _powers(keep, powers[POLES])
    first = load(FIRST_SINGLE, 0)
    for channel in range(2):
        white, cut = rows[channel, WHITE_ROW], rows[channel, CUT_ROW]
        own = memory[channel]
        y0, y1, y2, mixed, edge, heard, said = (
            own[0], own[1], own[2], own[3], own[4], own[5], own[6]
        )  # fmt: skip
        for n in range(PAST, PAST + CHUNK, LANES):
            x = load(white, n)
            a = _one_pole(weights[0] * x, powers[0], y0)
            b = _one_pole(weights[1] * x, powers[1], y1)
            c = _one_pole(weights[2] * x, powers[2], y2)
            y0, y1, y2 = last(a), last(b), last(c)
            mix = ((level * x + a) + b) + c
            bend = mix - (shifted(mix, 1) + first * mixed)
            mixed = last(mix)
            high = _one_pole(bend, powers[POLES], edge)
            edge = last(high)
            bend = high - (shifted(high, 1) + first * heard)
            heard = edge
            high = _one_pole(bend, powers[POLES], said)
            said = last(high)
            store(cut, n, high)
        own[0], own[1], own[2], own[3], own[4], own[5], own[6] = (
            y0, y1, y2, mixed, edge, heard, said
        )  # fmt: skip


@njit(cache=True)
def _banded(
    rows: Rows, corners_hz: Curve, first: int, rate: int, k: float, peaked: bool,
    left: Curve, right: Curve, outputs: Curve,
) -> None:  # fmt: skip
    """Write both `BAND_ROW`s: a second-order section whose corner moves by the block.

    `outputs` holds the section's outputs one and two samples ago, left and right, before the gains.
    """
    per = CONTROL // rate
    x_l, x_r = rows[0, CUT_ROW], rows[1, CUT_ROW]
    y_l, y_r = rows[0, BAND_ROW], rows[1, BAND_ROW]
    l1, l2, r1, r2 = outputs[0], outputs[1], outputs[2], outputs[3]
    for block in range(CHUNK // per):
        place = first // per + block
        g = svf_g(corners_hz[place] * rate)
        norm = 1.0 / (1.0 + g * (g + k))
        a1 = 2.0 * (g * g - 1.0) * norm
        a2 = (1.0 + g * (g - k)) * norm
        # The bilinear low-pass is silent at half its rate, which would be heard as an edge: two
        # taps give it the analogue gain there, and 1 at the bottom.
        above = SAMPLE_RATE / (2.0 * rate * max(corners_hz[place], 5.0))
        most = above * above - 1.0
        top = (1.0 - a1 + a2) / np.sqrt(most * most + k * k * above * above)
        b0 = 0.5 * (1.0 + a1 + a2 + top)
        b1 = 1.0 + a1 + a2 - b0
        b2 = 0.0
        if peaked:
            b0 = k * g * norm
            b1 = 0.0
            b2 = -b0
        gain_l, gain_r = left[place], right[place]
        step_l = (left[place + 1] - gain_l) / per
        step_r = (right[place + 1] - gain_r) / per
        for n in range(block * per, (block + 1) * per):
            into_l = b0 * x_l[n + 8] + (b1 * x_l[n + 7] + b2 * x_l[n + 6])
            into_r = b0 * x_r[n + 8] + (b1 * x_r[n + 7] + b2 * x_r[n + 6])
            now_l = (into_l - a2 * l2) - a1 * l1
            now_r = (into_r - a2 * r2) - a1 * r1
            l2, r2 = l1, r1
            l1, r1 = now_l, now_r
            y_l[n + 8] = now_l * gain_l
            y_r[n + 8] = now_r * gain_r
            gain_l += step_l
            gain_r += step_r
    outputs[0], outputs[1], outputs[2], outputs[3] = l1, l2, r1, r2


@njit(cache=True)
def _doubled(x: Row, y: Row, samples: int) -> None:
    """Write `samples` of x as twice as many of y, two of x's samples late."""
    near, far = np.float32(0.5625), np.float32(0.0625)
    for n in range(samples):
        y[2 * n + 8] = x[n + 6]
        y[2 * n + 9] = near * (x[n + 6] + x[n + 7]) - far * (x[n + 5] + x[n + 8])


@njit(cache=True)
def raised(row: Row, stages: Row, rate: int, out: Row) -> None:
    """Add a chunk of `row` to `out` (CHUNK * rate) at the full rate."""
    if rate == 1:
        for n in range(CHUNK):
            out[n] += row[n + PAST]
        return
    x = row
    samples = CHUNK
    stage = 0
    while samples * 2 < CHUNK * rate:
        y = stages[stage]
        _carried(y, 2 * samples)
        _doubled(x, y, samples)
        x = y
        samples *= 2
        stage += 1
    near, far = np.float32(0.5625), np.float32(0.0625)
    for n in range(samples):
        out[2 * n] += x[n + 6]
        out[2 * n + 1] += near * (x[n + 6] + x[n + 7]) - far * (x[n + 5] + x[n + 8])


@njit(cache=True)
def add_band(
    out: Audio,
    start: int,
    rate: int,
    seed: int,
    poles: Curve,
    direct: float,
    width: float,
    low_hz: float,
    corners_hz: Curve,
    damping: float,
    peaked: bool,
    left: Curve,
    right: Curve,
    rows: Rows,
    memory: Memory,
    outputs: Curve,
    stages: Stages,
) -> None:
    """Add one tile of noise to `out` (2, >= tile samples).

    Parameters
    ----------
    rate
        The band is made at every `rate`-th sample: 1, 2, 4 or 8.
    poles, direct
        The colour: keep and gain of up to three one-poles (n, 2), and the direct gain.
    width
        0 is one source for both ears, 1 is two.
    low_hz
        High-pass of two one-poles.
    corners_hz, damping, peaked
        The moving low-pass of 12 dB/oct, or with `peaked` the centre of a band-pass of unit peak.
    left, right
        Level of each channel at the control points, straight lines between.
    rows, memory, outputs, stages
        What the filters carry from tile to tile.
    """
    keep = dexp(-6.283185307179586 * low_hz * rate / SAMPLE_RATE)
    for first in range(0, TILE // rate, CHUNK):
        for channel in range(2):
            _carried(rows[channel, CUT_ROW], CHUNK)
            _carried(rows[channel, BAND_ROW], CHUNK)
        _white(rows[0, WHITE_ROW], rows[1, WHITE_ROW], start // rate + first, seed, width)
        _coloured(rows, poles, direct, keep, memory)
        _banded(rows, corners_hz, first, rate, damping, peaked, left, right, outputs)
        for channel in range(2):
            into = out[channel, first * rate : (first + CHUNK) * rate]
            raised(rows[channel, BAND_ROW], stages[channel], rate, into)
