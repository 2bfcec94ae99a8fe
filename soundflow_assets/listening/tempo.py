"""Tempo from the sound alone.

Onset strength is the spectral flux of logarithmic magnitudes in 40 bands, 86 frames a second. Tempo
is the period whose multiples (a comb) gather most of its autocorrelation, the bass counted once
more, because dotted figures live above it, with a mild preference for about 110 BPM; the octave of
a tempo is a matter of taste, so half and double count as agreement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.errors import BadInput
from soundflow_assets.listening.bands import FLUX_RATE_HZ
from soundflow_assets.listening.pulse import autocorrelation, clarity

Floats = npt.NDArray[np.float64]
Series = npt.NDArray[np.float32]
LEAST_S = 4.0
_BPM = (50.0, 200.0)
_PREFERRED_BPM, _PREFERENCE_OCTAVES = 110.0, 1.0
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Tempo:
    """Beats per minute and how clear the pulse is (0 to 1)."""

    bpm: float
    pulse_clarity: float


def tempo_of(flux: Series, low_flux: Series, bands_db: Series) -> Tempo:
    """Return the tempo of flux series, of all sound and of the bass; 4 s or more.

    `bands_db` are the levels that `pulse` goes by.

    Raises
    ------
    BadInput
        When it is shorter: no tempo can be told from it.
    """
    if len(flux) < round(LEAST_S * FLUX_RATE_HZ):
        raise BadInput(f"tempo needs {LEAST_S:g} s of sound; got {len(flux) / FLUX_RATE_HZ:.1f} s")
    both = autocorrelation(onset_strength(flux)) + autocorrelation(onset_strength(low_flux))
    return Tempo(round(_comb(both, FLUX_RATE_HZ), 2), clarity(bands_db))


def agrees(found_bpm: float, bpm: float, tolerance: float = TOLERANCE) -> bool:
    """Tell whether a found tempo is `bpm`, its double or its half.

    >>> agrees(61.9, 124.0), agrees(93.0, 124.0)
    (True, False)
    """
    return any(abs(found_bpm / (bpm * octave) - 1.0) <= tolerance for octave in (0.5, 1.0, 2.0))


def onset_strength(flux: Series) -> Floats:
    """Return the flux of each frame above its mean over the half second around it."""
    width = max(3, round(0.5 * FLUX_RATE_HZ))
    padded = np.pad(flux.astype(np.float64), width, mode="edge")
    local = np.convolve(padded, np.ones(width) / width, "same")
    strength: Floats = np.maximum(flux - local[width:-width], 0.0)
    return strength


def _comb(correlation: Floats, rate: float) -> float:
    """Return the tempo in BPM: coarse over the range, then fine by long combs."""
    coarse = np.arange(_BPM[0], _BPM[1], 0.25)
    away = np.log2(coarse / _PREFERRED_BPM) / _PREFERENCE_OCTAVES
    scores = _gathered(correlation, rate, coarse, 4) * np.exp(-0.5 * away**2)
    best = float(coarse[scores.argmax()])
    for teeth, reach in ((8, 0.02), (24, 0.006)):
        fine = best * np.linspace(1 - reach, 1 + reach, 121)
        best = float(fine[_gathered(correlation, rate, fine, teeth).argmax()])
    return best


def _gathered(correlation: Floats, rate: float, bpm: Floats, teeth: int) -> Floats:
    """Return the mean correlation at the first multiples of each period."""
    lags = np.arange(len(correlation))
    multiples = np.arange(1, teeth + 1)
    usable = multiples[multiples * 60.0 * rate / bpm.min() < len(correlation) / 2]
    usable = usable if usable.size else multiples[:1]
    places = np.outer(60.0 * rate / bpm, usable)
    gathered: Floats = np.interp(places, lags, correlation).mean(axis=1)
    return gathered
