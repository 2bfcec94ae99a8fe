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
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, widened
from soundflow_assets.synthesis.kernels.shuffles import total_of

_SILENCE_GAIN = 0.001
_BLOCK_S = 0.01
# A 16-bit decoder's limits, less a rounding.
_FULL_SCALE = 0.99993
_STRETCH = 4096  # samples looked at for clipping, and added up, at a time

Row = npt.NDArray[np.float32]


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
        _add_moments(np.ascontiguousarray(audio), self._sums)
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
def _add_moments(audio: Audio, sums: npt.NDArray[np.float64]) -> None:
    """Add L, R, L², R², L·R and the number of clipped pairs; `sums` ends in the last samples."""
    for start in range(0, audio.shape[1], _STRETCH):
        stop = min(audio.shape[1], start + _STRETCH)
        _add_powers(audio[0], audio[1], start, stop, sums)
        for channel in range(2):
            row = audio[channel]
            if highest(row, start, stop) >= _FULL_SCALE:
                sums[5] += _clipped_pairs(row, start, stop, sums[6 + channel])
            sums[6 + channel] = row[stop - 1]


@njit(cache=True)
def _add_powers(
    left: Row, right: Row, start: int, stop: int, sums: npt.NDArray[np.float64]
) -> None:
    """Add L, R, L², R² and L·R of a stretch."""
    whole = start + (stop - start) // LANES * LANES
    nothing = splat(0.0)
    a, b, aa, bb, ab = nothing, nothing, nothing, nothing, nothing
    for n in range(start, whole, LANES):
        x, y = widened(load(left, n)), widened(load(right, n))
        a, b = a + x, b + y
        aa, bb, ab = aa + x * x, bb + y * y, ab + x * y
    sums[0] += total_of(a)
    sums[1] += total_of(b)
    sums[2] += total_of(aa)
    sums[3] += total_of(bb)
    sums[4] += total_of(ab)
    for n in range(whole, stop):
        p, q = np.float64(left[n]), np.float64(right[n])
        sums[0] += p
        sums[1] += q
        sums[2] += p * p
        sums[3] += q * q
        sums[4] += p * q


@njit(cache=True)
def _clipped_pairs(row: Row, start: int, stop: int, before: float) -> float:
    """Return how many samples of a stretch are clipped like the one before them."""
    pairs = 0.0
    for n in range(start, stop):
        x = np.float64(row[n])
        if abs(x) >= _FULL_SCALE and abs(before) >= _FULL_SCALE and x * before > 0.0:
            pairs += 1.0
        before = x
    return pairs


def _db(power: float) -> float:
    return round(10.0 * math.log10(power), 2) if power > 0.0 else -math.inf


def _db_ratio(above: float, below: float) -> float:
    if above <= 0.0:
        return -math.inf
    return round(10.0 * math.log10(above / below), 2) if below > 0.0 else math.inf
