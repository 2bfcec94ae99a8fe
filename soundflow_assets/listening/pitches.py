"""Pitch classes from spectral peaks, for all voices and for the bass.

After the harmonic pitch class profile (Gómez, *Tonal Description of Music Audio Signals*, 2006):
each local maximum of the magnitude spectrum is placed by a parabola through its logarithmic
neighbours and counts, by the root of its magnitude and a squared cosine two thirds of a semitone
wide either way, for 36 pitch classes, a third of a semitone each, class 0 centred on C. A peak also
counts for the fundamentals whose 2nd, 3rd or 4th harmonic it may be, each step 0.6 times weaker.
The bass has a profile of its own, without that step (as in Mauch and Dixon 2010): its lowest notes
are what tells a tonic from its fifth or its relative. Each moment counts alike: the highest class
of a frame is 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.stretches import Stretch, spectra, windows

Floats = npt.NDArray[np.float64]
Series = npt.NDArray[np.float32]

SIZE, HOP = 8192, 4096
RATE_HZ = SAMPLE_RATE / HOP
CLASSES = 36
OCTAVE_BANDS = 108
BAND_EDGES_HZ = 30.0 * 2.0 ** (np.arange(OCTAVE_BANDS + 1) / 12.0)  # to 15.4 kHz
_QUIET = -6.0  # natural logarithm of the least magnitude that counts, under -100 dBFS
_NEPER_DB = 8.686


@dataclass(frozen=True, slots=True)
class _Register:
    """Which peaks count, and for how many fundamentals."""

    range_hz: tuple[float, float]
    depth_db: float  # under the frame's highest peak
    harmonics: int


_ALL = _Register((50.0, 3500.0), 50.0, 4)
_BASS = _Register((38.0, 260.0), 30.0, 1)
_DECAY = 0.6


def pitched(stretch: Stretch, mono: Series) -> dict[str, Series]:
    """Return `octaves` (frames, 108), power per semitone, `chroma` and `bass` (frames, 36)."""
    found: dict[str, list[Series]] = {"octaves": [], "chroma": [], "bass": []}
    for block in spectra(windows(stretch, mono, SIZE, HOP)):
        magnitude = np.abs(block)
        found["octaves"].append(_semitones(magnitude))
        found["chroma"].append(_profiles(magnitude, _ALL))
        found["bass"].append(_profiles(magnitude, _BASS))
    widths = {"octaves": OCTAVE_BANDS, "chroma": CLASSES, "bass": CLASSES}
    return {
        name: np.concatenate([np.zeros((0, widths[name]), np.float32), *parts])
        for name, parts in found.items()
    }


def _semitones(magnitude: Series) -> Series:
    """Return the power of each semitone; where these are narrower than bins, a share of the bin."""
    power = np.cumsum(magnitude.astype(np.float64) ** 2, axis=1)
    places = BAND_EDGES_HZ * SIZE / SAMPLE_RATE - 0.5
    whole = places.astype(np.int64)
    share = places - whole
    below = power[:, whole] * (1.0 - share) + power[:, whole + 1] * share
    semitones: Series = np.diff(below, axis=1).astype(np.float32)
    return semitones


def _profiles(magnitude: Series, register: _Register) -> Series:
    """Return the profile of each frame of magnitudes (frames, SIZE // 2 + 1), (frames, 36)."""
    low, high = (round(hertz * SIZE / SAMPLE_RATE) for hertz in register.range_hz)
    level = np.log(np.maximum(magnitude[:, low - 1 : high + 2], 1e-9)).astype(np.float64)
    left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
    floor = middle.max(axis=1, keepdims=True) - register.depth_db / _NEPER_DB
    peak = (middle > left) & (middle >= right) & (middle > np.maximum(floor, _QUIET))
    frame, place = np.nonzero(peak)
    a, b, c = left[peak], middle[peak], right[peak]
    off = 0.5 * (a - c) / (a - 2.0 * b + c)
    hertz = (place + low + off) * SAMPLE_RATE / SIZE
    height = np.exp(0.5 * (b - 0.25 * (a - c) * off))
    profile = np.zeros((len(magnitude), CLASSES))
    for harmonic in range(1, register.harmonics + 1):
        _spread(profile, frame, hertz / harmonic, height * _DECAY ** (harmonic - 1))
    highest = np.maximum(profile.max(axis=1, keepdims=True), 1e-9)
    scaled: Series = (profile / highest).astype(np.float32)
    return scaled


def _spread(profile: Floats, frame: npt.NDArray[np.int64], hertz: Floats, height: Floats) -> None:
    """Add peaks to the classes near each."""
    third = 36.0 * np.log2(hertz / 440.0) + 27.0  # A is class 27
    nearest = np.rint(third).astype(np.int64)
    flat = profile.reshape(-1)
    for beside in (-1, 0, 1):
        target = nearest + beside
        share = np.cos(np.pi / 4.0 * np.minimum(np.abs(third - target), 2.0)) ** 2
        places = frame * CLASSES + target % CLASSES
        flat += np.bincount(places, weights=height * share, minlength=flat.size)
