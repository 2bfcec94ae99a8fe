"""The key that is heard, from pitch-class energy.

A chroma vector holds the energy of the twelve pitch classes (0 = C) between 60 Hz and 2 kHz, each
moment counted alike. The key is the one of 24 whose profile correlates best with it, by the mean of
Krumhansl and Kessler's probe-tone ratings and Temperley's revision of them. Relative keys share
their notes and are easily taken for each other, so relations are named:

=========  =================================================
relation   found key against the planned one
=========  =================================================
exact      the same
relative   C for Am, Am for C
parallel   C for Cm, Cm for C
fifth      the tonic a fifth above or below, in the same mode
other      anything else
=========  =================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.listening.spectrum import frames
from soundflow_assets.plans.key import Key

Floats = npt.NDArray[np.float64]
Relation = Literal["exact", "relative", "parallel", "fifth", "other"]
_SIZE, _HOP = 8192, 4096
_RANGE_HZ = (60.0, 2000.0)
_KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
_TEMPERLEY = (
    (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
    (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
)


@dataclass(frozen=True, slots=True)
class HeardKey:
    """The best key, its correlation (-1 to 1), and its lead over the next one."""

    key: Key
    strength: float
    lead: float


def measure_key(audio: Audio, sample_rate: int) -> HeardKey:
    """Return the key of float32 (channels, samples); strength 0 where nothing has a pitch."""
    return key_of_chroma(chroma(audio, sample_rate))


def key_of_chroma(pitch_classes: Floats) -> HeardKey:
    """Return the key whose profiles fit a chroma vector (12,) best."""
    scores = sorted(
        (
            (_fit(pitch_classes, tonic, minor), tonic, minor)
            for tonic in range(12)
            for minor in (False, True)
        ),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    (best, tonic, minor), (second, _, _) = scores[:2]
    return HeardKey(Key(tonic, minor), round(best, 3), round(best - second, 3))


def relation(found: Key, planned: Key) -> Relation:
    """Name how `found` stands to `planned`."""
    interval = (found.tonic - planned.tonic) % 12
    if found.minor == planned.minor:
        return "exact" if interval == 0 else "fifth" if interval in (5, 7) else "other"
    if interval == 0:
        return "parallel"
    return "relative" if interval == (3 if planned.minor else 9) else "other"


def chroma(audio: Audio, sample_rate: int) -> Floats:
    """Return the pitch-class energies (12,), their sum 1, or zeros in silence."""
    hertz = np.arange(1, _SIZE // 2 + 1) * sample_rate / _SIZE
    inside = (hertz >= _RANGE_HZ[0]) & (hertz <= _RANGE_HZ[1])
    pitch = 69.0 + 12.0 * np.log2(hertz[inside] / 440.0)
    off = pitch[:, None] - np.arange(12)
    # Distance to the nearest octave of each pitch class, in semitones.
    off -= 12.0 * np.rint(off / 12.0)
    weights = np.exp(-0.5 * (off / 0.35) ** 2)
    total = np.zeros(12)
    for block in frames(audio.mean(axis=0), _SIZE, _HOP):
        magnitude = np.sqrt(np.abs(block[:, 1:][:, inside]).astype(np.float64))
        peaks = magnitude * (magnitude >= np.percentile(magnitude, 75, axis=1, keepdims=True))
        moments = peaks @ weights
        sums = moments.sum(axis=1, keepdims=True)
        total += np.divide(moments, sums, out=np.zeros_like(moments), where=sums > 1e-9).sum(axis=0)
    result: Floats = total / total.sum() if total.sum() > 0 else total
    return result


def _fit(pitch_classes: Floats, tonic: int, minor: bool) -> float:
    from_tonic = np.roll(pitch_classes, -tonic)
    if from_tonic.std() < 1e-12:
        return 0.0
    fits = [np.corrcoef(from_tonic, table[int(minor)])[0, 1] for table in (_KRUMHANSL, _TEMPERLEY)]
    return float(np.mean(fits))
