"""Placing, adding and levelling: the plain arithmetic between buffers.

Buffers are float32 `(2, samples)`; sends are float32 `(samples,)`. Curves are float32 values at
every `CONTROL` samples, one more than there are whole steps, read by straight lines in between.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    RAMP,
    load,
    narrowed,
    splat,
    store,
    widened,
)
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.kernels.shuffles import total_of

Mono = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float32]
Energies = npt.NDArray[np.float64]
Swell = npt.NDArray[np.float64]

CONTROL = 32  # samples between two values of a curve
TILE = 32768  # samples an effect chain works on at a time; fits the second-level cache


@njit(cache=True, error_model="numpy")
def place(
    out: Audio,
    sound: Audio,
    start: int,
    left: float,
    right: float,
    length: int,
    fade: int,
) -> None:
    """Add `sound` (1 or 2, n) to `out` from sample `start`, scaled by `left` and `right`.

    Only the first `length` samples sound; when that cuts the sound short, its last `fade` samples
    fall to zero in a straight line. What lies outside `out` is left away.
    """
    whole = sound.shape[1]
    stop = min(whole, length)
    cut = stop < whole
    second = sound.shape[0] - 1
    first = max(0, -start)
    last = min(stop, out.shape[1] - start)
    fade_from = max(0, stop - fade) if cut else stop
    gain_l = np.float32(left)
    gain_r = np.float32(right)
    into_l = out[0]
    into_r = out[1]
    of_l = sound[0]
    of_r = sound[second]
    plain = max(first, min(last, fade_from))
    whole = first + (plain - first) // LANES * LANES
    for n in range(first, whole, LANES):
        at = start + n
        store(into_l, at, load(into_l, at) + gain_l * load(of_l, n))
        store(into_r, at, load(into_r, at) + gain_r * load(of_r, n))
    for n in range(whole, plain):
        into_l[start + n] += gain_l * of_l[n]
        into_r[start + n] += gain_r * of_r[n]
    for n in range(max(first, fade_from), last):
        share = np.float32((stop - n) / (stop - fade_from + 1))
        into_l[start + n] += share * gain_l * sound[0, n]
        into_r[start + n] += share * gain_r * sound[second, n]


@njit(cache=True, error_model="numpy")
def add(out: Audio, sound: Audio, gain: float) -> None:
    """Add `gain` times `sound` to `out`, both (2, samples)."""
    g = np.float32(gain)
    for channel in range(2):
        into = out[channel]
        of = sound[channel]
        for n in range(into.shape[0]):
            into[n] += g * of[n]


@njit(cache=True, error_model="numpy")
def tile_powers(audio: Audio, tile: int) -> Energies:
    """Return the mean square of each tile, both channels together; NaN where one is not finite."""
    samples = audio.shape[1]
    out = np.zeros((samples + tile - 1) // tile)
    left, right = audio[0], audio[1]
    for t in range(out.shape[0]):
        start = t * tile
        stop = min(samples, start + tile)
        whole = start + (stop - start) // LANES * LANES
        total = np.float64(0.0)
        for first in range(start, whole, 64 * LANES):
            part = splat(np.float32(0.0))
            for n in range(first, min(whole, first + 64 * LANES), LANES):
                x, y = load(left, n), load(right, n)
                part = part + (x * x + y * y)
            total += total_of(widened(part))
        for n in range(whole, stop):
            total += left[n] * left[n] + right[n] * right[n]
        out[t] = total / (2 * (stop - start))
    return out


@njit(cache=True, error_model="numpy")
def pour(
    audio: Audio,
    gain: float,
    swell: Swell,
    out: Audio,
    reverb_send: Mono,
    reverb: Curve,
    delay_send: Mono,
    delay: Curve,
) -> None:
    """Add `audio`, scaled by `gain`, to `out`, its mid signal to the sends, and empty it.

    All in one pass: buffers of whole tracks are far larger than any cache.

    Parameters
    ----------
    audio, out : float32 (2, samples); `audio` is silent afterwards.
    swell : what else scales `out` alone: gains as float64 curve, or none of them for 1.
    reverb_send, delay_send : float32 (samples,)
    reverb, delay : curves of send gain, after the scaling.
    """
    g = np.float32(gain)
    samples = audio.shape[1]
    left, right = audio[0], audio[1]
    into_l, into_r = out[0], out[1]
    half = np.float32(0.5)
    nothing = splat(np.float32(0.0))
    for step in range((samples + CONTROL - 1) // CONTROL):
        start = step * CONTROL
        to_reverb = reverb[step] * half
        to_delay = delay[step] * half
        now, slope = 1.0, 0.0
        if swell.shape[0] > 0:
            now = swell[step]
            slope = (swell[step + 1] - now) / CONTROL
        if start + CONTROL > samples:
            for n in range(start, samples):
                level = np.float32(now + slope * (n - start))
                x, y = g * left[n], g * right[n]
                left[n] = right[n] = np.float32(0.0)
                into_l[n] += level * x
                into_r[n] += level * y
                reverb_send[n] += to_reverb * (x + y)
                delay_send[n] += to_delay * (x + y)
            continue
        for n in range(start, start + CONTROL, LANES):
            x, y = g * load(left, n), g * load(right, n)
            store(left, n, nothing)
            store(right, n, nothing)
            if to_reverb != 0.0:
                store(reverb_send, n, load(reverb_send, n) + to_reverb * (x + y))
            if to_delay != 0.0:
                store(delay_send, n, load(delay_send, n) + to_delay * (x + y))
            if swell.shape[0] > 0:
                level = narrowed(now + slope * (load(RAMP, 0) + float(n - start)))
                x, y = level * x, level * y
            store(into_l, n, load(into_l, n) + x)
            store(into_r, n, load(into_r, n) + y)


@njit(cache=True, error_model="numpy")
def cross_fade_ends(audio: Audio, rise: int, fall_from: int, fall_to: int) -> None:
    """Scale `audio` in place, in over `rise` samples and out from `fall_from` to `fall_to`.

    The ends are a quarter of a sine: with the neighbour's, the power of unrelated sound stays.
    """
    samples = audio.shape[1]
    for n in range(samples):
        level = 1.0
        if n < rise:
            level *= dsin(0.25 * n / rise)
        if n >= fall_from:
            left = fall_to - n
            level *= dsin(0.25 * left / (fall_to - fall_from)) if left > 0 else 0.0
        audio[0, n] *= np.float32(level)
        audio[1, n] *= np.float32(level)


@njit(cache=True, error_model="numpy")
def fade_ends(audio: Audio, rise: int, fall_from: int, silent_from: int, start: int = 0) -> None:
    """Fade in over `rise` samples, out from `fall_from`, to exact zero from `silent_from` on.

    Both are smoothsteps (3t² - 2t³); the fall is squared, which the ear takes for an even fade.
    Column 0 of `audio` is sample `start` of what is faded.
    """
    samples = start + audio.shape[1]
    for n in range(start, min(rise, samples)):
        t = n / rise
        gain = np.float32(t * t * (3.0 - 2.0 * t))
        audio[0, n - start] *= gain
        audio[1, n - start] *= gain
    span = silent_from - fall_from
    for n in range(max(start, fall_from), min(samples, silent_from)):
        t = (silent_from - n) / span
        share = t * t * (3.0 - 2.0 * t)
        gain = np.float32(share * share)
        audio[0, n - start] *= gain
        audio[1, n - start] *= gain
    for n in range(max(start, silent_from), samples):
        audio[0, n - start] = np.float32(0.0)
        audio[1, n - start] = np.float32(0.0)
