"""The ffmpeg that the imageio-ffmpeg wheel brings: nothing has to be installed by hand.

`output_of` reads what it writes piece by piece; `segment_class` is pydub on it. The wheel holds no
ffprobe, which pydub asks for the sample format of any file it does not know.
"""

from __future__ import annotations

import functools
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

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


class Unsuccessful(Exception):
    """ffmpeg ran and gave up; the message is its last line."""


@contextmanager
def output_of(arguments: Sequence[str]) -> Iterator[IO[bytes]]:
    """Run ffmpeg and yield its standard output, to be read to the end.

    Raises
    ------
    Unsuccessful
        On leaving, when ffmpeg reported an error and the output was read to its end.
    Failed
        When ffmpeg is missing or does not run at all.
    """
    command = [ffmpeg_path(), "-nostdin", "-hide_banner", "-v", "error", *arguments]
    # Errors go to a file: nobody reads a second pipe while the first one fills.
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        except OSError as error:
            raise Failed(f"ffmpeg could not run ({error}): {REMEDY}") from None
        with process:
            try:
                assert process.stdout is not None  # noqa: S101  it was asked for above
                yield process.stdout
                process.stdout.read()
                code = process.wait()
            finally:
                process.kill()
        if code:
            ffmpeg_version()  # a program that does not run says nothing of its input
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            raise Unsuccessful(lines[-1] if lines else f"exit code {code}")


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
