"""Heat maps: the spectrogram, and how bars resemble each other, as pixels and as PNG."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt

from soundflow_assets.delivery.png import png

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

# Colours from quiet to loud, at even steps.
_HEAT = np.array(
    [[18, 19, 31], [52, 30, 96], [122, 32, 120], [205, 64, 92], [247, 140, 66], [253, 236, 160]]
)
_RANGE_DB = 66.0
_MATRIX_SIDE = 480


def spectrogram(octaves: npt.NDArray[np.float32], columns: int, rows: int) -> Pixels:
    """Return (rows, columns, 3) of power per semitone (frames, bands), low notes at the foot."""
    edges = np.linspace(0, len(octaves), columns + 1).astype(np.int64)
    starts = np.minimum(edges[:-1], len(octaves) - 1)
    power = np.add.reduceat(octaves.astype(np.float64), starts, axis=0)
    power /= np.maximum(1, np.diff(edges))[:, None]
    level = 10.0 * np.log10(np.maximum(power, 1e-12))
    bands = np.arange(octaves.shape[1])
    fine = np.linspace(0, octaves.shape[1] - 1, rows)
    smooth = np.stack([np.interp(fine, bands, column) for column in level])
    place = (smooth - np.percentile(level, 99.8)) / _RANGE_DB + 1.0
    return _coloured(place.T[::-1])


def similarity(distances_db: Floats) -> Pixels:
    """Return a square of bars against bars; like bars are bright."""
    bars = len(distances_db)
    each = max(1, _MATRIX_SIDE // bars)
    apart = distances_db[~np.eye(bars, dtype=bool)]
    far, near = np.percentile(apart, (95, 2))
    place = 1.0 - (distances_db - near) / max(1e-9, far - near)
    return _coloured(place.repeat(each, axis=0).repeat(each, axis=1)[::-1])


def png_uri(pixels: Pixels) -> tuple[bytes, str]:
    """Return a picture's PNG file, and the same as a `data:` URI."""
    data = png(pixels)
    return data, "data:image/png;base64," + base64.b64encode(data).decode()


def _coloured(place: Floats) -> Pixels:
    """Return colours for values from 0 to 1."""
    steps = np.clip(place, 0.0, 1.0) * (len(_HEAT) - 1)
    channels = [np.interp(steps, np.arange(len(_HEAT)), _HEAT[:, c]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)
