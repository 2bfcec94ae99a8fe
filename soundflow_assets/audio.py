"""The shapes sound travels in between the stages.

Float audio is `float32 (channels, samples)`, nominally within ±1; finished audio is int16
interleaved `(samples, channels)`, exactly the bytes an encoder takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

SAMPLE_RATE: Final = 44100
CHANNELS = 2

BED = "bed"  # the role of the nature sounds
MUSIC = "music"  # everything else, taken together

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


class Sound(Protocol):
    """Sound that is read piece by piece, wherever it lies."""

    @property
    def samples(self) -> int:
        """Length in samples per channel."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""

    def read(self, start: int, stop: int) -> Audio:
        """Return samples `start` to `stop`, float32 (channels, stop - start)."""
