"""Loudness as broadcast measures it: integrated, momentary, short-term, range, true peak.

Conventions: LUFS after ITU-R BS.1770-4; momentary over 400 ms and short-term over 3 s, a new value
every 100 ms; loudness range in LU after EBU Tech 3342; true peak in dBTP at four times the rate.
Audio is float32 (2, samples) at 44.1 kHz, the rate of the filters' coefficients: `at_44100` brings
other files there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.synthesis.kernels import loudness as kernels

Floats = npt.NDArray[np.float64]
_SHORT_TERM_CELLS = 30
_MOMENTARY_CELLS = 4


@dataclass(frozen=True, slots=True)
class Loudness:
    """All loudness figures of a programme; -inf where it is silent."""

    integrated_lufs: float
    range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    short_term_step_lu: float  # largest change of short-term loudness within 1 s
    true_peak_dbtp: float

    @property
    def peak_to_loudness_lu(self) -> float:
        """True peak above integrated loudness (PLR)."""
        return self.true_peak_dbtp - self.integrated_lufs


def validate(audio: Audio) -> None:
    """Raise `BadInput` unless `audio` is float32 (1 or 2, samples), finite and not empty."""
    if audio.ndim != 2 or audio.shape[0] not in (1, 2) or audio.dtype != np.float32:
        raise BadInput(
            f"audio is {audio.dtype} {audio.shape}; expected float32 (1 or 2 channels, samples)"
        )
    if not audio.shape[1]:
        raise BadInput("audio has no samples")
    if not np.isfinite(audio).all():
        raise BadInput("audio contains samples that are not numbers")


def stereo(audio: Audio) -> Audio:
    """Return C-ordered two-channel audio; a single channel gets a silent companion.

    A lone channel then measures as BS.1770 wants: one channel's energy, not two.
    """
    if audio.shape[0] == 1:
        audio = np.concatenate((audio, np.zeros_like(audio)))
    return np.ascontiguousarray(audio)


def at_44100(audio: Audio, sample_rate: int) -> Audio:
    """Return `audio` band-limited to 44.1 kHz (its spectrum cut or extended as a whole)."""
    if sample_rate == SAMPLE_RATE:
        return audio
    samples = audio.shape[1]
    wanted = max(1, round(samples * SAMPLE_RATE / sample_rate))
    spectrum = np.fft.rfft(audio.astype(np.float64), axis=1)
    resampled = np.fft.irfft(spectrum[:, : wanted // 2 + 1], n=wanted, axis=1)
    out: Audio = (resampled * (wanted / samples)).astype(np.float32)
    return out


def integrated(audio: Audio) -> float:
    """Return the gated loudness in LUFS."""
    return _number(kernels.loudness_of(audio))


def true_peak(audio: Audio) -> float:
    """Return the true peak in dBTP, -inf in silence."""
    peak = kernels.true_peak_of(audio)
    return _number(20.0 * math.log10(peak)) if peak > 0.0 else -math.inf


def loudness_of(energies: Floats, peak: float) -> Loudness:
    """Return all figures of K-weighted energies per 100 ms and the true peak, ±1 full scale."""
    short = short_term(energies)
    return Loudness(
        integrated_lufs=_number(kernels.integrated_loudness(energies)),
        range_lu=loudness_range(short),
        momentary_max_lufs=_highest(momentary(energies)),
        short_term_max_lufs=_highest(short),
        short_term_step_lu=short_term_step(short),
        true_peak_dbtp=_number(20.0 * math.log10(peak)) if peak > 0.0 else -math.inf,
    )


def momentary(energies: Floats) -> Floats:
    """Return momentary loudness in LUFS, one value per 100 ms; value k ends with cell k + 3."""
    return kernels.sliding_loudness(energies, _MOMENTARY_CELLS)


def short_term(energies: Floats) -> Floats:
    """Return short-term loudness in LUFS, one value per 100 ms; value k ends with cell k + 29."""
    return kernels.sliding_loudness(energies, _SHORT_TERM_CELLS)


def mono_fold_loss(energies: Floats, mono_energies: Floats) -> float:
    """Return how many LU are lost when both channels play their mean, 0 in silence."""
    stereo_lufs = kernels.integrated_loudness(energies)
    if math.isinf(stereo_lufs):
        return 0.0
    return round(stereo_lufs - kernels.integrated_loudness(mono_energies), 2)


def loudness_range(short_term: Floats) -> float:
    """Return LRA in LU of short-term values (EBU Tech 3342).

    Values above -70 LUFS, then those above 20 LU under their energy mean; the range is from the
    10th to the 95th percentile of what is left, 0 when nothing is.
    """
    loud = short_term[short_term > -70.0]
    if not loud.size:
        return 0.0
    gate = 10.0 * np.log10(np.mean(10.0 ** (loud / 10.0))) - 20.0
    low, high = np.percentile(loud[loud >= gate], (10, 95))
    return _number(high - low)


def short_term_step(short_term: Floats) -> float:
    """Return the largest change of short-term loudness within 1 s, silence left out.

    The first and last 6 s are left out as well: a programme may begin and end.
    """
    inner = short_term[60:-60]
    if inner.size < 11:
        return 0.0
    before, after = inner[:-10], inner[10:]
    heard = (before > -70.0) & (after > -70.0)
    return _number(np.abs(after[heard] - before[heard]).max()) if heard.any() else 0.0


def _highest(values: Floats) -> float:
    return _number(values.max()) if values.size else -math.inf


def _number(value: float) -> float:
    """Round to what the figure is worth, so that reports repeat byte for byte."""
    return round(float(value), 3)
