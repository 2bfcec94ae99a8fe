"""Gain that follows level: ducking, glue, true-peak limiting; and the way to 16 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio, Pcm
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, total_of, widened
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp, dlog2, noise
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve

Gains = npt.NDArray[np.float64]

DUCK_ATTACK_S = 0.003


@njit(cache=True, error_model="numpy")
def duck_curve(kicks: npt.NDArray[np.int64], points: int, return_s: float) -> Curve:
    """Return how far a ducked bus is pushed down, 0 to 1, at every control point.

    Each kick (sample positions, rising) pushes fully down within 3 ms; the way back is exponential
    and has come 95 % of the way `return_s` after that.
    """
    out = np.zeros(points, dtype=np.float32)
    attack = DUCK_ATTACK_S * SAMPLE_RATE
    rate = -2.995732273553991 / (return_s * SAMPLE_RATE)
    before = 0.0  # depth at the last kick's onset
    upcoming = 0
    kick = -1
    for p in range(points):
        n = p * CONTROL
        while upcoming < kicks.shape[0] and kicks[upcoming] <= n:
            if kick >= 0:
                age = max(0.0, kicks[upcoming] - kick - attack)
                before = dexp(rate * age)
            kick = kicks[upcoming]
            upcoming += 1
        if kick < 0:
            continue
        age = float(n - kick)
        if age < attack:
            out[p] = before + (1.0 - before) * age / attack
        else:
            out[p] = dexp(rate * (age - attack))
    return out


@njit(cache=True, error_model="numpy")
def glue(
    audio: Audio,
    threshold_db: float,
    most_db: float,
    attack_s: float,
    release_s: float,
    state: Gains,
) -> float:
    """Compress `audio` in place, 2:1 above the threshold, both channels alike.

    The level is the mean square of blocks of 32 samples; the reduction (never more than `most_db`)
    rises with time constant `attack_s`, falls with `release_s`, and moves in straight lines from
    block to block. `state` carries reduction and gain from one stretch of a programme, a multiple
    of 32 samples, to the next: 0 and 1 before the first. Returns the greatest reduction in dB.
    """
    samples = audio.shape[1]
    up = 1.0 - dexp(-CONTROL / (SAMPLE_RATE * attack_s))
    down = 1.0 - dexp(-CONTROL / (SAMPLE_RATE * release_s))
    left = audio[0]
    right = audio[1]
    reduction = state[0]
    greatest = 0.0
    gain = state[1]
    for first in range(0, samples, CONTROL):
        last = min(samples, first + CONTROL)
        power = 0.0
        if last - first == CONTROL:
            squares = splat(0.0)
            for n in range(first, last, LANES):
                x, y = widened(load(left, n)), widened(load(right, n))
                squares = squares + (x * x + y * y)
            power = total_of(squares)
        else:
            for n in range(first, last):
                power += left[n] * left[n] + right[n] * right[n]
        level_db = 3.010299956639812 * dlog2(power / (2.0 * CONTROL) + 1e-20)
        wanted = min(most_db, max(0.0, 0.5 * (level_db - threshold_db)))
        reduction += (up if wanted > reduction else down) * (wanted - reduction)
        greatest = max(greatest, reduction)
        target = db_to_gain(-reduction)
        step = (target - gain) / CONTROL
        for n in range(first, last):
            gain += step
            left[n] *= gain
            right[n] *= gain
        gain = target
    state[0] = reduction
    state[1] = gain
    return greatest


@njit(cache=True, error_model="numpy")
def limiter_gains(peaks: Gains, gain: float, ceiling: float, ahead: int, release: float) -> Gains:
    """Return the limiter's gain at the edges of the blocks whose peaks are given.

    Parameters
    ----------
    peaks : float64 (blocks,), true peak of each block before `gain`.
    gain : applied before the limiter; included in the result.
    ceiling : largest magnitude allowed after it.
    ahead : blocks of look-ahead, over which the gain comes down.
    release : share of the way back to 1 made in one block.

    Returns
    -------
    float64 (blocks + 1,); between edges the gain is a straight line. Because every edge is the mean
    of values none of which exceeds what the adjoining blocks allow, no block passes the ceiling.
    """
    blocks = peaks.shape[0]
    allowed = np.ones(blocks + 1)
    for b in range(blocks):
        if peaks[b] * gain > ceiling:
            need = ceiling / (peaks[b] * gain)
            allowed[b] = min(allowed[b], need)
            allowed[b + 1] = min(allowed[b + 1], need)
    held = np.empty(blocks + 1)
    level = 1.0
    for b in range(blocks + 1):
        least = 1.0
        for k in range(b, min(blocks + 1, b + ahead + 1)):
            least = min(least, allowed[k])
        level = min(least, level + (1.0 - level) * release)
        held[b] = level
    out = np.empty(blocks + 1)
    for b in range(blocks + 1):
        total = 0.0
        for k in range(b - ahead, b + 1):
            total += held[max(0, k)]
        out[b] = gain * total / (ahead + 1)
    return out


@njit(cache=True, error_model="numpy")
def quantise(audio: Audio, gains: Gains, block: int, seed: int, start: int) -> Pcm:
    """Return `audio` after a moving gain as 16-bit samples `(samples, 2)` with TPDF dither.

    `gains` holds the gain at block edges (straight lines between). The dither is the sum of two
    uniform draws of half a step from a counter hash; exact zeros stay exact zeros. Column 0 of
    `audio` is sample `start` of the programme, so stretches have the dither of the whole.
    """
    samples = audio.shape[1]
    out = np.empty((samples, 2), dtype=np.int16)
    made = np.empty((2, block), dtype=np.int16)
    for first in range(0, samples, block):
        b = first // block
        size = min(block, samples - first)
        step = (gains[b + 1] - gains[b]) / block
        for channel in range(2):
            row = audio[channel, first : first + size]
            into = made[channel]
            at = 4 * (start + first) + 2 * channel
            for n in range(size):
                x = np.float64(row[n])
                draw = noise(at + 4 * n, seed) + noise(at + 4 * n + 1, seed)
                value = np.floor(x * (32767.0 * (gains[b] + step * n)) + 0.5 * draw + 0.5)
                value = 32767.0 if value > 32767.0 else value
                value = -32768.0 if value < -32768.0 else value
                into[n] = np.int16(0.0 if x == 0.0 else value)
        for n in range(size):
            out[first + n, 0] = made[0, n]
            out[first + n, 1] = made[1, n]
    return out
