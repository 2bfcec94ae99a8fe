"""pydub on the ffmpeg that the imageio-ffmpeg wheel brings: nothing has to be installed by hand.

The wheel holds ffmpeg but no ffprobe, which pydub asks for the sample format of any file it does
not know; naming the decoder spares that question. So every caller here names one.
"""

from __future__ import annotations

import functools
import subprocess
import warnings
from typing import Any

import imageio_ffmpeg

from soundflow_assets.errors import Failed

REMEDY = (
    "reinstall the imageio-ffmpeg package (its wheel holds ffmpeg), "
    "or let IMAGEIO_FFMPEG_EXE name an ffmpeg program"
)


@functools.cache
def ffmpeg_path() -> str:
    """Return the path of the ffmpeg program; raise `Failed` saying what to do without one."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise Failed(f"ffmpeg was not found: {REMEDY}") from None


def ffmpeg_version() -> str:
    """Run ffmpeg and return the version it tells; raise `Failed` when it does not work."""
    path = ffmpeg_path()
    try:
        told = subprocess.run([path, "-version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"ffmpeg could not run ({error}): {REMEDY}") from None
    words = told.stdout.decode(errors="replace").split()
    if told.returncode or words[:2] != ["ffmpeg", "version"]:
        reason = told.stderr.decode(errors="replace").strip() or f"exit code {told.returncode}"
        raise Failed(f"ffmpeg at {path} does not work ({reason}): {REMEDY}")
    return words[2]


def segment_class() -> Any:
    """Return pydub's AudioSegment with its converter set.

    pydub warns on import when PATH has no ffmpeg, and its regular expressions warn on Python 3.12;
    neither concerns anyone here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    AudioSegment.converter = ffmpeg_path()
    return AudioSegment
