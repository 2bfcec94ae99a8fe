"""Where a loop's end meets its beginning.

The join is smooth when the step over it is no larger than the steps that the sound makes anyway
(the 99.9th percentile of the differences between neighbouring samples), when the level does not
change (K-weighted, the last bar against the first), and when the loop is a whole number of bars.
Of a loop of our own only the two bars that meet are decoded, and the usual steps are theirs: the
sound there is what could hide a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.delivery.excerpt import ends_of
from soundflow_assets.delivery.loop_places import LEVEL_STEP_DB
from soundflow_assets.listening.loudness import stereo
from soundflow_assets.listening.verdict import Verdict
from soundflow_assets.synthesis.kernels import loudness as kernels

Floats = npt.NDArray[np.float64]
_BINS = 4096  # of the histogram of steps, evenly up to the largest possible one, 2
_USUAL = 0.999
_BEATS_PER_BAR = 4
_BAR_S = 2.0  # compared where no tempo is known
_FINE_CELL = 441  # samples of a cell where a bar is to be met to 10 ms
_SETTLING = 100  # of those, after which the weighting has forgotten that it began in mid-sound


@dataclass(frozen=True, slots=True)
class Ends:
    """First and last sample of a programme, and the steps between."""

    first: tuple[float, float]
    last: tuple[float, float]
    usual_step: float  # 99.9th percentile


@dataclass(frozen=True, slots=True)
class Join:
    """What happens between end and beginning."""

    step_ratio: float  # step at the join over the 99.9th percentile of all steps
    level_step_db: float  # loudness of the first bar less that of the last
    bars: float | None  # length in bars; None without a tempo


class EndsTaker:
    """Takes down the ends of a programme that comes in blocks."""

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, dtype=np.int64)
        self._first: Audio | None = None
        self._last: Audio = np.zeros((2, 0), dtype=np.float32)

    def feed(self, audio: Audio) -> None:
        """Take the next float32 (2, n)."""
        if self._first is None:
            self._first = audio[:, :1].copy()
        _count_steps(audio, self._last, self._counts)
        self._last = audio[:, -1:].copy()

    def ends(self) -> Ends:
        """Return what was seen."""
        first = self._first if self._first is not None else np.zeros((2, 1), dtype=np.float32)
        return _ends(first, self._last, self._counts)


def _ends(first: Audio, last: Audio, counts: npt.NDArray[np.int64]) -> Ends:
    share = np.cumsum(counts) / max(1, counts.sum())
    usual = (int(np.searchsorted(share, _USUAL)) + 1) * 2.0 / _BINS
    pairs = [(float(end[0, 0]), float(end[1, 0])) for end in (first, last)]
    return Ends(pairs[0], pairs[1], usual)


@njit(cache=True)
def _count_steps(audio: Audio, last: Audio, counts: npt.NDArray[np.int64]) -> None:
    """Sort the steps from each sample to the next by size; `last` (2, 0 or 1) comes before."""
    scale, most = np.float32(counts.shape[0] / 2), counts.shape[0] - 1
    for channel in range(audio.shape[0]):
        first = 0 if last.shape[1] else 1
        before = last[channel, 0] if last.shape[1] else audio[channel, 0]
        for n in range(first, audio.shape[1]):
            sample = audio[channel, n]
            counts[min(int(abs(sample - before) * scale), most)] += 1
            before = sample


def join_of(
    ends: Ends,
    energies: Floats,
    samples: int,
    bpm: float | None,
    bar_lines_s: Sequence[float] = (),
    cell: int = kernels.CELL,
) -> Join:
    """Return how a loop joins; `energies` are K-weighted, of every `cell` samples.

    Where the bar lines of its track are given, they count its bars: rubato has no even ones.
    """
    step = max(abs(a - b) for a, b in zip(ends.first, ends.last, strict=True))
    bar_s = _bar_s(bpm)
    cells = min(len(energies), _cells_of_a_bar(bpm, cell))
    begins, closes = float(energies[:cells].sum()), float(energies[-cells:].sum())
    level = 10.0 * np.log10(begins / closes) if begins > 0.0 and closes > 0.0 else 0.0
    length_s = samples / SAMPLE_RATE
    bars = round(length_s / bar_s, 4) if bpm else None
    if len(bar_lines_s) > 1:
        bars = _bars_between(np.asarray(bar_lines_s, np.float64), length_s)
    return Join(round(step / ends.usual_step, 3), round(float(level), 2), bars)


def _bar_s(bpm: float | None) -> float:
    return 60.0 * _BEATS_PER_BAR / bpm if bpm else _BAR_S


def _cells_of_a_bar(bpm: float | None, cell: int) -> int:
    return max(1, round(_bar_s(bpm) * SAMPLE_RATE / cell))


def _bars_between(lines_s: Floats, length_s: float) -> float:
    """Return how many bars a stretch as long as between two bar lines has, exact to its length."""
    lengths = lines_s[None, :] - lines_s[:, None]
    lengths[lengths <= 0.0] = np.inf
    first, last = divmod(int(np.argmin(np.abs(lengths - length_s))), len(lines_s))
    whole = last - first
    over = (length_s - float(lengths[first, last])) / (float(lengths[first, last]) / whole)
    return round(whole + over, 4)


TARGET = f"within {LEVEL_STEP_DB:g} dB, no step"


def no_loop(why: str) -> Verdict:
    """Return the verdict of a track without a loop, which is no fault."""
    return Verdict("loop", "none", TARGET, True, why)


def verdict_of_loop(path: Path, samples: int, bpm: float) -> Verdict:
    """Judge the length and the join of the file of a loop of `samples`.

    Raises
    ------
    BadInput
        When the file cannot be read as sound.
    """
    cells = _cells_of_a_bar(bpm, _FINE_CELL)
    file = ends_of(path, (cells + _SETTLING) * _FINE_CELL)
    head, tail = stereo(file.head), stereo(file.tail)
    counts = np.zeros(_BINS, dtype=np.int64)
    for part in (head, tail):
        _count_steps(part, part[:, :0], counts)
    parts = [kernels.weighted_energies(part, _FINE_CELL) for part in (head, tail)]
    energies = np.concatenate((parts[0][:cells], parts[1][-cells:]))
    ends = _ends(head[:, :1], tail[:, -1:], counts)
    join = join_of(ends, energies, file.samples, bpm, cell=_FINE_CELL)
    level = f"level {join.level_step_db:+.2f} dB"
    wave = f"wave {join.step_ratio:g} of the usual largest step"
    faults = []
    if file.samples != samples:
        faults.append(f"{file.samples} samples instead of {samples}")
    if join.step_ratio > 1.0:
        faults.append(wave)
    if abs(join.level_step_db) > LEVEL_STEP_DB:
        faults.append(level)
    message = "; ".join(faults) or f"{samples} samples that repeat; at the join {level}, {wave}"
    return Verdict("loop", join.level_step_db, TARGET, not faults, message)
