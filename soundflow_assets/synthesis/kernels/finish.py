"""The last touch every note gets before it is placed: no DC, even level, silent end.

All of it in float32, eight samples at a time: rounding stays 110 dB under the note.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import CLEAN_S
from soundflow_assets.synthesis.kernels.lanes import (
    FIRST_SINGLE,
    LANES,
    larger,
    largest_of,
    last,
    load,
    shifted,
    smaller,
    splat,
    store,
    total_of,
)

WINDOW = 2048  # samples over which loudness is taken: 46 ms
EAR_HZ = 90.0  # high-pass that stands for the ear's own where loudness is taken
BLOCKER_HZ = 6.0  # high-pass against DC

Row = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


@njit(cache=True)
def finish(audio: npt.NDArray[np.float32], drive: float, target: float, peak: float) -> None:
    """Make a note ready for placement, (channels, n) in place: no DC, even level, silent end.

    Level is the loudest 46 ms after a gentle 90 Hz high-pass that stands for the ear's own, so
    that low and high notes of an instrument are equally loud; `peak` then bounds the samples.
    `drive` > 0 saturates at that level before: about 3 dB of compression at 1.
    """
    channels, samples = audio.shape
    power = np.zeros(samples // WINDOW + 1)
    crest = 1e-9
    for channel in range(channels):
        crest = max(crest, unbiased(audio[channel], 0.0, power))
    loudest = 1e-18
    for window in range(power.shape[0]):
        loudest = max(loudest, power[window])
    gain = min(target / np.sqrt(loudest / (WINDOW * channels)), peak / crest)
    if drive > 0.0:
        into = 1.5 * gain * (1.0 + 2.0 * drive)
        crest = 1e-9
        for channel in range(channels):
            crest = max(crest, unbiased(audio[channel], into, power))
        gain = min(1.0, peak / crest)
    fade = min(int(CLEAN_S * SAMPLE_RATE), samples)
    by = np.float32(gain)
    for channel in range(channels):
        row = audio[channel]
        for i in range(samples - fade):
            row[i] *= by
        for i in range(samples - fade, samples):
            row[i] *= by * np.float32((samples - 1 - i) / fade)


@njit(cache=True)
def unbiased(row: Row, into: float, power: Numbers) -> float:
    """Take the DC from `row` in place and return the largest magnitude that is left.

    With `into` > 0 the row is first multiplied by it and saturated to within a half. The power of
    what the ear hears in each window is added to `power`.
    """
    samples = row.shape[0]
    whole = samples // LANES * LANES
    rest = np.zeros(LANES, dtype=np.float32)
    rest[: samples - whole] = row[whole:]
    blocker, ear = falls(BLOCKER_HZ), falls(EAR_HZ)
    push = np.float32(into)
    nothing = splat(np.float32(0.0))
    x1 = y1 = z1 = w1 = np.float32(0.0)
    up = nothing
    for window in range(power.shape[0]):
        heard = nothing
        for i in range(window * WINDOW, min((window + 1) * WINDOW, samples), LANES):
            x = load(row, i) if i < whole else load(rest, 0)
            if into > 0.0:
                x = _clipped(push * x)
            y, x1, y1 = high_passed(x, x1, y1, blocker)
            z, z1, w1 = high_passed(y, z1, w1, ear)
            heard = heard + z * z
            up = larger(larger(y, nothing - y), up)
            if i < whole:
                store(row, i, y)
            else:
                store(rest, 0, y)
        power[window] += total_of(heard)
    row[whole:] = rest[: samples - whole]
    return np.float64(largest_of(up))


@njit(cache=True)
def falls(corner_hz: float) -> Row:
    """Return k, k², …, k⁸ of the one-pole high-pass of `corner_hz`: k = 1 - 2π·corner/rate."""
    k = 1.0 - 6.283185307179586 * corner_hz / SAMPLE_RATE
    powers = np.empty(LANES, dtype=np.float32)
    power = 1.0
    for lane in range(LANES):
        power *= k
        powers[lane] = power
    return powers


@njit(cache=True, inline="always")
def high_passed(x: Any, x1: Any, y1: Any, powers: Row) -> Any:
    """Return eight samples of y[n] = x[n] - x[n-1] + k·y[n-1], and the next `x1` and `y1`.

    Within eight samples the recursion is a running sum that doubles its reach three times (Hillis
    & Steele, "Data parallel algorithms", CACM 29, 1986); what came before them decays over them
    as `powers`: k, k², …, k⁸.
    """
    y = x - (shifted(x, 1) + load(FIRST_SINGLE, 0) * x1)
    y = y + powers[0] * shifted(y, 1)
    y = y + powers[1] * shifted(y, 2)
    y = y + powers[3] * shifted(y, 4) + load(powers, 0) * y1
    return y, last(x), last(y)


@njit(cache=True, inline="always")
def _clipped(x: Any) -> Any:
    """Return half of `math.soft_clip` of eight lanes."""
    three = splat(np.float32(3.0))
    x = larger(smaller(x, three), np.float32(0.0) - three)
    square = x * x
    top = x * (np.float32(27.0) + square)
    return top / (np.float32(54.0) + np.float32(18.0) * square)
