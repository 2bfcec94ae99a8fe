"""The last stage of every hit: filtering, drive, early-sampler grain, level and clean ends.

A hit comes in as the raw sum of its ingredients and leaves at its declared peak, without DC,
starting and ending in silence.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.drums.strikes import FLAT
from soundflow_assets.synthesis.drums.stroke import gain
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.lanes import LANES, floored, load, store
from soundflow_assets.synthesis.kernels.math import soft_clip, soft_clips
from soundflow_assets.synthesis.kernels.second_order import (
    HIGH,
    LOW,
    MEMORIES,
    Floats,
    run_second_order,
    second_order,
)

FADE_IN_S = 0.0003
FADE_OUT_S = 0.008
OPEN_HZ = 19000.0  # a low-pass from here on lets everything through


@njit(cache=True)
def _colour(
    out: Audio, highpass_hz: float, lowpass_hz: float, drive: float, levels: float, hold: float
) -> None:
    """Saturate, hold each value `hold` samples, quantise to `levels` steps, high- and low-pass."""
    samples = out.shape[1]
    size = (samples + LANES - 1) // LANES * LANES
    sound = np.zeros(size)
    high = second_order(HIGH, highpass_hz, FLAT)
    low = second_order(LOW, lowpass_hz, FLAT)
    peak = max(highest(out[0], 0, samples), highest(out[1], 0, samples), 1e-9)
    scale = 1.0 / peak
    for channel in range(2):
        for i in range(samples):
            sound[i] = out[channel, i] * scale
        if drive > 1.0:
            most = soft_clip(drive)
            for i in range(0, size, LANES):
                store(sound, i, soft_clips(load(sound, i) * drive) / most)
        if hold > 1.0:
            _hold(sound, hold)
        if levels > 0.0:
            for i in range(0, size, LANES):
                store(sound, i, floored(load(sound, i) * levels + 0.5) / levels)
        run_second_order(sound, size, high, np.zeros((MEMORIES, LANES)))
        if lowpass_hz < OPEN_HZ:
            run_second_order(sound, size, low, np.zeros((MEMORIES, LANES)))
        for i in range(samples):
            out[channel, i] = sound[i]


@njit(cache=True)
def _hold(sound: Floats, hold: float) -> None:
    """Hold every `hold`-th value of `sound` until the next."""
    held = until = 0.0
    for i in range(sound.shape[0]):
        if i >= until:
            held = sound[i]
            until += hold
        sound[i] = held


def finish(
    out: Audio,
    *,
    peak: float,
    highpass_hz: float = 25.0,
    lowpass_hz: float = 20000.0,
    drive_db: float = 0.0,
    bits: int = 0,
    hold_hz: float = SAMPLE_RATE,
    end_s: float = 0.0,
) -> Audio:
    """Return the finished hit, float32 (2, samples), peaking at `peak`.

    Parameters
    ----------
    out
        The raw hit; used as working space.
    drive_db
        Gain into the saturator, after the raw hit was brought to full scale.
    bits, hold_hz
        Word length and clock of an early sampler; 0 bits leaves the words alone.
    end_s
        Cut the hit here with a fade of 8 ms (a gate); 0 lets it ring out.
    """
    if end_s > 0:
        out = out[:, : max(int(end_s * SAMPLE_RATE), 2)].copy()
    drive = gain(drive_db)
    levels = float(1 << (bits - 1)) if bits else 0.0
    _colour(out, highpass_hz, lowpass_hz, drive, levels, SAMPLE_RATE / hold_hz)
    samples = out.shape[1]
    rise = min(int(FADE_IN_S * SAMPLE_RATE), samples // 4)
    fall = min(int(FADE_OUT_S * SAMPLE_RATE), samples // 2)
    out[:, :rise] *= np.arange(rise, dtype=np.float32) / np.float32(rise)
    out[:, samples - fall :] *= np.arange(fall - 1, -1, -1, dtype=np.float32) / np.float32(fall)
    top = float(np.max(np.abs(out)))
    out *= np.float32(peak / top) if top > 0 else np.float32(0)
    return out
