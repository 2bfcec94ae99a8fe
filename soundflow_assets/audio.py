"""The shapes sound travels in between the stages.

Float audio is `float32 (channels, samples)`, nominally within ±1; finished audio is int16
interleaved `(samples, channels)`, exactly the bytes an encoder takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE: Final = 44100
CHANNELS = 2

Audio = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Stem:
    """One role's sound with its bus effects, level with the mix, before the master bus.

    `audio` may be a buffer that the producer uses again for the next stem: read it before asking
    for another.
    """

    role: str
    audio: Audio  # (2, samples)
    loudness_lufs: float  # integrated, as delivered into the mix; -inf when silent


@dataclass(frozen=True, slots=True)
class Master:
    """The finished programme before encoding."""

    pcm: Pcm  # (samples, 2)
    sample_rate: int
    pcm_sha256: str
    loudness_lufs: float
    true_peak_dbtp: float
