"""The last touch every note gets before it is placed: no DC, even level, silent end.

All of it in float32, eight samples at a time: rounding stays 110 dB under the note.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import CLEAN_S
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load, splat, store
from soundflow_assets.synthesis.kernels.math import soft_clips
from soundflow_assets.synthesis.kernels.recursion import powers_of, recursed, silence
from soundflow_assets.synthesis.kernels.shuffles import behind, largest_of, total_of

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
    # One-pole high-passes, y[n] = x[n] - x[n-1] + k·y[n-1] with k = 1 - 2π·corner/rate.
    blocker = powers_of(1.0 - 6.283185307179586 * BLOCKER_HZ / SAMPLE_RATE)
    ear = powers_of(1.0 - 6.283185307179586 * EAR_HZ / SAMPLE_RATE)
    push = np.float32(into)
    nothing = splat(np.float32(0.0))
    x1 = y1 = up = nothing
    blocked, listened = silence(), silence()
    for window in range(power.shape[0]):
        heard = nothing
        for i in range(window * WINDOW, min((window + 1) * WINDOW, samples), LANES):
            x = load(row, i) if i < whole else load(rest, 0)
            if into > 0.0:
                x = np.float32(0.5) * soft_clips(push * x)
            y, blocked = recursed(x - behind(x1, x, 1), blocked, blocker)
            z, listened = recursed(y - behind(y1, y, 1), listened, ear)
            x1, y1 = x, y
            heard = heard + z * z
            up = larger(larger(y, nothing - y), up)
            if i < whole:
                store(row, i, y)
            else:
                store(rest, 0, y)
        power[window] += total_of(heard)
    row[whole:] = rest[: samples - whole]
    return np.float64(largest_of(up))
