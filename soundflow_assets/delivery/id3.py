"""ID3v2.4: the facts of a track inside the file itself.

Frames stand in the order of their names, text is UTF-8, and nothing depends on the clock, so the
same tags are the same bytes. (id3.org, ID3v2.4.0 structure and native frames.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from soundflow_assets.errors import BadInput

_UTF8 = b"\x03"
_FRONT_COVER = b"\x03"


@dataclass(frozen=True, slots=True)
class Tags:
    """What a track says of itself. Empty texts are left out.

    `date` is the track's own date; `extra` are user-defined texts (name, value), such as the
    public id and the licence.
    """

    title: str
    artist: str = "SoundFlow"
    album: str = ""
    date: dt.date | None = None
    genre: str = ""
    bpm: float | None = None
    key: str = ""
    comment: str = ""
    encoder: str = ""
    cover_png: bytes = b""
    extra: tuple[tuple[str, str], ...] = ()


def id3v2(tags: Tags, duration_ms: int) -> bytes:
    """Return the ID3v2.4 tag that opens a file of `duration_ms`."""
    texts = {
        "TALB": tags.album,
        "TBPM": "" if tags.bpm is None else str(round(tags.bpm)),
        "TCON": tags.genre,
        "TDRC": "" if tags.date is None else tags.date.isoformat(),
        "TIT2": tags.title,
        "TKEY": tags.key,
        "TLEN": str(duration_ms),
        "TPE1": tags.artist,
        "TSSE": tags.encoder,
    }
    frames = [(name, _UTF8 + _text(name, value)) for name, value in texts.items() if value]
    frames += [
        ("TXXX", _UTF8 + _text(name, name) + b"\0" + _text(name, value))
        for name, value in sorted(tags.extra)
    ]
    if tags.comment:
        frames.append(("COMM", _UTF8 + b"eng\0" + _text("COMM", tags.comment)))
    if tags.cover_png:
        frames.append(("APIC", _UTF8 + b"image/png\0" + _FRONT_COVER + b"\0" + tags.cover_png))
    return _tag(sorted(frames, key=lambda frame: frame[0]))


def _text(name: str, value: str) -> bytes:
    if "\0" in value:
        raise BadInput(f"tag {name}: {value!r} contains a zero character, which ends a text")
    return value.encode()


def _tag(frames: Iterable[tuple[str, bytes]]) -> bytes:
    body = b"".join(
        name.encode() + _synchsafe(len(content)) + b"\0\0" + content for name, content in frames
    )
    return b"ID3\x04\x00\x00" + _synchsafe(len(body)) + body


def _synchsafe(number: int) -> bytes:
    """Spread 28 bits over four bytes of seven, so that no size can look like a frame's sync."""
    if number >= 1 << 28:
        raise BadInput(f"tag of {number} bytes: an ID3 tag holds less than 268435456")
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
