"""Where the energy lies: long-term spectrum, its tilt, its shares, and the low end's coherence.

Conventions: power spectra after Welch, 16384 samples with a Hann window and half overlap. Tilt is
the slope in dB per octave of the power density in third-octave bands from 100 Hz to 8 kHz (pink
noise: -3). Shares are power within a band over all power, in dB. Low-band correlation is the
channels' correlation below 120 Hz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.bands import LONG_SIZE
from soundflow_assets.synthesis.kernels.spectrum import PRESENCE_BAND_HZ

Floats = npt.NDArray[np.float64]
BANDS_HZ = {
    "sub": (20.0, 60.0),
    "low": (60.0, 250.0),
    "middle": (250.0, 2000.0),
    "presence": PRESENCE_BAND_HZ,
    "air": (10000.0, 20000.0),
}


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Long-term facts; shares by the names of `BANDS_HZ`."""

    tilt_db_per_octave: float
    shares_db: dict[str, float]
    low_correlation: float  # 1.0 without energy there
    centroid_hz: float


def spectrum_of(powers: Floats) -> Spectrum:
    """Return the long-term facts of `bands.long_term` power (3, bins)."""
    left2, right2, cross = powers
    power = left2 + right2
    hertz = np.arange(len(power)) * SAMPLE_RATE / LONG_SIZE
    total = float(power.sum())
    low = hertz < 120.0
    both = math.sqrt(float(left2[low].sum()) * float(right2[low].sum()))
    return Spectrum(
        tilt_db_per_octave=round(_tilt(hertz, power), 2),
        shares_db={
            name: _decibels(float(power[(hertz >= a) & (hertz < b)].sum()), total)
            for name, (a, b) in BANDS_HZ.items()
        },
        low_correlation=round(float(cross[low].sum()) / both, 4) if both > 0.0 else 1.0,
        centroid_hz=round(float((hertz * power).sum()) / total, 1) if total > 0.0 else 0.0,
    )


def _tilt(hertz: Floats, power: Floats) -> float:
    """Fit a line to the third-octave densities from 100 Hz to 8 kHz; 0 in silence."""
    octaves, levels = [], []
    for third in range(20):
        centre = 100.0 * 2.0 ** (third / 3.0)
        inside = (hertz >= centre * 2 ** (-1 / 6)) & (hertz < centre * 2 ** (1 / 6))
        density = float(power[inside].mean()) if inside.any() else 0.0
        if density > 0.0:
            octaves.append(third / 3.0)
            levels.append(10.0 * math.log10(density))
    return float(np.polyfit(octaves, levels, 1)[0]) if len(octaves) > 2 else 0.0


def _decibels(part: float, total: float) -> float:
    return round(10.0 * math.log10(part / total), 2) if part > 0.0 else -math.inf
