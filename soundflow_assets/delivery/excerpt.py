"""Both ends of a long file and its length, without decoding what lies between.

libsndfile finds a place in Ogg and FLAC to the sample, and tells an Ogg's length from the position
on its last page (RFC 3533, 6), which is what players go by.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.errors import BadInput


@dataclass(frozen=True, slots=True)
class Excerpts:
    """The beginning and the end of a file of `samples`, float32 (channels, n)."""

    samples: int
    head: Audio
    tail: Audio


def ends_of(path: Path, longest: int) -> Excerpts:
    """Return what a file begins and ends with.

    Parameters
    ----------
    path
        Ogg Vorbis or FLAC.
    longest
        Samples of the head and of the tail; of shorter files, all there are.

    Raises
    ------
    BadInput
        When the file cannot be read as sound.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            head = file.read(longest, dtype="float32", always_2d=True)
            file.seek(max(0, file.frames - longest))
            tail = file.read(dtype="float32", always_2d=True)
            samples = int(file.frames)
    except soundfile.SoundFileError as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    return Excerpts(samples, np.ascontiguousarray(head.T), np.ascontiguousarray(tail.T))
