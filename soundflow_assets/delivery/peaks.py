"""Waveform peaks as players read them: audiowaveform's JSON, version 2, 8 bits.

Each pixel is a pair (lowest, highest) of the samples it covers, both channels averaged, divided by
256. (github.com/bbc/audiowaveform, doc/DataFormat.md)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Pcm

Whole = npt.NDArray[np.int64]

POINTS = 1800


def peaks(
    blocks: Iterable[Pcm], samples: int, sample_rate: int, points: int = POINTS
) -> dict[str, Any]:
    """Return the peaks document of a programme that comes in blocks, int16 (n, channels) each.

    Each pixel covers the least whole number of samples that keeps the file within `points`
    pixels; the last may cover fewer.
    """
    per_pixel = max(1, -(-samples // points))
    pixels = -(-samples // per_pixel)
    low, high = np.full(pixels, 1 << 30), np.full(pixels, -1 << 30)
    at, channels = 0, 2
    for pcm in blocks:
        channels = pcm.shape[1]
        total = pcm[:, 0].astype(np.int32)
        for channel in range(1, channels):
            total += pcm[:, channel]
        first, last = at // per_pixel, -(-(at + len(pcm)) // per_pixel)
        starts = np.maximum(np.arange(first, last) * per_pixel - at, 0)
        low[first:last] = np.minimum(low[first:last], np.minimum.reduceat(total, starts))
        high[first:last] = np.maximum(high[first:last], np.maximum.reduceat(total, starts))
        at += len(pcm)
    data = np.stack((_eight_bits(low, channels), _eight_bits(high, channels)), axis=1)
    return {
        "version": 2,
        "channels": 1,
        "sample_rate": sample_rate,
        "samples_per_pixel": per_pixel,
        "bits": 8,
        "length": pixels,
        "data": data.ravel().tolist(),
    }


def peaks_json(
    blocks: Iterable[Pcm], samples: int, sample_rate: int, points: int = POINTS
) -> bytes:
    """Return `peaks` as the bytes of its file."""
    document = peaks(blocks, samples, sample_rate, points)
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _eight_bits(totals: Whole, channels: int) -> Whole:
    """Return sums over channels as their mean in 8 bits; both divisions go towards zero.

    That is what audiowaveform does. Neither changes an order, so they may follow the extremes.
    """
    scaled: Whole = np.sign(totals) * (np.abs(totals) // channels // 256)
    return scaled
