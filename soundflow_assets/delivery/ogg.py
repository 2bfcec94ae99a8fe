"""Ogg pages of a Vorbis file: its comments and its serial number, put in afterwards.

libsndfile draws a serial number from the clock and knows only some comments by name. Both are
replaced here, so that the same sound is the same bytes. (RFC 3533, 6; Vorbis I, 4.2.1 and 5.2.1.)

A page is 27 bytes of header, a table of segment lengths, and the segments; packets end with a
segment of less than 255 bytes. The first page holds the identification header alone; the comment
header and the setup header fill the next one or more, and audio begins on a page of its own.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_SERIAL = 1
_HEADER = struct.Struct("<4sBBqIII")  # capture, version, type, position, serial, number, CRC
_CONTINUED, _FIRST = 1, 2
_FULL = 255  # bytes of a segment whose packet goes on
_MOST_SEGMENTS = 255
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Page(NamedTuple):
    kind: int
    position: int
    lacing: bytes
    body: bytes


def with_comments(data: bytes, comments: Mapping[str, str]) -> bytes:
    """Return a Vorbis file with `comments` and no others.

    Parameters
    ----------
    data
        An Ogg file of one Vorbis stream.
    comments
        Vorbis comments, by name.
    """
    pages = list(_pages(data))
    packets: list[bytes] = []
    part, after = b"", 0
    while len(packets) < 3:
        for segment, more in _segments(pages[after]):
            part += segment
            if not more:
                packets.append(part)
                part = b""
        after += 1
    identification, comment, setup = packets
    headers = [*_paged([identification]), *_paged([_commented(comment, comments), setup])]
    headers[0] = headers[0]._replace(kind=_FIRST)
    return b"".join(_bytes(page, number) for number, page in enumerate((*headers, *pages[after:])))


def _pages(data: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(data):
        _, _, kind, position, _, _, _ = _HEADER.unpack_from(data, at)
        at += _HEADER.size + 1
        lacing = data[at : at + data[at - 1]]
        at += len(lacing)
        yield _Page(kind, position, lacing, data[at : at + sum(lacing)])
        at += sum(lacing)


def _segments(page: _Page) -> Iterator[tuple[bytes, bool]]:
    """Yield each segment, and whether its packet goes on after it."""
    at = 0
    for length in page.lacing:
        yield page.body[at : at + length], length == _FULL
        at += length


def _paged(packets: list[bytes]) -> Iterator[_Page]:
    """Put header packets on as few pages as they need."""
    lacing = b"".join(
        bytes([_FULL]) * (len(packet) // _FULL) + bytes([len(packet) % _FULL]) for packet in packets
    )
    body, kind = b"".join(packets), 0
    while lacing:
        here, lacing = lacing[:_MOST_SEGMENTS], lacing[_MOST_SEGMENTS:]
        size = sum(here)
        yield _Page(kind, 0, here, body[:size])
        body, kind = body[size:], _CONTINUED if here[-1] == _FULL else 0


def _commented(packet: bytes, comments: Mapping[str, str]) -> bytes:
    """Return the comment header with other comments; the name of the library in it stays."""
    vendor = 11 + int.from_bytes(packet[7:11], "little")
    texts = [f"{name}={text}".encode() for name, text in comments.items()]
    listed = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return packet[:vendor] + struct.pack("<I", len(texts)) + listed + b"\x01"


def _bytes(page: _Page, number: int) -> bytes:
    header = _HEADER.pack(b"OggS", 0, page.kind, page.position, _SERIAL, number, 0)
    whole = header + bytes([len(page.lacing)]) + page.lacing + page.body
    return whole[:22] + struct.pack("<I", _checksum(whole)) + whole[26:]


def _checksum(data: bytes) -> int:
    """Return Ogg's CRC: zlib's polynomial with the bits the other way round, from 0."""
    mirrored = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
