"""Gain that follows level: ducking, glue, true-peak limiting; and the way to 16 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio, Pcm
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import Row
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP_SINGLE, load, store
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp, dlog2, soft_clips, triangular
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
def glue_gains(
    powers: Gains,
    threshold_db: float,
    most_db: float,
    attack_s: float,
    release_s: float,
    state: Gains,
) -> Gains:
    """Return the gains of a compressor, 2:1 above the threshold, both channels alike.

    The reduction, never more than `most_db`, rises with time constant `attack_s` and falls with
    `release_s`.

    Parameters
    ----------
    powers : float64 (steps,), sum of the squares of both channels in each `CONTROL` samples.
    state : carries reduction and gain from one stretch of a programme to the next: 0 and 1 before
        the first.

    Returns
    -------
    float64 (steps + 1,); between two of them the gain is a straight line.
    """
    up = 1.0 - dexp(-CONTROL / (SAMPLE_RATE * attack_s))
    down = 1.0 - dexp(-CONTROL / (SAMPLE_RATE * release_s))
    gains = np.empty(powers.shape[0] + 1)
    reduction = state[0]
    gains[0] = state[1]
    for step in range(powers.shape[0]):
        level_db = 3.010299956639812 * dlog2(powers[step] / (2.0 * CONTROL) + 1e-20)
        wanted = min(most_db, max(0.0, 0.5 * (level_db - threshold_db)))
        reduction += (up if wanted > reduction else down) * (wanted - reduction)
        gains[step + 1] = db_to_gain(-reduction)
    state[0] = reduction
    state[1] = gains[-1]
    return gains


@njit(cache=True, error_model="numpy")
def ride(audio: Audio, gains: Gains, drive: float) -> None:
    """Scale `audio` in place by straight lines between `gains`, one each `CONTROL` samples.

    With `drive` above 0 it is then rounded off: unity for small signals, the knee lower with more
    `drive`. The curve is `math.soft_clip`.
    """
    samples = audio.shape[1]
    for step in range(gains.shape[0] - 1):
        first = step * CONTROL
        now, slope = gains[step], (gains[step + 1] - gains[step]) / CONTROL
        for channel in range(2):
            if first + CONTROL <= samples:
                _ride_step(audio[channel], first, now, slope, drive)
            else:
                end = np.zeros(CONTROL, dtype=np.float32)
                end[: samples - first] = audio[channel, first:]
                _ride_step(end, 0, now, slope, drive)
                audio[channel, first:] = end[: samples - first]


@njit(cache=True, inline="always")
def _ride_step(row: Row, first: int, now: float, slope: float, drive: float) -> None:
    start, rise = np.float32(now), np.float32(slope)
    push, back = np.float32(drive), np.float32(1.0 / drive)
    for n in range(0, CONTROL, LANES):
        level = start + rise * (load(RAMP_SINGLE, 0) + np.float32(n + 1))
        x = load(row, first + n) * level
        if drive > 0.0:
            x = soft_clips(x * push) * back
        store(row, first + n, x)


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

    `gains` holds the gain at block edges (straight lines between). The dither is that of
    `math.triangular`; exact zeros stay exact zeros. Column 0 of `audio` is sample `start` of the
    programme, so stretches have the dither of the whole. Reckoned in float32: the coarsest it
    rounds to is a 512th of a step.
    """
    samples = audio.shape[1]
    out = np.empty((samples, 2), dtype=np.int16)
    both = out.reshape(-1)
    seed_bits = np.uint32(seed)
    for first in range(0, samples, block):
        b = first // block
        size = min(block, samples - first)
        level = np.float32(32767.0 * gains[b])
        step = np.float32(32767.0 * (gains[b + 1] - gains[b]) / block)
        left, right = audio[0, first : first + size], audio[1, first : first + size]
        into = both[2 * first : 2 * (first + size)]
        at = np.uint32(2 * (start + first))
        for n in range(size):
            gain = level + step * np.float32(n)
            even = at + np.uint32(2 * n)
            into[2 * n] = _rounded(left[n], gain, triangular(even, seed_bits))
            into[2 * n + 1] = _rounded(right[n], gain, triangular(even + np.uint32(1), seed_bits))
    return out


@njit(cache=True, inline="always")
def _rounded(x: np.float32, gain: np.float32, dither: np.float32) -> np.int16:
    zero = np.float32(0.0)
    value = np.floor(x * gain + dither + np.float32(0.5))
    value = min(np.float32(32767.0), max(np.float32(-32768.0), value))
    return np.int16(np.int32(value if x != zero else zero))
