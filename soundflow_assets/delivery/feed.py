"""Sound into ffmpeg piece by piece, for files too long to be held: Ogg Vorbis and FLAC.

ffmpeg's `bitexact` flags drop version strings and random serial numbers, so the same sound is the
same bytes with one ffmpeg build.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import CHANNELS, SAMPLE_RATE
from soundflow_assets.delivery.ffmpeg import REMEDY, ffmpeg_path
from soundflow_assets.errors import Failed

Encoding = Literal["vorbis", "flac24"]
# encoding -> (samples as they are fed, what ffmpeg is told)
_SETTINGS: dict[Encoding, tuple[str, list[str]]] = {
    # Quality 5 is about 160 kbps.
    "vorbis": ("f32le", ["-c:a", "libvorbis", "-q:a", "5", "-f", "ogg"]),
    # FLAC takes 24 bits as the upper ones of 32.
    "flac24": (
        "s32le",
        ["-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24", "-f", "flac"],
    ),
}
_BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]


def write_encoded(
    path: Path,
    blocks: Iterable[npt.NDArray[np.float32] | npt.NDArray[np.int32]],
    encoding: Encoding,
    tags: Mapping[str, str],
) -> None:
    """Write stereo `blocks` to `path`, reading each before the next is made.

    Parameters
    ----------
    blocks
        (n, 2): float32 within ±1 for Vorbis; int32 for FLAC, of whose bits the upper 24 are kept.
    tags
        Vorbis comments, by name.

    Raises
    ------
    Failed
        When ffmpeg is missing or refuses.
    """
    form, arguments = _SETTINGS[encoding]
    comments = [part for name, text in tags.items() for part in ("-metadata", f"{name}={text}")]
    command = [
        ffmpeg_path(), "-hide_banner", "-v", "error", "-y",
        "-f", form, "-ar", str(SAMPLE_RATE), "-ac", str(CHANNELS), "-i", "pipe:0",
        *_BITEXACT, *comments, *arguments, f"file:{path}",
    ]  # fmt: skip
    # Errors go to a file: nobody reads a pipe while the other one fills.
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors)
        except OSError as error:
            raise Failed(f"ffmpeg could not run ({error}): {REMEDY}") from None
        try:
            with process:
                assert process.stdin is not None  # noqa: S101  it was asked for above
                for block in blocks:
                    process.stdin.write(np.ascontiguousarray(block).data)
        except BrokenPipeError:
            pass  # it has given up; what it said follows
        finally:
            process.kill()
        if process.wait():
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"exit code {process.returncode}"
            raise Failed(f"ffmpeg could not write {path.name}: {reason}")
