"""Files back to sound: what a listener's player will hear, and what the file says of itself.

Decoding is libsndfile's, whose mpg123 is several times as fast as ffmpeg and a pipe; M4A, which it
does not know, is ffmpeg's. Sound comes block by block, so that an hour need not be in memory. What
kind of file it is, its bitrate and whether it is whole are read from its own bytes first, so that a
page of HTML named `.mp3` is refused with a sentence instead of a decoder's log.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.delivery.ffmpeg import Unsuccessful, output_of
from soundflow_assets.delivery.mpeg import Mp3Stream, looks_like_mp3, scan
from soundflow_assets.errors import BadInput
from soundflow_assets.reel import BLOCK

MAX_BYTES = 3 << 29  # an hour of 32-bit stereo WAV and some
_HEAD_BYTES = 4096

_Stream = tuple[int, int, Iterator[Audio]]  # channels, sample rate, sound


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself."""

    sample_rate: int
    channels: int
    container: str  # mp3, wav, flac, ogg or m4a
    stream: Mp3Stream | None  # of an MP3
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's sound and its outer facts."""

    audio: Audio  # (channels, samples), ±1 is full scale
    facts: Facts

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return self.facts.sample_rate

    @property
    def container(self) -> str:
        """mp3, wav, flac, ogg or m4a."""
        return self.facts.container

    @property
    def constant_bitrate(self) -> bool:
        """Whether it is an MP3 of frames of one bitrate."""
        return self.facts.stream is not None and self.facts.stream.constant_bitrate

    @property
    def bitrate_kbps(self) -> float:
        """Of the stream when it is an MP3, otherwise of the whole file."""
        if self.facts.stream is not None:
            return self.facts.stream.bitrate_kbps
        return self.file_bytes * 8 / self.duration_s / 1000

    @property
    def file_bytes(self) -> int:
        """Length of the file."""
        return self.facts.file_bytes

    @property
    def samples(self) -> int:
        """Length in samples per channel."""
        return int(self.audio.shape[1])

    @property
    def duration_s(self) -> float:
        """Playing time in seconds."""
        return self.samples / self.sample_rate


def decode(source: Path | str | bytes) -> Decoded:
    """Decode an MP3, WAV, FLAC, Ogg or M4A file, or the bytes of one, as a whole.

    Raises
    ------
    BadInput
        When there is no such file, or it is none of these, damaged or cut short.
    Failed
        When an M4A file needs ffmpeg, and it is missing or cannot run.
    """
    with decoding(source) as (facts, blocks):
        return Decoded(np.concatenate(list(blocks), axis=1), facts)


@contextmanager
def decoding(source: Path | str | bytes) -> Iterator[tuple[Facts, Iterator[Audio]]]:
    """Yield a file's facts and its sound in blocks, float32 (channels, n), n = `reel.BLOCK`.

    The last block may be shorter; there is at least one. Errors are those of `decode`; a fault in
    the middle of the file shows when the blocks come to it.
    """
    with _on_disk(source) as (name, path):
        data = _read(path, name)
        container = sniff(data, name)
        stream = scan(data, name) if container == "mp3" else None
        del data
        size = path.stat().st_size
        opened = _piped if container == "m4a" else _read_by_libsndfile
        with opened(path, name, container) as (channels, sample_rate, blocks):
            if channels > 2:
                raise BadInput(f"{name}: {channels} channels; expected one or two")
            first = next(blocks, None)
            if first is not None:
                yield Facts(sample_rate, channels, container, stream, size), chain((first,), blocks)
        if first is None:
            raise BadInput(f"{name}: it decodes to no sound at all")


def sniff(data: bytes, name: str) -> str:
    """Return the container from a file's first bytes."""
    if not data:
        raise BadInput(f"{name}: the file is empty")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"fLaC":
        return "flac"
    if data[:4] == b"OggS":
        return "ogg"
    if data[4:8] == b"ftyp":
        return "m4a"
    if looks_like_mp3(data):
        return "mp3"
    if data[:3] == b"ID3" or data[:1] == b"\xff":
        scan(data, name)  # raises with the reason
    shown = data[:16].decode("latin-1")
    raise BadInput(
        f"{name}: not an audio file we know (MP3, WAV, FLAC, Ogg, M4A); it begins with {shown!r}"
    )


@contextmanager
def _on_disk(source: Path | str | bytes) -> Iterator[tuple[str, Path]]:
    """Yield what errors call the source, and a file that holds it."""
    if not isinstance(source, bytes):
        yield str(source), Path(source)
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(source)
        file.flush()
        yield "audio", Path(file.name)


def _read(path: Path, name: str) -> bytes:
    """Return all of what may be an MP3, which must be walked through, and the head of the rest."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput(f"{name}: {size} bytes; at most {MAX_BYTES} are read")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            framed = head[:3] == b"ID3" or head[:1] == b"\xff"
            return head + file.read() if framed else head
    except OSError as error:
        raise BadInput(f"{name}: cannot be read: {error.strerror}") from None


@contextmanager
def _read_by_libsndfile(path: Path, name: str, container: str) -> Iterator[_Stream]:
    import soundfile

    def blocks() -> Iterator[Audio]:
        read = 0
        while len(frames := file.read(BLOCK, dtype="float32", always_2d=True)):
            read += len(frames)
            yield np.ascontiguousarray(frames.T)
        if read < file.frames:
            raise BadInput(f"{name}: cut short: {read} of {file.frames} samples")

    try:
        with soundfile.SoundFile(path) as file:
            yield file.channels, file.samplerate, blocks()
    except soundfile.SoundFileError as error:
        raise BadInput(f"{name}: cannot be decoded as {container}: {error}") from None


@contextmanager
def _piped(path: Path, name: str, container: str) -> Iterator[_Stream]:
    arguments = [
        "-f", "mp4", "-c:a", "aac", "-i", f"file:{path}", "-map", "0:a:0",
        "-f", "wav", "-c:a", "pcm_s16le", "-bitexact", "-",
    ]  # fmt: skip
    try:
        with output_of(arguments) as pipe:
            channels, sample_rate = _wav_header(pipe)
            yield channels, sample_rate, _blocks(pipe, channels)
    except Unsuccessful as error:
        raise BadInput(f"{name}: cannot be decoded as {container}: {error}") from None


def _wav_header(pipe: IO[bytes]) -> tuple[int, int]:
    """Read a WAV stream up to its samples; return channels and rate, zeros where it ends before."""
    channels = sample_rate = 0
    if len(pipe.read(12)) < 12:
        return 0, 0
    while len(chunk := pipe.read(8)) == 8 and chunk[:4] != b"data":
        body = pipe.read(int.from_bytes(chunk[4:], "little"))
        if chunk[:4] == b"fmt ":
            channels = int.from_bytes(body[2:4], "little")
            sample_rate = int.from_bytes(body[4:8], "little")
    return channels, sample_rate


def _blocks(pipe: IO[bytes], channels: int) -> Iterator[Audio]:
    """Yield float32 (channels, n) of interleaved 16-bit samples."""
    frame = channels * 2
    while len(raw := pipe.read(BLOCK * frame)) >= max(1, frame):
        frames = np.frombuffer(raw, "<i2", len(raw) // frame * channels).reshape(-1, channels)
        audio: Audio = np.empty((channels, len(frames)), dtype=np.float32)
        np.multiply(frames.T, np.float32(1.0 / 32768.0), out=audio, casting="unsafe")
        yield audio
