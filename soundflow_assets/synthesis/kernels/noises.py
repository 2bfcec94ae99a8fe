"""Short noises of playing: hammers, keys, fingers, mallets, breath at the lip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import noise


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
    g = svf_g(freq_hz)
    k = 1.0 / q
    fall = decay_factor(t60_s)
    boost = gain * np.sqrt(q) * np.sqrt(0.25 / min(g, 0.25))
    for channel in range(out.shape[0]):
        ic1 = 0.0
        ic2 = 0.0
        level = 0.0
        for i in range(start, end):
            level = level + 0.0226757 if i - start < 44 else level * fall
            x = (1.0 - spread) * noise(i - start, seed)
            x += spread * noise(i - start, seed + 101 + channel)
            _, band, ic1, ic2 = svf(x * level, ic1, ic2, g, k)
            out[channel, i] += boost * k * band
