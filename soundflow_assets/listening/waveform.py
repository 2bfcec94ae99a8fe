"""Facts of the waveform itself: level, offset, clipping, silence, and how the channels relate.

Conventions: ±1 is full scale. A clipped pair is two neighbouring samples of a channel that both
stand at full scale with the same sign. Silence is where both channels stay below -60 dBFS.
Correlation is Pearson's over the whole programme (1 = mono, 0 = unrelated, -1 = opposite phase);
mid is (L+R)/2, side is (L-R)/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit

_SILENCE_GAIN = 0.001
_BLOCK_S = 0.01
# A 16-bit decoder's limits, less a rounding.
_FULL_SCALE = 0.99993


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Waveform:
    """Whole-programme facts of two channels."""

    dc_dbfs: float  # the larger channel's mean
    clipped_pairs: int
    correlation: float  # 1.0 where a channel is silent: there is no stereo
    side_to_mid_db: float
    balance_db: float  # left above right


class Moments:
    """The sums behind `Waveform`, of a programme that comes in blocks."""

    def __init__(self) -> None:
        self._sums = np.zeros(8)
        self._samples = 0

    def feed(self, audio: Audio) -> None:
        """Take the next float32 (2, n)."""
        _add_moments(audio, self._sums)
        self._samples += audio.shape[1]

    def waveform(self) -> Waveform:
        """Return the facts of everything fed so far."""
        samples = self._samples
        left, right, left2, right2, cross = (self._sums[:5] / samples).tolist()
        variances = (left2 - left * left) * (right2 - right * right)
        correlation = (cross - left * right) / math.sqrt(variances) if variances > 1e-24 else 1.0
        return Waveform(
            dc_dbfs=_db(max(abs(left), abs(right)) ** 2),
            clipped_pairs=int(self._sums[5]),
            correlation=round(correlation, 4),
            side_to_mid_db=_db_ratio(left2 + right2 - 2 * cross, left2 + right2 + 2 * cross),
            balance_db=_db_ratio(left2, right2),
        )


def silence_block(sample_rate: int) -> int:
    """Return the samples of the 10 ms by which silence is found."""
    return max(1, round(_BLOCK_S * sample_rate))


def silent_spans(
    peaks: npt.NDArray[np.float64], samples: int, sample_rate: int, at_least_s: float
) -> tuple[Span, ...]:
    """Return the silent stretches of a programme of which the peaks of every 10 ms are known."""
    quiet = peaks < _SILENCE_GAIN
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.view(np.int8), [0]))))
    block_s, end_s = silence_block(sample_rate) / sample_rate, samples / sample_rate
    spans = (
        Span(round(float(a) * block_s, 3), round(min(float(b) * block_s, end_s), 3))
        for a, b in edges.reshape(-1, 2)
    )
    return tuple(span for span in spans if span.length_s > at_least_s)


@njit(cache=True)
def _add_moments(audio: npt.NDArray[np.float32], sums: npt.NDArray[np.float64]) -> None:
    """Add L, R, L², R², L·R and the number of clipped pairs; `sums` ends in the last samples."""
    left, right, left2, right2, cross = sums[0], sums[1], sums[2], sums[3], sums[4]
    clipped = sums[5]
    before_l, before_r = sums[6], sums[7]
    for n in range(audio.shape[1]):
        a = np.float64(audio[0, n])
        b = np.float64(audio[1, n])
        left += a
        right += b
        left2 += a * a
        right2 += b * b
        cross += a * b
        if abs(a) >= _FULL_SCALE and abs(before_l) >= _FULL_SCALE and a * before_l > 0.0:
            clipped += 1.0
        if abs(b) >= _FULL_SCALE and abs(before_r) >= _FULL_SCALE and b * before_r > 0.0:
            clipped += 1.0
        before_l = a
        before_r = b
    sums[0], sums[1], sums[2], sums[3], sums[4] = left, right, left2, right2, cross
    sums[5], sums[6], sums[7] = clipped, before_l, before_r


def _db(power: float) -> float:
    return round(10.0 * math.log10(power), 2) if power > 0.0 else -math.inf


def _db_ratio(above: float, below: float) -> float:
    if above <= 0.0:
        return -math.inf
    return round(10.0 * math.log10(above / below), 2) if below > 0.0 else math.inf
