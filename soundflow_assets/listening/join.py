"""The join of a loop's file: whether its end leads into its beginning, after decoding.

=========  ==============================================================================
promise    kept when
=========  ==============================================================================
length     the file decodes to exactly the samples that were cut
wave       the step over the join is not above the 99.9th percentile of all steps
level      the first bar is within 1 dB of the last one
=========  ==============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import CHANNELS, Audio
from soundflow_assets.delivery.decode import decoding
from soundflow_assets.delivery.loop import LoopCut, level_step_db
from soundflow_assets.delivery.loop_places import LEVEL_STEP_DB
from soundflow_assets.listening.verdict import Verdict

STEP_PERCENTILE = 99.9
TARGET = f"within {LEVEL_STEP_DB:g} dB, no step"


def no_loop(why: str) -> Verdict:
    """Return the verdict of a track without a loop, which is no fault."""
    return Verdict("loop", "none", TARGET, True, why)


def judge_loop(path: Path, cut: LoopCut) -> Verdict:
    """Decode a loop's file and judge its join."""
    heard = _hear(path, cut.bar)
    step_db = level_step_db(heard.last, heard.first)
    wave, usual = heard.steps()
    faults = []
    if heard.samples != cut.samples:
        faults.append(f"it decodes to {heard.samples} samples instead of {cut.samples}")
    if wave > usual:
        faults.append(f"the wave steps by {wave:.4f} at the join, elsewhere seldom by {usual:.4f}")
    if abs(step_db) > LEVEL_STEP_DB:
        faults.append(f"the level steps by {step_db:+.2f} dB at the join")
    where = f"samples {cut.start} to {cut.end}"
    good = f"{where} repeat: level {step_db:+.2f} dB, wave {wave:.4f} of {usual:.4f} at the join"
    message = f"{where}: {'; '.join(faults)}" if faults else good
    return Verdict("loop", round(step_db, 3), TARGET, not faults, message)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A loop's file as decoded: its length, its first and last bar, and how often it steps how far.

    Bars are (2, n); `counts[k]` steps from a sample to the next are of size k / 32768.
    """

    samples: int
    first: Audio
    last: Audio
    counts: npt.NDArray[np.int64]

    def steps(self) -> tuple[float, float]:
        """Return the step from the last sample to the first, and the percentile of all others."""
        join = float(np.abs(self.first[:, 0] - self.last[:, -1]).max())
        rank = STEP_PERCENTILE / 100.0 * self.counts.sum()
        return join, float(np.searchsorted(np.cumsum(self.counts), rank)) / 32768.0


def _hear(path: Path, bar: int) -> _Heard:
    samples, counts = 0, np.zeros(1 << 16, dtype=np.int64)
    first: Audio = np.zeros((CHANNELS, 0), dtype=np.float32)
    last = first
    with decoding(path) as (_, blocks):
        for block in blocks:
            samples += block.shape[1]
            joined = np.concatenate((last[:, -1:], block), axis=1)
            steps = np.rint(np.abs(np.diff(joined, axis=1)) * 32768.0).astype(np.int64)
            counts += np.bincount(steps.ravel(), minlength=counts.size)[: counts.size]
            if first.shape[1] < bar:
                first = np.concatenate((first, block), axis=1)[:, :bar]
            last = np.concatenate((last, block), axis=1)[:, -bar:]
    return _Heard(samples, first, last, counts)
