"""Short noises of playing: hammers, keys, fingers, mallets, breath at the lip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.hashes import counters_of, hashed, uniforms
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.second_order import (
    BAND,
    MEMORIES,
    run_second_order,
    second_order,
)


@njit(cache=True)
def thump(
    out: npt.NDArray[np.float32],
    start_s: float,
    freq_hz: float,
    q: float,
    t60_s: float,
    gain: float,
    spread: float,
    seed: int,
) -> None:
    """Add a dying burst of band-passed noise to `out` (channels, n), 1 ms after `start_s` at most.

    `gain` is the peak the noise would have unfiltered at Q 1; `spread`, 0 to 1, is the part of it
    that differs between the channels.
    """
    samples = out.shape[1]
    start = int(start_s * SAMPLE_RATE)
    end = min(start + int(t60_s * 1.2 * SAMPLE_RATE) + 64, samples)
    filtered = second_order(BAND, freq_hz, 1.0 / q)
    fall = decay_factor(t60_s)
    boost = gain * np.sqrt(q) * np.sqrt(0.25 / min(svf_g(freq_hz), 0.25)) / q
    size = (max(end - start, 0) + LANES - 1) // LANES * LANES
    common, own = counters_of(seed), np.empty(size)
    levels = np.empty(size)
    level = 0.0
    for n in range(size):
        level = level + 0.0226757 if n < 44 else level * fall
        levels[n] = level
    for channel in range(out.shape[0]):
        different = counters_of(seed + 101 + channel)
        for n in range(0, size, LANES):
            x = (1.0 - spread) * uniforms(hashed(common, n))
            x = x + spread * uniforms(hashed(different, n))
            store(own, n, x * load(levels, n))
        run_second_order(own, size, filtered, np.zeros((MEMORIES, LANES)))
        for i in range(start, end):
            out[channel, i] += boost * own[i - start]
