"""Files back to sound: what a listener's player will hear, and what the file says of itself.

Decoding is pydub's, through ffmpeg. What kind of file it is, its bitrate and whether it is whole
are read from its own bytes first, so that a page of HTML named `.mp3` is refused with a sentence
instead of a decoder's log.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.delivery.ffmpeg import REMEDY, ffmpeg_version, segment_class
from soundflow_assets.delivery.mpeg import looks_like_mp3, scan
from soundflow_assets.errors import BadInput, Failed

MAX_BYTES = 1 << 30  # an hour of 24-bit stereo WAV and some


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's sound and its outer facts."""

    audio: Audio  # (channels, samples), ±1 is full scale
    sample_rate: int
    container: str  # mp3, wav, flac, ogg or m4a
    bitrate_kbps: float  # of the stream when it is an MP3, otherwise of the whole file
    constant_bitrate: bool
    file_bytes: int

    @property
    def samples(self) -> int:
        """Length in samples per channel."""
        return int(self.audio.shape[1])

    @property
    def duration_s(self) -> float:
        """Playing time in seconds."""
        return self.samples / self.sample_rate


def decode(source: Path | str | bytes) -> Decoded:
    """Decode an MP3, WAV, FLAC, Ogg or M4A file, or the bytes of one.

    Raises
    ------
    BadInput
        When there is no such file, or it is none of these, damaged or cut short.
    Failed
        When ffmpeg is missing or cannot run.
    """
    name, data = _read(source)
    container, codec = sniff(data, name)
    stream = scan(data, name) if container == "mp3" else None
    segment = _segment(data, container, codec, name)
    if segment.channels not in (1, 2):
        raise BadInput(f"{name}: {segment.channels} channels; expected one or two")
    audio = _float(segment.raw_data, segment.sample_width, segment.channels)
    if not audio.shape[1]:
        raise BadInput(f"{name}: it decodes to no sound at all")
    mean_kbps = len(data) * 8 * segment.frame_rate / audio.shape[1] / 1000
    return Decoded(
        audio,
        int(segment.frame_rate),
        container,
        mean_kbps if stream is None else stream.bitrate_kbps,
        stream is not None and stream.constant_bitrate,
        len(data),
    )


def sniff(data: bytes, name: str) -> tuple[str, str]:
    """Return (container, name of ffmpeg's decoder) from a file's first bytes."""
    if not data:
        raise BadInput(f"{name}: the file is empty")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav", _wav_codec(data)
    if data[:4] == b"fLaC":
        return "flac", "flac"
    if data[:4] == b"OggS":
        return "ogg", "libopus" if b"OpusHead" in data[:128] else "vorbis"
    if data[4:8] == b"ftyp":
        return "m4a", "aac"
    if looks_like_mp3(data):
        return "mp3", "mp3float"
    if data[:3] == b"ID3" or data[:1] == b"\xff":
        scan(data, name)  # raises with the reason
    shown = data[:16].decode("latin-1")
    raise BadInput(
        f"{name}: not an audio file we know (MP3, WAV, FLAC, Ogg, M4A); it begins with {shown!r}"
    )


def _read(source: Path | str | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "audio", source
    path = Path(source)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path}: {path.stat().st_size} bytes; at most {MAX_BYTES} are read")
        return str(path), path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None


def _wav_codec(data: bytes) -> str:
    """Name the PCM decoder: format tag 3 is float, otherwise integer of the given width."""
    at = data.find(b"fmt ", 12)
    kind, bits = (
        int.from_bytes(data[at + 8 : at + 10], "little"),
        int.from_bytes(data[at + 22 : at + 24], "little"),
    )
    if kind == 3:
        return f"pcm_f{bits}le"
    return "pcm_u8" if bits == 8 else f"pcm_s{bits}le"


def _segment(data: bytes, container: str, codec: str, name: str) -> Any:
    segment = segment_class()
    from pydub.exceptions import CouldntDecodeError

    try:
        if container != "m4a":
            return segment.from_file(io.BytesIO(data), format=container, codec=codec)
        # An M4A's index may stand at its end: ffmpeg must be able to seek.
        with tempfile.NamedTemporaryFile(suffix=".m4a") as file:
            file.write(data)
            file.flush()
            return segment.from_file(file.name, format="mp4", codec=codec)
    except CouldntDecodeError as error:
        ffmpeg_version()  # a program that does not run says nothing of the file
        reason = str(error).strip().splitlines()[-1]
        raise BadInput(f"{name}: cannot be decoded as {container}: {reason}") from None
    except OSError as error:
        raise Failed(f"ffmpeg could not run ({error}): {REMEDY}") from None
    except (IndexError, ValueError) as error:
        # pydub's WAV reader meets a broken header with either.
        raise BadInput(f"{name}: damaged {container}: {error}") from None


def _float(raw: bytes, width: int, channels: int) -> Audio:
    """Return float32 (channels, samples) of interleaved integers."""
    kinds = {1: np.int8, 2: np.int16, 4: np.int32}
    frames = np.frombuffer(raw, dtype=kinds[width]).reshape(-1, channels)
    audio = np.empty((channels, len(frames)), dtype=np.float32)
    np.multiply(frames.T, np.float32(1.0 / (1 << (8 * width - 1))), out=audio, casting="unsafe")
    return audio
