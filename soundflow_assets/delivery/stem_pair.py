"""A track as two files for players: the music, and the nature bed alone, each as long as the track.

Sounding together they are the mix before the master bus, so a listener may have more or less of the
rain. Both are raised by one gain, towards the track's loudness and no further than `CEILING_DBFS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import BED, MUSIC, Audio
from soundflow_assets.delivery.feed import write_vorbis
from soundflow_assets.reel import Reel
from soundflow_assets.synthesis.kernels.loudness import integrated_loudness
from soundflow_assets.synthesis.kernels.math import db_to_gain, gain_to_db
from soundflow_assets.synthesis.kernels.weighting import energies_of

CEILING_DBFS = -1.0  # of the samples of either file and of their sum


@dataclass(frozen=True, slots=True)
class StemPair:
    """How loud both files are together; `peak_dbfs` is the highest sample of any of the three."""

    loudness_lufs: float
    peak_dbfs: float


def write_pair(
    stems: Mapping[str, Reel], target_lufs: float, paths: Mapping[str, Path], title: str
) -> StemPair:
    """Write music and bed as Ogg Vorbis.

    Parameters
    ----------
    stems
        Every stem of the mix by role, `bed` among them and something else, equally long.
    target_lufs
        Loudness of the pair, where its peaks leave room for it.
    paths
        Where the files of `music` and `bed` go.
    title
        The track's.
    """
    energies = energies_of(np.add(*_parts(block)) for block in _blocks(stems))
    loudness = float(integrated_loudness(energies))
    peak = max(_peak(block) for block in _blocks(stems))
    peak_dbfs = float(gain_to_db(max(peak, 1e-6)))
    gain_db = min(target_lufs - loudness, CEILING_DBFS - peak_dbfs)
    for number, name in enumerate((MUSIC, BED)):
        blocks = (_frames(_parts(block)[number], gain_db) for block in _blocks(stems))
        write_vorbis(paths[name], blocks, {"TITLE": f"{title} ({name})", "ARTIST": "SoundFlow"})
    return StemPair(round(loudness + gain_db, 2), round(peak_dbfs + gain_db, 2))


def _blocks(stems: Mapping[str, Reel]) -> Iterator[dict[str, Audio]]:
    """Yield all stems in stretches, by role."""
    for streams in zip(*(reel.blocks() for reel in stems.values()), strict=True):
        yield {role: audio for role, (_, audio) in zip(stems, streams, strict=True)}


def _parts(block: dict[str, Audio]) -> tuple[Audio, Audio]:
    """Return the sum of what is no bed, and the bed."""
    bed = block[BED]
    music: Audio = np.zeros_like(bed)
    for role, audio in block.items():
        if role != BED:
            music += audio
    return music, bed


def _peak(block: dict[str, Audio]) -> float:
    music, bed = _parts(block)
    return max(float(np.abs(audio).max()) for audio in (music, bed, music + bed))


def _frames(audio: Audio, gain_db: float) -> npt.NDArray[np.float32]:
    frames: npt.NDArray[np.float32] = np.ascontiguousarray(audio.T) * np.float32(
        db_to_gain(gain_db)
    )
    return frames
