"""A track taken apart, as files: FLAC of 24 bits for each stem, music and bed as a pair, one zip.

All files are equally long and start together. In whole numbers of 24 bits, the stems of the bus
`music` add up to `music.flac`, and `music.flac` with `bed.flac` to the mix before the master bus;
`stems.json` says so in data. Where a peak would pass full scale, all files are lower by the same
power of two, `headroomDb`.
"""

from __future__ import annotations

import functools
import json
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import BED, MUSIC, SAMPLE_RATE
from soundflow_assets.delivery.feed import write_flac
from soundflow_assets.reel import Reel
from soundflow_assets.synthesis.kernels.loudness import integrated_loudness
from soundflow_assets.synthesis.kernels.weighting import energies_of

FORMAT, VERSION = "soundflow-stems", 1
_FULL_SCALE = 1 << 23
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first time a zip can tell

Whole = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class StemReel:
    """A stem as it lies in the mix. `layer` and its gain are those of the plan."""

    role: str
    layer: str
    gain_db: float
    reel: Reel

    @property
    def bus(self) -> str:
        """Which of the pair it belongs to."""
        return BED if self.role == BED else MUSIC


def write_stem_files(stems: Sequence[StemReel], title: str, folder: Path) -> dict[str, Path]:
    """Write all files of a track's stems into `folder`; return file name to path.

    Parameters
    ----------
    stems
        All stems of the mix, equally long.
    title
        The track's.
    folder
        Exists; files there are replaced.
    """
    halvings = _halvings(stems)
    names = {stem.role: f"{stem.role}.flac" for stem in stems}
    parts = {names[stem.role]: [stem] for stem in stems}
    music = [stem for stem in stems if stem.bus == MUSIC]
    if music:
        parts[f"{MUSIC}.flac"] = music
    paths = {}
    for name, together in parts.items():
        path = folder / name
        blocks = (whole << 8 for whole in _added(together, halvings))
        write_flac(path, blocks, f"{title} ({name.removesuffix('.flac')})")
        paths[name] = path
    pair = [name for name in (f"{MUSIC}.flac", f"{BED}.flac") if name in parts]
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "sampleRate": SAMPLE_RATE,
        "bitsPerSample": 24,
        "samples": stems[0].reel.samples,
        "headroomDb": round(20.0 * math.log10(2.0) * halvings, 2),
        "mix": {"files": pair, "loudnessLufs": _loudness(stems)},
        "music": {
            "file": f"{MUSIC}.flac",
            "files": [names[stem.role] for stem in music],
            "loudnessLufs": _loudness(music),
        }
        if music
        else None,
        "stems": [
            {
                "role": stem.role,
                "file": names[stem.role],
                "layer": stem.layer,
                "gainDb": round(stem.gain_db, 2),
                "loudnessLufs": _loudness([stem]),
            }
            for stem in stems
        ],
    }
    paths["stems.json"] = folder / "stems.json"
    text = json.dumps(document, ensure_ascii=False, indent=1)
    paths["stems.json"].write_text(text + "\n", encoding="utf-8")
    return paths


def write_archive(files: dict[str, Path], path: Path) -> None:
    """Put files into one zip, uncompressed, as FLAC is already; the same files, the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.file_size = source.stat().st_size
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            with source.open("rb") as file, archive.open(entry, "w") as target:
                while block := file.read(1 << 20):
                    target.write(block)


def _added(stems: Sequence[StemReel], halvings: int) -> Iterator[Whole]:
    """Yield the sum of stems in stretches, (n, 2), in whole steps of 24 bits."""
    scale = np.float32(_FULL_SCALE / 2**halvings)
    for streams in zip(*(stem.reel.blocks() for stem in stems), strict=True):
        total: Whole = np.zeros(streams[0][1].T.shape, dtype=np.int32)
        for _, audio in streams:
            total += np.rint(audio.T * scale).astype(np.int32)
        yield total


def _halvings(stems: Sequence[StemReel]) -> int:
    """Return how often all must be halved so that no file passes full scale."""
    highest = 1
    for together in (*([stem] for stem in stems), [one for one in stems if one.bus == MUSIC]):
        for whole in _added(together, 0):
            highest = max(highest, int(np.abs(whole).max()))
    return max(0, math.ceil(math.log2((highest + len(stems)) / (_FULL_SCALE - 1))))


def _loudness(stems: Sequence[StemReel]) -> float:
    """Return the integrated loudness of the sum of stems, in LUFS."""
    together = zip(*(stem.reel.blocks() for stem in stems), strict=True)
    blocks = (functools.reduce(np.add, (audio for _, audio in parts)) for parts in together)
    return round(float(integrated_loudness(energies_of(blocks))), 2)
