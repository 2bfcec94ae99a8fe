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
    # Averaging towards zero and dividing towards zero is what audiowaveform does.
    total = pcm.sum(axis=1, dtype=np.int32)
    mono = np.sign(total) * (np.abs(total) // pcm.shape[1])
    starts = np.arange(0, samples, per_pixel)
    low = _eight_bits(np.minimum.reduceat(mono, starts)) if samples else mono
    high = _eight_bits(np.maximum.reduceat(mono, starts)) if samples else mono
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


def _eight_bits(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    scaled: npt.NDArray[np.int32] = np.sign(values) * (np.abs(values) // 256)
    return scaled
