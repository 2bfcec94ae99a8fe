"""Waveform peaks as players read them: audiowaveform's JSON, version 2, 8 bits.

Each pixel is a pair (lowest, highest) of the samples it covers, both channels averaged, divided by
256. (github.com/bbc/audiowaveform, doc/DataFormat.md)
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Pcm

POINTS = 1800


def peaks(pcm: Pcm, sample_rate: int, points: int = POINTS) -> dict[str, Any]:
    """Return the peaks document of int16 (samples, channels).

    Each pixel covers the least whole number of samples that keeps the file within `points`
    pixels; the last may cover fewer.
    """
    samples = len(pcm)
    per_pixel = max(1, -(-samples // points))
    total = np.zeros(samples, dtype=np.int32)
    for channel in range(pcm.shape[1]):
        total += pcm[:, channel]
    starts = np.arange(0, samples, per_pixel)
    low = _eight_bits(np.minimum.reduceat(total, starts), pcm.shape[1]) if samples else total
    high = _eight_bits(np.maximum.reduceat(total, starts), pcm.shape[1]) if samples else total
    return {
        "version": 2,
        "channels": 1,
        "sample_rate": sample_rate,
        "samples_per_pixel": per_pixel,
        "bits": 8,
        "length": len(starts),
        "data": np.stack((low, high), axis=1).ravel().tolist(),
    }


def peaks_json(pcm: Pcm, sample_rate: int, points: int = POINTS) -> bytes:
    """Return `peaks` as the bytes of its file."""
    document = peaks(pcm, sample_rate, points)
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _eight_bits(totals: npt.NDArray[np.int32], channels: int) -> npt.NDArray[np.int32]:
    """Return sums over channels as their mean in 8 bits; both divisions go towards zero.

    That is what audiowaveform does. Neither changes an order, so they may follow the extremes.
    """
    scaled: npt.NDArray[np.int32] = np.sign(totals) * (np.abs(totals) // channels // 256)
    return scaled
