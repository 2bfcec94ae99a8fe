"""A note shorter than its rendition: levelled, placed, and let go when its time is over."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import CLEAN_S, decay_factor
from soundflow_assets.synthesis.kernels.finish import WINDOW
from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, store
from soundflow_assets.synthesis.kernels.shuffles import total_of

Levels = npt.NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def highest_levels(sound: Audio) -> Levels:
    """Return how loud `sound` (1 or 2, n) has been until the end of each 46 ms: largest power."""
    left, right = sound[0], sound[sound.shape[0] - 1]
    levels = np.empty(max(sound.shape[1] // WINDOW, 1))
    most = 1e-18
    for window in range(levels.shape[0]):
        total = splat(np.float32(0.0))
        start = window * WINDOW
        for n in range(start, min(start + WINDOW, sound.shape[1] - LANES + 1), LANES):
            x, y = load(left, n), load(right, n)
            total = total + (x * x + y * y)
        most = max(most, np.float64(total_of(total)))
        levels[window] = most
    return levels


def evened(sound: Audio, holds_s: Set[float]) -> dict[float, float]:
    """Return the gain of notes that are let go earlier than `sound`, by their holds."""
    if not holds_s:
        return {}
    levels = highest_levels(sound)
    return {hold_s: levelled(levels, hold_s) for hold_s in holds_s}


def levelled(levels: Levels, hold_s: float) -> float:
    """Return the gain that makes a note as loud at its loudest as its longer rendition is."""
    last = int(hold_s * SAMPLE_RATE) // WINDOW
    return float(np.sqrt(levels[-1] / levels[min(last, levels.shape[0] - 1)]))


@njit(cache=True, error_model="numpy")
def place_released(
    out: Audio,
    sound: Audio,
    start: int,
    left: float,
    right: float,
    hold_s: float,
    release_t60_s: float,
) -> None:
    """Add `sound` (1 or 2, n) to `out` from sample `start`, scaled by `left` and `right`.

    After `hold_s` it falls by 60 dB in `release_t60_s`, and from there straight to silence in
    12 ms. What lies outside `out` is left away, so is a note that is over before it begins.
    """
    clean = int(CLEAN_S * SAMPLE_RATE)
    hold = int(hold_s * SAMPLE_RATE) // LANES * LANES
    first = (max(0, -start) + LANES - 1) // LANES * LANES
    if first >= hold:
        return
    fall_from = hold + int(release_t60_s * SAMPLE_RATE) // LANES * LANES
    last = min(fall_from + clean, sound.shape[1], out.shape[1] - start)
    into_l, into_r = out[0], out[1]
    of_l, of_r = sound[0], sound[sound.shape[0] - 1]
    gains = np.empty((2, LANES), dtype=np.float32)
    factor = decay_factor(release_t60_s)
    fall = 1.0
    for lane in range(LANES):
        gains[0, lane] = left * fall
        gains[1, lane] = right * fall
        fall *= factor
    held_l, held_r = np.float32(left), np.float32(right)
    held = min(hold, last // LANES * LANES)
    for n in range(first, held, LANES):
        at = start + n
        store(into_l, at, load(into_l, at) + held_l * load(of_l, n))
        store(into_r, at, load(into_r, at) + held_r * load(of_r, n))
    level_l, level_r = load(gains[0], 0), load(gains[1], 0)
    by = np.float32(fall)
    falling = min(fall_from, last // LANES * LANES)
    for n in range(held, falling, LANES):
        at = start + n
        store(into_l, at, load(into_l, at) + level_l * load(of_l, n))
        store(into_r, at, load(into_r, at) + level_r * load(of_r, n))
        level_l = by * level_l
        level_r = by * level_r
    store(gains[0], 0, level_l)
    store(gains[1], 0, level_r)
    for n in range(falling, last):
        share = np.float32((last - 1 - n) / clean) if n >= fall_from else np.float32(1.0)
        into_l[start + n] += share * gains[0, 0] * of_l[n]
        into_r[start + n] += share * gains[1, 0] * of_r[n]
