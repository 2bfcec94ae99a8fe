"""Motion that belongs to an instrument: the chorus inside a synthesiser, the organ's rotor.

Both read a short delay whose length swings; they differ in depth, rates and in the swing of
level that goes with it. Chorus and tremolo of the mixing desk are effects and live elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP_SINGLE, load, store
from soundflow_assets.synthesis.kernels.math import dsin

STRETCH = 128  # samples between two places of the swing: 3 ms


class Motion(NamedTuple):
    """A swinging delay; left and right a `turn` of the cycle apart."""

    delay_s: float
    depth_s: float
    rate_hz: float
    second_hz: float  # a smaller swing of unrelated rate on top, against sameness
    turn: float  # cycles between left and right
    wet: float
    dry: float
    level_depth: float  # of the tremolo that goes with the swing, 0 to 1
    phase: float  # cycles, at the note's start


@njit(cache=True, inline="always")
def _lean(sample: int, motion: Motion, seat: float) -> float:
    """Return where the swing is, -1 to 1."""
    time_s = sample / SAMPLE_RATE
    slow = 0.8 * dsin(time_s * motion.rate_hz + seat)
    return slow + 0.2 * dsin(time_s * motion.second_hz + 1.7 * seat)


@njit(cache=True)
def swing(out: npt.NDArray[np.float32], motion: Motion) -> None:
    """Run `out` (2, samples) through the swinging delay, in place.

    The delay is read between two samples by a straight line, and moves by straight lines of
    `STRETCH` samples. Time runs backwards, so that what was played before is still as it was;
    which two samples are read is decided for eight at a time.
    """
    for channel in range(2):
        row = out[channel]
        seat = motion.phase + channel * motion.turn
        for start in range((row.shape[0] - 1) // STRETCH * STRETCH, -1, -STRETCH):
            lean, later = _lean(start, motion, seat), _lean(start + STRETCH, motion, seat)
            delay = (motion.delay_s + motion.depth_s * lean) * SAMPLE_RATE
            slope = motion.depth_s * (later - lean) * SAMPLE_RATE / STRETCH
            level = 1.0 - motion.level_depth * (0.5 - 0.5 * lean)
            level_slope = 0.5 * motion.level_depth * (later - lean) / STRETCH
            for i in range(start + STRETCH - LANES, start - 1, -LANES):
                since = i - start
                _swing_eight(row, i, delay + slope * since, slope,
                             level + level_slope * since, level_slope, motion)  # fmt: skip


@njit(cache=True, inline="always")
def _swing_eight(
    row: npt.NDArray[np.float32],
    i: int,
    delay: float,
    slope: float,
    level: float,
    level_slope: float,
    motion: Motion,
) -> None:
    """Replace samples `i` to `i + 7`; `delay` in samples and `level` are those of the first."""
    whole = int(delay)
    share = delay - whole
    at = i - whole
    if at > 0 and i + LANES <= row.shape[0]:
        x, late = load(row, i), load(row, at)
        mixed = np.float32(share) + np.float32(slope) * load(RAMP_SINGLE, 0)
        late = late + mixed * (load(row, at - 1) - late)
        loud = np.float32(level) + np.float32(level_slope) * load(RAMP_SINGLE, 0)
        store(row, i, loud * (np.float32(motion.dry) * x + np.float32(motion.wet) * late))
        return
    for j in range(min(LANES, row.shape[0] - i) - 1, -1, -1):
        late_y = row[at + j] if at + j >= 0 else np.float32(0.0)
        before = row[at + j - 1] if at + j > 0 else np.float32(0.0)
        late_y += np.float32(share + slope * j) * (before - late_y)
        y = motion.dry * row[i + j] + motion.wet * late_y
        row[i + j] = (level + level_slope * j) * y
