"""Master to MP3: constant bitrate by LAME, gapless, tagged; the same input gives the same bytes.

What lives here: encoder settings and what they do to the level. The tag is in `id3`, the Info
frame in `gapless`; `decode` reads files back.
"""

from __future__ import annotations

from collections.abc import Callable

import lameenc

from soundflow_assets.audio import Pcm
from soundflow_assets.delivery.gapless import info_frame
from soundflow_assets.delivery.id3 import Tags, id3v2
from soundflow_assets.errors import BadInput

# LAME scales its input at constant bitrate: measured level of the decoded file against the source.
# Whoever wants an exact loudness adds the opposite before encoding.
ENCODER_GAIN_DB = {128: -0.45, 160: -0.45, 192: -0.265, 224: -0.18, 256: 0.0, 320: 0.0}
# LAME's own low-pass at 44.1 kHz; above it a decoded file is silent.
LOWPASS_HZ = {128: 17000, 160: 17500, 192: 18600, 224: 19400, 256: 19700, 320: 20500}
BITRATES_KBPS = tuple(ENCODER_GAIN_DB)
SAMPLE_RATES = (32000, 44100, 48000)  # MPEG-1's
# Level with LAME's default of 3 by noise-to-mask ratio, at three quarters of its time.
_QUALITY = 5
_CHUNK_SAMPLES = 10 * 44100


def encode(
    pcm: Pcm,
    sample_rate: int,
    bitrate_kbps: int,
    tags: Tags,
    on_progress: Callable[[float], None] | None = None,
) -> bytes:
    """Return the finished MP3 file.

    Parameters
    ----------
    pcm
        int16 (samples, 2).
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
    _check(pcm, sample_rate, bitrate_kbps)
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(2)
    encoder.set_in_sample_rate(sample_rate)
    encoder.set_out_sample_rate(sample_rate)
    encoder.set_bit_rate(bitrate_kbps)
    encoder.set_quality(_QUALITY)
    samples = len(pcm)
    stream = bytearray()
    # The chunk size does not change the bytes; it only sets how often progress is told.
    for start in range(0, samples, _CHUNK_SAMPLES):
        stream += encoder.encode(pcm[start : start + _CHUNK_SAMPLES].tobytes())
        if on_progress is not None:
            on_progress(min(1.0, (start + _CHUNK_SAMPLES) / samples))
    stream += encoder.flush()
    audio = bytes(stream)
    info = info_frame(audio, samples, 100 - 10 * _QUALITY, LOWPASS_HZ[bitrate_kbps])
    return id3v2(tags, round(1000 * samples / sample_rate)) + info + audio


def _check(pcm: Pcm, sample_rate: int, bitrate_kbps: int) -> None:
    if pcm.ndim != 2 or pcm.shape[1] != 2 or pcm.dtype.name != "int16":
        raise BadInput(f"encode: PCM is {pcm.dtype} {pcm.shape}; expected int16 (samples, 2)")
    if not len(pcm):
        raise BadInput("encode: there is no audio")
    if sample_rate not in SAMPLE_RATES:
        raise BadInput(f"encode: sample rate {sample_rate}; known: {SAMPLE_RATES}")
    if bitrate_kbps not in ENCODER_GAIN_DB:
        raise BadInput(f"encode: bitrate {bitrate_kbps} kbps; known: {BITRATES_KBPS}")
