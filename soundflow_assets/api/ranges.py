"""Range requests on one representation (RFC 9110, section 14).

One range is answered; a request for several is answered whole, as the RFC allows, because no player
asks for several and each would cost another read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `stop` (exclusive)."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """Nothing of the range exists: 416."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range that is asked for, None for the whole.

    A header that is malformed or names several ranges counts as none.

    Raises
    ------
    Unsatisfiable
        When the range begins behind the end.

    >>> parse_range("bytes=0-99", 1000)
    ByteRange(start=0, stop=100)
    >>> parse_range("bytes=-100", 1000)
    ByteRange(start=900, stop=1000)
    >>> parse_range("bytes=5-2", 1000) is None
    True
    """
    match = _RANGE.fullmatch(header) if header is not None and header.isascii() else None
    if match is None or match[0] == "" or (not match[1] and not match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        if length == 0:
            raise Unsatisfiable
        return ByteRange(size - length, size)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(int(match[2]) + 1, size) if match[2] else size)
