"""Frequency-modulated tones: the electric piano's bar and tine, and struck glass.

Chowning's phase modulation, sin(θ + I·sin(m·θ)), with decaying index (J. AES 21:7, 1973). Phases
are step·i, never a running sum, so that a block of samples can be computed side by side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.math import dexp2, sines, soft_clip

BLOCK = 32
RAMP = np.arange(BLOCK, dtype=np.float64)


class Electric(NamedTuple):
    """Body and tine of one note; decays as T60 in seconds."""

    body_index: float  # at the strike
    body_floor: float  # share of the index that stays
    body_index_s: float
    body_s: float  # the quick part of the body's decay
    body_slow_s: float  # the slow part
    slow_share: float
    tine_ratio: float
    tine_index: float
    tine_s: float
    tine_gain: float
    bark: float  # asymmetric saturation of the pickup, 0 to 1
    detune_cents: float  # between the left and the right body
    spread: float  # how far they are panned, 0 to 1


@njit(cache=True)
def electric(out: npt.NDArray[np.float32], freq_hz: float, tone: Electric, phase: float) -> None:
    """Write one undamped note into `out` (2, samples); `phase` turns the tine against the body."""
    samples = out.shape[1]
    split = dexp2(0.5 * tone.detune_cents / 1200.0)
    step_l = freq_hz * split / SAMPLE_RATE
    step_r = freq_hz / split / SAMPLE_RATE
    step_t = freq_hz * tone.tine_ratio / SAMPLE_RATE
    quick_k = block_factor(tone.body_s)
    slow_k = block_factor(tone.body_slow_s)
    index_k = block_factor(tone.body_index_s)
    tine_k = block_factor(tone.tine_s)
    quick = 1.0 - tone.slow_share
    slow = tone.slow_share
    index = tone.body_index * (1.0 - tone.body_floor)
    tine = tone.tine_gain
    near = 0.5 + 0.5 * tone.spread
    far = 0.5 - 0.5 * tone.spread
    # A pickup beside the tine's rest point bends the wave to one side: even partials, louder
    # than odd ones when struck hard. The clip's own DC is taken out by subtracting its rest value.
    lean = 0.35 * tone.bark
    rest = soft_clip(lean)
    push = 1.0 + 1.2 * tone.bark
    made = np.empty((2, BLOCK))
    made_l, made_r = made[0], made[1]
    for start in range(0, samples, BLOCK):
        body = quick + slow
        body_next = quick * quick_k + slow * slow_k
        slope = (body_next - body) / BLOCK
        depth = (index + tone.body_index * tone.body_floor) * 0.15915494309189535
        turn = tone.tine_index * 0.15915494309189535 * (tine / (tone.tine_gain + 1e-9))
        ping_slope = tine * (tine_k - 1.0) / BLOCK
        for k in range(0, BLOCK, LANES):
            j = load(RAMP, k)
            i = j + float(start)
            level = slope * j + body
            left = i * step_l
            right = i * step_r + 0.07
            bar_l = level * sines(left + depth * sines(left))
            bar_r = level * sines(right + depth * sines(right))
            a = near * bar_l + far * bar_r
            b = far * bar_l + near * bar_r
            if tine > 1e-5:
                loud = ping_slope * j + tine
                tined = sines(i * step_t + phase)
                ping = loud * sines(left + turn * tined) + 0.35 * (loud * tined)
                a = a + ping
                b = b + 0.85 * ping
            store(made_l, k, a)
            store(made_r, k, b)
        for k in range(min(BLOCK, samples - start)):
            a, b = made_l[k], made_r[k]
            if tone.bark > 0.0:
                a = soft_clip(push * a + lean) - rest
                b = soft_clip(push * b + lean) - rest
            out[0, start + k] = a
            out[1, start + k] = b
        quick *= quick_k
        slow *= slow_k
        index *= index_k
        tine *= tine_k


@njit(cache=True, inline="always")
def block_factor(t60_s: float) -> float:
    """Return the gain per block of a decay by 60 dB in `t60_s`."""
    k = decay_factor(t60_s)
    k *= k
    k *= k
    k *= k
    k *= k
    return k * k
