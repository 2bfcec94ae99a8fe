"""The partials of a struck piano string: stiffness, hammer, striking point, two-stage decay.

Fletcher, Blackham & Stratton, "Quality of piano tones" (JASA 34, 1962) for stiffness; Weinreich,
"Coupled piano strings" (JASA 62, 1977) for why a note dies twice: first the strings' common
motion, which the bridge takes quickly, then what is left in their difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dexp2, dlog2, dsin, midi_to_hz, noise
from soundflow_assets.synthesis.kernels.modal import HIGHEST_HZ, PARTIAL

MOST = 48  # partials; in the bass the rest lies under the noise of the hammer
PAIRED = 16  # of them with beating strings; above, the quick one is all that is heard


class Struck(NamedTuple):
    """One piano note; decays as T60 in seconds at middle C, for the first partial."""

    stiffness: float  # B at middle C
    strike: float  # of the string's length
    hammer_hz: float  # low-pass of the hammer, already by velocity
    rolloff: float  # partials fall as n to minus this before the hammer
    quick_s: float
    slow_s: float
    slow_share: float
    damping: float  # how much sooner upper partials die
    unison_cents: float  # between the strings of one note
    spread: float


@njit(cache=True)
def piano_partials(pitch: float, tone: Struck, seed: int) -> npt.NDArray[np.void]:
    """Return the `PARTIAL`s of one note: for each a quick one and two slow ones, apart in tune."""
    freq = midi_to_hz(pitch)
    octaves = (pitch - 60.0) / 12.0
    b = min(max(tone.stiffness * dexp2(octaves * 0.85), 8e-5), 6e-3)
    life = dexp2(-octaves * 0.62)
    split = dexp2(0.5 * tone.unison_cents / 1200.0)
    seat = min(max((pitch - 62.0) / 50.0, -0.5), 0.5) * tone.spread
    table = np.zeros(3 * MOST, PARTIAL)
    used = 0
    for n in range(1, MOST + 1):
        f = freq * n * np.sqrt((1.0 + b * n * n) / (1.0 + b))
        if f >= min(HIGHEST_HZ, 5.0 * tone.hammer_hz):
            break
        felt = f * f / (tone.hammer_hz * tone.hammer_hz)
        amp = dexp2(-tone.rolloff * dlog2(np.float64(n))) / (1.0 + felt + 0.2 * felt * felt)
        amp *= abs(dsin(0.5 * n * tone.strike)) + 0.04  # a node where the hammer strikes
        amp *= f / (f + 70.0)  # the soundboard is too small for the lowest
        amp *= 1.0 + 0.25 * noise(3 * n, seed)
        t = life / (1.0 + tone.damping * (n - 1.0))
        lean = seat + 0.45 * tone.spread * noise(3 * n + 1, seed)
        phase = 0.06 * noise(3 * n + 2, seed)
        table[used].freq_hz = f
        table[used].left = amp * (1.0 - tone.slow_share) * (1.0 - lean)
        table[used].right = amp * (1.0 - tone.slow_share) * (1.0 + lean)
        table[used].phase = phase
        table[used].t60_s = tone.quick_s * t
        used += 1
        if n > PAIRED:
            continue
        for side in range(2):
            sign = 1.0 - 2.0 * side
            table[used].freq_hz = f * (split if side == 0 else 1.0 / split)
            slow = 0.5 * amp * tone.slow_share
            table[used].left = slow * (1.0 + 0.8 * sign * tone.spread)
            table[used].right = slow * (1.0 - 0.8 * sign * tone.spread)
            table[used].phase = phase + 0.05 * sign
            table[used].t60_s = tone.slow_s * t * (1.0 + 0.1 * sign)
            used += 1
    return table[:used]
