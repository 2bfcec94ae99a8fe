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
from soundflow_assets.synthesis.kernels.math import dsin

RING = 2048  # samples: 46 ms, the longest delay and its swing


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


@njit(cache=True)
def swing(out: npt.NDArray[np.float32], motion: Motion) -> None:
    """Run `out` (2, samples) through the swinging delay, in place."""
    block = 32
    line = np.zeros(RING)
    samples = out.shape[1]
    for channel in range(2):
        line[:] = 0.0
        seat = motion.phase + channel * motion.turn
        delay = 0.0
        level = 1.0
        for start in range(0, samples, block):
            time_s = start / SAMPLE_RATE
            lean = 0.8 * dsin(time_s * motion.rate_hz + seat)
            lean += 0.2 * dsin(time_s * motion.second_hz + 1.7 * seat)
            target = (motion.delay_s + motion.depth_s * lean) * SAMPLE_RATE
            loud = 1.0 - motion.level_depth * (0.5 - 0.5 * lean)
            if start == 0:
                delay = target
                level = loud
            slope = (target - delay) / block
            level_slope = (loud - level) / block
            for i in range(start, min(start + block, samples)):
                x = np.float64(out[channel, i])
                line[i % RING] = x
                whole = int(delay)
                share = delay - whole
                at = i - whole + 2 * RING
                late = line[at % RING]
                late += share * (line[(at - 1) % RING] - late)
                out[channel, i] = level * (motion.dry * x + motion.wet * late)
                delay += slope
                level += level_slope
