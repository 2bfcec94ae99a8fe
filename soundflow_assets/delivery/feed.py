"""Sound into files piece by piece, for what is too long to be held: Ogg Vorbis and FLAC."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import CHANNELS, SAMPLE_RATE
from soundflow_assets.delivery.ogg import with_comments

_QUALITY = 0.5  # about 160 kbps
_PIECE = 1 << 14  # samples the encoder is given at once: with many more it takes half again as long


def write_vorbis(
    path: Path, blocks: Iterable[npt.NDArray[np.float32]], comments: Mapping[str, str]
) -> None:
    """Write stereo `blocks`, float32 (n, 2) within ±1, reading each before the next is made.

    The same sound gives the same bytes. They are a tenth of the sound's, and are held.
    """
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", SAMPLE_RATE, CHANNELS, "VORBIS", format="OGG", compression_level=1.0 - _QUALITY
    ) as target:
        for block in blocks:
            for start in range(0, len(block), _PIECE):
                target.write(block[start : start + _PIECE])
    path.write_bytes(with_comments(file.getvalue(), comments))


def write_flac(path: Path, blocks: Iterable[npt.NDArray[np.int32]], title: str) -> None:
    """Write stereo `blocks`, int32 (n, 2), of whose bits the upper 24 are kept, one at a time."""
    import soundfile

    with (
        path.open("w+b") as file,
        soundfile.SoundFile(file, "w", SAMPLE_RATE, CHANNELS, "PCM_24", format="FLAC") as target,
    ):
        target.title = title
        for block in blocks:
            target.write(block)
