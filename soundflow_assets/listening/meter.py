"""A meter that listens to a programme block by block, as a listener does, however long it is.

It keeps what the figures need and no sound: energies of 100 ms, peaks of 10 ms, running sums. The
figures are those of the whole programme, measured at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.listening import loudness
from soundflow_assets.listening.waveform import (
    Moments,
    Span,
    Waveform,
    silence_block,
    silent_spans,
)
from soundflow_assets.reel import in_blocks
from soundflow_assets.synthesis.kernels import loudness as kernels
from soundflow_assets.synthesis.kernels.loudness import Energies
from soundflow_assets.synthesis.kernels.weighting import Weighting

_PEAK_BLOCK = 64
_OVERLAP = 2 * _PEAK_BLOCK  # of the past, so that no interpolated instant is missed


@dataclass(frozen=True, slots=True)
class Heard:
    """What a meter knows at the end. Levels are those of players, at the file's own rate."""

    samples: int
    sample_rate: int
    channels: int
    energies: Energies  # K-weighted, of every whole 100 ms
    true_peak: float  # amplitude
    waveform: Waveform
    peaks: Energies  # of every 10 ms

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples / self.sample_rate

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness, -inf in silence."""
        return round(float(kernels.integrated_loudness(self.energies)), 3)

    @property
    def short_term_lufs(self) -> Energies:
        """Loudness over 3 s, a value every 100 ms."""
        return kernels.sliding_loudness(self.energies, kernels.CELLS_SHORT_TERM)

    @property
    def true_peak_dbtp(self) -> float:
        """True peak, -inf in silence."""
        peak = self.true_peak
        return round(20.0 * math.log10(peak), 3) if peak > 0.0 else -math.inf

    def silences(self, at_least_s: float) -> tuple[Span, ...]:
        """Return the silent stretches that last longer than `at_least_s`, to 10 ms."""
        return silent_spans(self.peaks, self.samples, self.sample_rate, at_least_s)


def listen(
    blocks: Iterable[Audio], sample_rate: int, tap: Callable[[Audio], None] = lambda audio: None
) -> Heard:
    """Return what is heard in a programme.

    Parameters
    ----------
    blocks
        Of `reel.BLOCK` samples, float32 (1 or 2, n).
    sample_rate
        In Hz. Another rate than 44.1 kHz, which nothing of ours has, is converted as a whole.
    tap
        Given each block as the levels are taken from it: float32 (2, n) at 44.1 kHz.

    Raises
    ------
    BadInput
        When there is no sound at all, or a sample is not a number.
    """
    if sample_rate == SAMPLE_RATE:
        return _listened(blocks, None, sample_rate, tap)
    whole = np.concatenate(list(blocks), axis=1)
    converted = in_blocks(loudness.at_44100(whole, sample_rate))
    return _listened(in_blocks(whole), converted, sample_rate, tap)


def _listened(
    blocks: Iterable[Audio],
    converted: Iterable[Audio] | None,
    sample_rate: int,
    tap: Callable[[Audio], None],
) -> Heard:
    moments, levels = Moments(), _Levels()
    peaks: list[Energies] = []
    samples = channels = 0
    for block in blocks:
        loudness.validate(block)
        audio = loudness.stereo(block)
        moments.feed(audio)
        peaks.append(kernels.block_peaks(audio, silence_block(sample_rate)))
        if converted is None:
            levels.feed(audio)
            tap(audio)
        samples, channels = samples + block.shape[1], block.shape[0]
    for block in converted or ():
        audio = loudness.stereo(block)
        levels.feed(audio)
        tap(audio)
    if not samples:
        raise BadInput("audio has no samples")
    return Heard(
        samples=samples,
        sample_rate=sample_rate,
        channels=channels,
        energies=levels.energies(),
        true_peak=levels.true_peak(),
        waveform=moments.waveform(),
        peaks=np.concatenate(peaks),
    )


class _Levels:
    """Energies and true peak of a programme at 44.1 kHz."""

    def __init__(self) -> None:
        self._weighting = Weighting()
        self._past: Audio = np.zeros((2, _OVERLAP), dtype=np.float32)
        self._peak = 0.0

    def feed(self, audio: Audio) -> None:
        self._weighting.feed(audio)
        if audio.shape[1] < _OVERLAP:
            audio = np.concatenate((self._past, audio), axis=1)
        else:
            self._interpolate(np.concatenate((self._past, audio[:, :_OVERLAP]), axis=1))
        self._interpolate(audio)
        self._past = audio[:, -_OVERLAP:].copy()

    def energies(self) -> Energies:
        return self._weighting.energies()

    def true_peak(self) -> float:
        after = np.zeros((2, _PEAK_BLOCK), dtype=np.float32)
        self._interpolate(np.concatenate((self._past, after), axis=1))
        return self._peak

    def _interpolate(self, audio: Audio) -> None:
        """Look at all blocks of `audio` but the first and the last, which lack a neighbour."""
        peaks = kernels.block_peaks(audio, _PEAK_BLOCK)
        self._peak = max(self._peak, float(peaks.max()))
        out = peaks.copy()
        kernels.raise_to_true_peaks(
            out, audio, 0, peaks, _PEAK_BLOCK, self._peak, 1, peaks.shape[0] - 1
        )
        self._peak = max(self._peak, float(out.max()))
