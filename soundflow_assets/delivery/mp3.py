"""Master to MP3: constant bitrate by LAME, gapless, tagged; the same input gives the same bytes.

What lives here: encoder settings and what they do to the level. The tag is in `id3`, the Info
frame in `gapless`; `decode` reads files back.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO

import lameenc

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.gapless import FrameCount, info_frame, info_size
from soundflow_assets.delivery.id3 import Tags, id3v2
from soundflow_assets.errors import BadInput
from soundflow_assets.reel import stretches

# LAME scales its input at constant bitrate: measured level of the decoded file against the source.
# Whoever wants an exact loudness adds the opposite before encoding.
ENCODER_GAIN_DB = {128: -0.45, 160: -0.45, 192: -0.265, 224: -0.18, 256: 0.0, 320: 0.0}
# LAME's own low-pass at 44.1 kHz; above it a decoded file is silent.
LOWPASS_HZ = {128: 17000, 160: 17500, 192: 18600, 224: 19400, 256: 19700, 320: 20500}
BITRATES_KBPS = tuple(ENCODER_GAIN_DB)
SAMPLE_RATES = (32000, 44100, 48000)  # MPEG-1's
# Level with LAME's default of 3 by noise-to-mask ratio, at three quarters of its time.
_QUALITY = 5


def write_mp3(
    file: BinaryIO,
    blocks: Iterable[Pcm],
    samples: int,
    sample_rate: int,
    bitrate_kbps: int,
    tags: Tags,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Write the finished MP3 to `file`, without ever holding more than a block of it.

    Parameters
    ----------
    file
        Open for writing at its start, and seekable: the Info frame is known last and stands first.
    blocks
        int16 (n, 2) each. Their sizes do not change the bytes, only how often progress is told.
    samples
        Length of all blocks together.
    sample_rate
        32000, 44100 or 48000 Hz.
    bitrate_kbps
        One of `BITRATES_KBPS`.
    tags
        Written as ID3v2.4 before the audio.
    on_progress
        Called with the share that is done, 0 to 1.

    Raises
    ------
    BadInput
        For another shape, rate or bitrate, or no audio at all.
    """
    _check_settings(samples, sample_rate, bitrate_kbps)
    encoder = _encoder(sample_rate, bitrate_kbps)
    tag = id3v2(tags, round(1000 * samples / sample_rate))
    file.write(tag + bytes(info_size(bitrate_kbps, sample_rate)))
    stream, done = FrameCount(), 0

    def take(piece: bytes) -> None:
        stream.feed(piece)
        file.write(piece)

    for block in blocks:
        _check_block(block)
        take(bytes(encoder.encode(block.tobytes())))
        done += len(block)
        if on_progress is not None:
            on_progress(min(1.0, done / samples))
    take(bytes(encoder.flush()))
    file.seek(len(tag))
    file.write(info_frame(stream, done, 100 - 10 * _QUALITY, LOWPASS_HZ[bitrate_kbps]))


def encode(
    pcm: Pcm,
    sample_rate: int,
    bitrate_kbps: int,
    tags: Tags,
    on_progress: Callable[[float], None] | None = None,
) -> bytes:
    """Return the finished MP3 of int16 (samples, 2); arguments and errors as in `write_mp3`."""
    _check_block(pcm)
    blocks = (pcm[start:stop] for start, stop in stretches(len(pcm)))
    file = io.BytesIO()
    write_mp3(file, blocks, len(pcm), sample_rate, bitrate_kbps, tags, on_progress)
    return file.getvalue()


def _encoder(sample_rate: int, bitrate_kbps: int) -> lameenc.Encoder:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(2)
    encoder.set_in_sample_rate(sample_rate)
    encoder.set_out_sample_rate(sample_rate)
    encoder.set_bit_rate(bitrate_kbps)
    encoder.set_quality(_QUALITY)
    return encoder


def _check_block(pcm: Pcm) -> None:
    if pcm.ndim != 2 or pcm.shape[1] != 2 or pcm.dtype.name != "int16":
        raise BadInput(f"encode: PCM is {pcm.dtype} {pcm.shape}; expected int16 (samples, 2)")


def _check_settings(samples: int, sample_rate: int, bitrate_kbps: int) -> None:
    if not samples:
        raise BadInput("encode: there is no audio")
    if sample_rate not in SAMPLE_RATES:
        raise BadInput(f"encode: sample rate {sample_rate}; known: {SAMPLE_RATES}")
    if bitrate_kbps not in ENCODER_GAIN_DB:
        raise BadInput(f"encode: bitrate {bitrate_kbps} kbps; known: {BITRATES_KBPS}")
