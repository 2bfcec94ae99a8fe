"""How alike two tracks are: whether today's is yesterday's with another label.

Three distances, each 0 for a track and itself:

h  harmony: the chroma of each beat over a cycle of 32 beats (8 bars), averaged over the cycles, the
   tonic turned away; without a pulse, where chords last for bars, over 32 bars. 1 - cosine after
   the mean of each is taken off, halved. Key and the beat on which the cycle is counted in do not
   matter: the least distance over all of both counts.
r  rhythm: how onset strength is spread over the 16 steps of a bar; total variation. Music without
   a pulse has none: its onsets lie evenly over any bar, which says nothing.
t  timbre: RMS difference of the mean mel cepstra, coefficients 1 to 12 (levels in dB).

A day fails when h < .08 and r < .05; without a pulse, when h < .08 and t < 1 (of nine pairs of one
piece with other seeds h was at most .05 and t .4; of 22 pairs of other pieces h was at least .07).
A track is redrawn unless two of h >= .10, r >= .15, t >= 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.listening.bands import MEL_BANDS
from soundflow_assets.listening.grid import BEATS_PER_BAR, CLEAR_PULSE, Grid, at_times
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.pitches import RATE_HZ, SIZE
from soundflow_assets.listening.pulse import clarity
from soundflow_assets.listening.tempo import onset_strength

Floats = npt.NDArray[np.float64]

CYCLE_BEATS = 32
SLOW_CYCLE_BEATS = 128
STEPS = 16
SAME_HARMONY, SAME_RHYTHM, SAME_TIMBRE = 0.08, 0.05, 1.0
FRESH_HARMONY, FRESH_RHYTHM, FRESH_TIMBRE = 0.10, 0.15, 3.0
_COEFFICIENTS = 12


@dataclass(frozen=True, slots=True)
class Character:
    """What is compared of a track."""

    harmony: Floats  # (32, 12), cycle of beats by pitch class; (128, 12) without a pulse
    rhythm: Floats | None  # (16,), sums to 1; None without a pulse
    timbre: Floats  # (12,), cepstrum


@dataclass(frozen=True, slots=True)
class Likeness:
    """Distances of two tracks; rhythm is None where either has no pulse."""

    harmony: float
    rhythm: float | None
    timbre: float

    @property
    def same(self) -> bool:
        """Whether one is the other over again."""
        if self.rhythm is None:
            return self.harmony < SAME_HARMONY and self.timbre < SAME_TIMBRE
        return self.harmony < SAME_HARMONY and self.rhythm < SAME_RHYTHM

    @property
    def fresh(self) -> bool:
        """Whether two of the three differ clearly."""
        differing = (
            self.harmony >= FRESH_HARMONY,
            self.rhythm is not None and self.rhythm >= FRESH_RHYTHM,
            self.timbre >= FRESH_TIMBRE,
        )
        return sum(differing) >= 2


def character_of(heard: Hearing, grid: Grid) -> Character:
    """Return the character of a track."""
    beats = grid.beats_s
    if beats is None:
        beats = _quarters(grid.bars_s)
    pulse = grid.beats_s is not None and clarity(heard.long_bands_db) >= CLEAR_PULSE
    return Character(
        harmony=_harmony(heard, beats, CYCLE_BEATS if pulse else SLOW_CYCLE_BEATS),
        rhythm=_rhythm(heard, beats) if pulse else None,
        timbre=_cepstrum(heard),
    )


def likeness(first: Character, second: Character) -> Likeness:
    """Return the distances of two tracks."""
    rhythm = None
    if first.rhythm is not None and second.rhythm is not None:
        turned = [np.roll(second.rhythm, 4 * beat) for beat in range(BEATS_PER_BAR)]
        rhythm = round(min(0.5 * float(np.abs(first.rhythm - one).sum()) for one in turned), 4)
    timbre = float(np.sqrt(np.mean((first.timbre - second.timbre) ** 2)))
    return Likeness(_harmonic_distance(first.harmony, second.harmony), rhythm, round(timbre, 3))


def _harmonic_distance(first: Floats, second: Floats) -> float:
    """Return the least distance over all transpositions and starting beats.

    The correlation of every shift at once is a product of two-dimensional spectra.
    """
    beats = max(len(first), len(second))
    first, second = (np.tile(one, (beats // len(one), 1)) for one in (first, second))
    a, b = first - first.mean(), second - second.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    if size < 1e-12:
        return 0.0 if np.allclose(first, second) else 1.0
    shifts = np.fft.ifft2(np.fft.fft2(a) * np.conj(np.fft.fft2(b))).real
    return round(max(0.0, 0.5 * (1.0 - float(shifts.max()) / size)), 4)


def _harmony(heard: Hearing, beats: Floats, cycle_beats: int) -> Floats:
    """Return the mean cycle of beat chroma; each beat's classes sum to 1."""
    frames = np.rint((beats - 0.5 * SIZE / SAMPLE_RATE) * RATE_HZ).astype(np.int64)
    frames = np.clip(frames, 0, len(heard.chroma))
    classes = heard.chroma.reshape(len(heard.chroma), 12, 3).sum(axis=2)
    sums = np.concatenate((np.zeros((1, 12)), np.cumsum(classes, axis=0)))
    chroma = sums[frames[1:]] - sums[frames[:-1]]
    total = chroma.sum(axis=1, keepdims=True)
    chroma = np.divide(chroma, total, out=np.zeros_like(chroma), where=total > 1e-9)
    cycle = np.zeros((cycle_beats, 12))
    np.add.at(cycle, np.arange(len(chroma)) % cycle_beats, chroma)
    counts = np.bincount(np.arange(len(chroma)) % cycle_beats, minlength=cycle_beats)
    mean: Floats = cycle / np.maximum(1, counts)[:, None]
    return mean


def _rhythm(heard: Hearing, beats: Floats) -> Floats:
    """Return how onset strength is spread over the steps of a bar, its even part taken away."""
    strength = onset_strength(heard.flux).astype(np.float32)
    places = np.interp(np.arange(4 * (len(beats) - 1)) / 4.0, np.arange(len(beats)), beats)
    # A step's onset may fall a little late (swing, feel): the highest within 25 ms counts.
    near = np.max(
        [at_times(strength, places + late) for late in (-0.012, 0.0, 0.012, 0.024)], axis=0
    )
    whole = near[: len(near) // STEPS * STEPS].reshape(-1, STEPS).mean(axis=0)
    total = float(whole.sum())
    spread: Floats = whole / total if total > 0.0 else np.full(STEPS, 1.0 / STEPS)
    return spread


def _cepstrum(heard: Hearing) -> Floats:
    """Return the mean mel cepstrum of the audible frames, orthonormal cosine transform."""
    level = 10.0 * np.log10(np.maximum(heard.mel.astype(np.float64), 1e-12))
    loud = level.max(axis=1) > level.max() - 60.0
    mean = np.maximum(level[loud], level.max() - 80.0).mean(axis=0)
    place = (np.arange(MEL_BANDS) + 0.5) / MEL_BANDS
    rows = np.cos(np.pi * np.outer(np.arange(1, _COEFFICIENTS + 1), place))
    cepstrum: Floats = np.sqrt(2.0 / MEL_BANDS) * (rows @ mean)
    return cepstrum


def _quarters(bars: Floats) -> Floats:
    quarters: Floats = np.interp(
        np.arange(BEATS_PER_BAR * (len(bars) - 1) + 1) / BEATS_PER_BAR, np.arange(len(bars)), bars
    )
    return quarters
