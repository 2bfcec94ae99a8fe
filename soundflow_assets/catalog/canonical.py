"""Canonical JSON: the same value is always the same bytes, so that a hash names a document.

Keys sorted, no white space, UTF-8, whole numbers without a fraction, no NaN. Catalogs are arrays
with one entry on each line: readable in a diff, and divisible into entries without parsing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from soundflow_assets.errors import Failed

JSON_TYPE = "application/json"
_PIECE = 64  # entries: what fits a processor's cache


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of plain JSON data."""
    return _compact(value, sort_keys=True)


def ordered(value: Any) -> bytes:
    """Return the same with keys in their own order, where the order says something.

    A plan's drum lanes take their turns as they are listed: sorted, it would be another plan.
    """
    return _compact(value, sort_keys=False)


def _compact(value: Any, *, sort_keys: bool) -> bytes:
    return json.dumps(
        _whole(value),
        sort_keys=sort_keys,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def sha256_of(data: bytes) -> str:
    """Return the sha256 in hex."""
    return hashlib.sha256(data).hexdigest()


def lines_of(entries: Iterable[bytes]) -> bytes:
    r"""Return a JSON array of ready entries, one on each line.

    >>> lines_of([b'{"a":1}', b'{"b":2}'])
    b'[\n{"a":1},\n{"b":2}\n]\n'
    >>> lines_of([])
    b'[]\n'
    """
    return b"".join(lines_in_pieces(list(entries)))


def lines_in_pieces(entries: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the same array in pieces, for a hash of what is too large to be held twice."""
    if not entries:
        yield b"[]\n"
        return
    for start in range(0, len(entries), _PIECE):
        yield b",\n" if start else b"[\n"
        yield b",\n".join(entries[start : start + _PIECE])
    yield b"\n]\n"


def entries_of(array: bytes, name: str) -> list[bytes]:
    """Return the entries of an array made by `lines_of`; `Failed` if it is not one."""
    if array == b"[]\n":
        return []
    if not (array.startswith(b"[\n") and array.endswith(b"\n]\n")):
        raise Failed(f"{name}: not an array with one entry on each line")
    return array[2:-3].split(b",\n")


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value
