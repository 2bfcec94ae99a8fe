"""Short-time spectra in bands: mel power for timbre, flux for onsets, and the long-term spectrum.

Mel bands are evenly spaced on O'Shaughnessy's scale, 2595·log10(1 + f/700). Flux is the mean rise
of logarithmic magnitudes from frame to frame (spectral flux, Dixon 2006), the shape in which onsets
of all instruments look alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.stretches import Stretch, spectra, windows

Floats = npt.NDArray[np.float64]
Series = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MEL_SIZE, MEL_HOP, MEL_BANDS = 2048, 1024, 40
FLUX_SIZE, FLUX_HOP = 1024, 512
FLUX_RATE_HZ = SAMPLE_RATE / FLUX_HOP
LONG_SIZE = 16384
_FLUX_BANDS = 40
_FLUX_LOW = 3  # the first flux bands, below 150 Hz or so
_RANGE_HZ = (40.0, 16000.0)


def mel(stretch: Stretch, mono: Series) -> Series:
    """Return the power in each mel band of the owned frames, (frames, `MEL_BANDS`)."""
    edges = mel_edges(MEL_SIZE, MEL_BANDS, _RANGE_HZ)
    return powers(stretch, mono, MEL_SIZE, MEL_HOP, edges)


def powers(stretch: Stretch, mono: Series, size: int, hop: int, edges: Ints) -> Series:
    """Return the power between `edges`, in bins, of the owned frames, (frames, edges - 1)."""
    parts = [
        np.add.reduceat(np.abs(block[:, : edges[-1]]) ** 2, edges[:-1], axis=1)
        for block in spectra(windows(stretch, mono, size, hop))
    ]
    return _rows(parts, len(edges) - 1)


def fluxes(stretch: Stretch, mono: Series) -> dict[str, Series]:
    """Return `flux` and `low_flux` of the owned frames."""
    edges = mel_edges(FLUX_SIZE, _FLUX_BANDS, (_RANGE_HZ[0], 11000.0))
    frames = windows(stretch, mono, FLUX_SIZE, FLUX_HOP)
    before = _frame_before(stretch, mono)
    logs = [before] if before is not None else []
    for block in spectra(frames):
        magnitude = np.add.reduceat(np.abs(block[:, : edges[-1]]), edges[:-1], axis=1)
        logs.append(np.log1p(1000.0 * magnitude))
    rows = _rows(logs, _FLUX_BANDS)
    rise = np.maximum(np.diff(rows, axis=0, prepend=rows[:1]), 0.0)
    owned = rise[0 if before is None else 1 :]
    return {
        "flux": owned.mean(axis=1, dtype=np.float32),
        "low_flux": owned[:, :_FLUX_LOW].mean(axis=1, dtype=np.float32),
    }


def long_term(stretch: Stretch) -> Floats:
    """Return the summed power of left, right, and the real part of their cross power (3, bins)."""
    total = np.zeros((3, LONG_SIZE // 2 + 1))
    pairs = zip(
        *(
            spectra(windows(stretch, channel, LONG_SIZE, LONG_SIZE // 2))
            for channel in stretch.audio
        ),
        strict=True,
    )
    for left, right in pairs:
        total[0] += (np.abs(left) ** 2).sum(axis=0)
        total[1] += (np.abs(right) ** 2).sum(axis=0)
        total[2] += (left.real * right.real + left.imag * right.imag).sum(axis=0)
    return total


def mel_edges(size: int, count: int, range_hz: tuple[float, float]) -> Ints:
    """Return the first bins of `count` bands and the end of the last; each has a bin at least."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in range_hz)
    hertz = 700 * (10 ** (np.linspace(low, high, count + 1) / 2595) - 1)
    bins = np.rint(hertz * size / SAMPLE_RATE).astype(np.int64)
    for k in range(1, count + 1):
        bins[k] = max(bins[k], bins[k - 1] + 1)
    return bins


def _frame_before(stretch: Stretch, mono: Series) -> Series | None:
    """Return the logarithmic magnitudes of the last frame before the owned ones."""
    start = (-(-stretch.first // FLUX_HOP) - 1) * FLUX_HOP - stretch.origin
    if start < 0:
        return None
    edges = mel_edges(FLUX_SIZE, _FLUX_BANDS, (_RANGE_HZ[0], 11000.0))
    (block,) = spectra(mono[None, start : start + FLUX_SIZE])
    magnitude = np.add.reduceat(np.abs(block[:, : edges[-1]]), edges[:-1], axis=1)
    logs: Series = np.log1p(1000.0 * magnitude)
    return logs


def _rows(parts: list[Series], width: int) -> Series:
    if not parts:
        return np.zeros((0, width), np.float32)
    return np.concatenate(parts).astype(np.float32)
