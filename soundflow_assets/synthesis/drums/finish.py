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
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import soft_clip

FADE_IN_S = 0.0003
FADE_OUT_S = 0.008


@njit(cache=True)
def _colour(
    out: Audio, highpass_hz: float, lowpass_hz: float, drive: float, levels: float, hold: float
) -> None:
    """Saturate, hold each value `hold` samples, quantise to `levels` steps, high- and low-pass."""
    g_high = svf_g(highpass_hz)
    g_low = svf_g(lowpass_hz)
    opened = lowpass_hz >= 19000.0
    peak = 1e-9
    for channel in range(out.shape[0]):
        for i in range(out.shape[1]):
            peak = max(peak, abs(out[channel, i]))
    scale = 1.0 / peak
    for channel in range(out.shape[0]):
        a = b = c = d = 0.0
        held = 0.0
        until = 0.0
        for i in range(out.shape[1]):
            x = out[channel, i] * scale
            if drive > 1.0:
                x = soft_clip(x * drive) / soft_clip(drive)
            if hold > 1.0:
                if i >= until:
                    held = x
                    until += hold
                x = held
            if levels > 0.0:
                x = np.floor(x * levels + 0.5) / levels
            low, band, a, b = svf(x, a, b, g_high, FLAT)
            x = x - FLAT * band - low
            if not opened:
                x, band, c, d = svf(x, c, d, g_low, FLAT)
            out[channel, i] = x


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
