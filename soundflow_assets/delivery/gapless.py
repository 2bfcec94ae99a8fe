"""The Info frame: one silent frame before the audio that lets players drop what encoding added.

An MP3 is longer than its source: the encoder puts 576 samples before it and fills the last frame
behind it. The Info frame (Xing's tag with LAME's extension) states both, so that a decoder gives
back exactly the samples that went in. lameenc does not write it; here it is in pure Python.

Layout, offsets from the frame's first byte (MPEG-1 stereo: 4 bytes header, 32 of side information):

======  =====  ==========================================================
offset  bytes  content
======  =====  ==========================================================
36      4      `Info` (`Xing` would announce a variable bitrate)
40      4      flags 15: frames, bytes, seek table and quality follow
44      4      number of audio frames, this one not counted
48      4      bytes of the stream, this frame counted
52      100    seek table: share of the bytes (of 256) at i % of the time
152     4      quality
156     9      encoder, `LAME3.100`
165     1      tag revision 0, method 1 (constant bitrate)
166     1      low-pass / 100 Hz
167     8      replay gain, unset
175     1      encoding flags, unset
176     1      bitrate, at most 255
177     3      12 bits of delay, 12 bits of padding
180     4      unset
184     4      bytes of music
188     2      CRC of the music, unset
190     2      CRC-16/ARC of bytes 0 to 189
======  =====  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass

from soundflow_assets.delivery.mpeg import frame_header
from soundflow_assets.errors import Failed

ENCODER_DELAY = 576
FRAME_SAMPLES = 1152
HEADER_BYTES = 4


@dataclass(slots=True)
class FrameCount:
    """The frames of a stream that comes in pieces, counted; pieces may end within a frame."""

    first: bytes = b""  # the header of the first frame
    frames: int = 0
    size: int = 0  # bytes so far
    _next: int = 0  # where the next frame begins, counted from the first byte
    _rest: bytes = b""  # of a header that the last piece broke off in

    def feed(self, piece: bytes) -> None:
        """Count the frames that begin in `piece`."""
        start = self.size - len(self._rest)
        data = self._rest + piece
        self.size += len(piece)
        while self._next + HEADER_BYTES <= self.size:
            at = self._next - start
            header = frame_header(data, at)
            if header is None:
                raise Failed(f"the MP3 encoder lost its frames at byte {self._next}")
            self.first = self.first or data[at : at + HEADER_BYTES]
            self.frames, self._next = self.frames + 1, self._next + header.size
        self._rest = data[max(0, self._next - start) :]


def info_size(bitrate_kbps: int, sample_rate: int) -> int:
    """Return the length of the Info frame in bytes: that of an unpadded frame of the stream."""
    return FRAME_SAMPLES // 8 * bitrate_kbps * 1000 // sample_rate


def info_frame(stream: FrameCount, samples: int, quality: int, lowpass_hz: int) -> bytes:
    """Return the frame to put before a stream.

    Parameters
    ----------
    stream
        The encoder's MPEG-1 layer III stereo frames of constant bitrate, counted.
    samples
        Samples per channel that went into the encoder.
    quality
        0 (worst) to 100, for information.
    lowpass_hz
        The encoder's low-pass, for information.
    """
    head = stream.first
    first = frame_header(head, 0)
    if first is None or first.samples != FRAME_SAMPLES or first.channels != 2:
        raise Failed("the MP3 encoder did not start with an MPEG-1 stereo frame")
    unpadded = bytes((head[0], head[1] | 1, head[2] & 0xFD, head[3]))
    size = info_size(first.bitrate_kbps, first.sample_rate)
    padding = stream.frames * FRAME_SAMPLES - ENCODER_DELAY - samples
    if not 0 <= padding < 4096:
        raise Failed(f"the MP3 encoder made {stream.frames} frames of {samples} samples")
    tag = bytearray(size)
    tag[0:4] = unpadded
    tag[36:44] = b"Info" + (15).to_bytes(4, "big")
    tag[44:48] = stream.frames.to_bytes(4, "big")
    tag[48:52] = (size + stream.size).to_bytes(4, "big")
    tag[52:152] = bytes(i * 256 // 100 for i in range(100))
    tag[152:156] = quality.to_bytes(4, "big")
    tag[156:165] = b"LAME3.100"
    tag[165] = 1
    tag[166] = lowpass_hz // 100
    tag[176] = min(first.bitrate_kbps, 255)
    tag[177:180] = (ENCODER_DELAY << 12 | padding).to_bytes(3, "big")
    tag[184:188] = (size + stream.size).to_bytes(4, "big")
    tag[190:192] = crc16_arc(bytes(tag[:190])).to_bytes(2, "big")
    return bytes(tag)


def crc16_arc(data: bytes) -> int:
    """Return the CRC-16 with polynomial 0x8005, reflected, from zero.

    >>> hex(crc16_arc(b"123456789"))
    '0xbb3d'
    """
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
