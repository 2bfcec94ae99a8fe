"""MPEG audio layer III as a stream of frames: what a file says of itself, read from its headers.

A frame opens with four bytes: 11 bits of sync, version (11 = MPEG-1, 10 = MPEG-2, 00 = MPEG-2.5),
layer (01 = III), no-CRC bit, bitrate index, sample rate index, padding bit, …  (ISO/IEC 11172-3,
2.4.1.3.)  Its length is 144·bitrate/rate + padding bytes (72 for MPEG-2 and 2.5) and it holds 1152
(576) samples. Nothing is decoded here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from soundflow_assets.errors import BadInput

_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG1_RATES = (44100, 48000, 32000)
# Version bits -> (bitrates, divisor of the MPEG-1 rates, samples per frame, side info mono/stereo).
_VERSIONS = {
    3: (_MPEG1_KBPS, 1, 1152, 17, 32),
    2: (_MPEG2_KBPS, 2, 576, 9, 17),
    0: (_MPEG2_KBPS, 4, 576, 9, 17),
}


class FrameHeader(NamedTuple):
    """One frame's own description."""

    version: int
    bitrate_kbps: int
    sample_rate: int
    channels: int
    samples: int
    size: int  # bytes with the header
    info_offset: int  # where a Xing/Info tag would stand


class InfoTag(NamedTuple):
    """The Xing/Info frame's facts, None where the encoder left them out."""

    frames: int | None
    size: int | None  # bytes of the stream with the Info frame
    delay: int | None  # samples to drop at the start, without the decoder's own
    padding: int | None  # samples to drop at the end


@dataclass(frozen=True, slots=True)
class Mp3Stream:
    """What the headers of a whole file say."""

    sample_rate: int
    channels: int
    frames: int  # audio frames, the Info frame not counted
    samples: int  # after the encoder's delay and padding are dropped, when the tag tells them
    bitrate_kbps: float  # mean
    constant_bitrate: bool
    info: InfoTag | None

    @property
    def duration_s(self) -> float:
        """Playing time in seconds."""
        return self.samples / self.sample_rate


def frame_header(data: bytes, at: int) -> FrameHeader | None:
    """Return the header at byte `at`, or None where no layer III frame starts."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return None
    version = data[at + 1] >> 3 & 3
    bitrate_index, rate_index = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or rate_index == 3 or bitrate_index in (0, 15):
        return None
    rates, divisor, samples, side_mono, side_stereo = _VERSIONS[version]
    kbps, rate = rates[bitrate_index], _MPEG1_RATES[rate_index] // divisor
    channels = 1 if data[at + 3] >> 6 == 3 else 2
    size = samples // 8 * kbps * 1000 // rate + (data[at + 2] >> 1 & 1)
    offset = 4 + (side_mono if channels == 1 else side_stereo)
    return FrameHeader(version, kbps, rate, channels, samples, size, offset)


def id3_size(data: bytes) -> int:
    """Return the length of the ID3v2 tags that `data` opens with, 0 without one."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        b = data[at + 6 : at + 10]
        footer = 10 if data[at + 5] & 0x10 else 0
        at += 10 + (b[0] << 21 | b[1] << 14 | b[2] << 7 | b[3]) + footer
    return at


def looks_like_mp3(data: bytes) -> bool:
    """Tell whether two layer III frames of one kind follow each other at the start."""
    at = id3_size(data)
    first = frame_header(data, at)
    if first is None:
        return False
    second = frame_header(data, at + first.size)
    return second is not None and second[2:4] == first[2:4]


def scan(data: bytes, name: str = "MP3") -> Mp3Stream:
    """Walk through all frames of an MP3 file.

    Parameters
    ----------
    data
        The whole file.
    name
        What the errors call it.

    Raises
    ------
    BadInput
        When it is empty, is not layer III, breaks off, or carries garbage between frames.
    """
    if not data:
        raise BadInput(f"{name}: the file is empty")
    at = id3_size(data)
    first = frame_header(data, at)
    if first is None:
        raise BadInput(f"{name}: not an MP3: no MPEG layer III frame at byte {at}")
    info = _info_tag(data, at, first)
    if info is not None:
        at += first.size
    start, end = at, _end_of_audio(data)
    frames, samples, bitrates = 0, 0, set()
    while at < end:
        header = frame_header(data, at)
        if header is None or header.sample_rate != first.sample_rate:
            raise BadInput(f"{name}: damaged: no frame at byte {at} of {len(data)}")
        if at + header.size > end:
            raise BadInput(
                f"{name}: cut short: the last frame ends {at + header.size - end} bytes early"
            )
        frames, samples, at = frames + 1, samples + header.samples, at + header.size
        bitrates.add(header.bitrate_kbps)
    _check_complete(name, info, frames)
    if info is not None and info.delay is not None and info.padding is not None:
        samples -= info.delay + info.padding
    mean = (at - start) * 8 * first.sample_rate / (frames * first.samples * 1000)
    constant = len(bitrates) == 1
    return Mp3Stream(
        first.sample_rate,
        first.channels,
        frames,
        samples,
        float(bitrates.pop()) if constant else mean,
        constant,
        info,
    )


def _check_complete(name: str, info: InfoTag | None, frames: int) -> None:
    if not frames:
        raise BadInput(f"{name}: cut short: it holds no audio frame")
    if info is not None and info.frames is not None and info.frames != frames:
        raise BadInput(
            f"{name}: cut short: {frames} frames of {info.frames} that its tag announces"
        )


def _end_of_audio(data: bytes) -> int:
    """Return where audio ends: before an ID3v1 tag and zero padding."""
    end = len(data)
    if data[end - 128 : end - 125] == b"TAG":
        end -= 128
    return len(data[:end].rstrip(b"\0")) if data[end - 4 : end] == b"\0\0\0\0" else end


def _info_tag(data: bytes, at: int, header: FrameHeader) -> InfoTag | None:
    tag = at + header.info_offset
    if data[tag : tag + 4] not in (b"Info", b"Xing"):
        return None
    flags = int.from_bytes(data[tag + 4 : tag + 8], "big")
    cursor = tag + 8
    fields: list[int | None] = []
    for bit in (1, 2):
        present = flags & bit
        fields.append(struct.unpack_from(">I", data, cursor)[0] if present else None)
        cursor += 4 if present else 0
    cursor += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    encoder = data[cursor : cursor + 4]
    if encoder not in (b"LAME", b"Lavc", b"Lavf") or cursor + 24 > at + header.size:
        return InfoTag(fields[0], fields[1], None, None)
    delays = int.from_bytes(data[cursor + 21 : cursor + 24], "big")
    return InfoTag(fields[0], fields[1], delays >> 12, delays & 0xFFF)
