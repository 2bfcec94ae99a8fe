"""What a bucket can do, whichever back end holds it.

Keys are checked before anything is sent (`keys.check_key`). A conditional put is the only way two
writers meet safely: `if_absent` creates, `if_match` replaces exactly the version that was read.
Errors are of four kinds, and none of them is ever turned into "nothing there" by a caller:

=====================  ==============================================================
NotFound               no object under this key
PreconditionFailed     another writer was first: read again and decide
Unavailable            the back end did not answer as it should; trying again may help
AccessDenied           credentials or permissions are wrong; trying again will not help
=====================  ==============================================================
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from soundflow_assets.errors import BadInput, Failed

FOR_EVER = "public, max-age=31536000, immutable"  # Cache-Control of what never changes
DEFAULT_CONTENT_TYPE = "application/octet-stream"
MAX_METADATA_BYTES = 2000  # as sent; S3 allows 2048 in all
MAX_SIGNED_S = 7 * 24 * 3600
_METADATA_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
RESERVED_METADATA = frozenset({"sha256", "put-id"})


class NotFound(Failed):
    """No object lies under the key."""


class PreconditionFailed(Failed):
    """The object is there already, or is not the version the writer had read."""


class Unavailable(Failed):
    """The back end failed or could not be reached; the same call may succeed later."""


class AccessDenied(BadInput):
    """The back end refuses these credentials."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without its bytes.

    A listing fills `key`, `size`, `etag` and `modified` only. `etag` changes whenever the bytes
    do and is comparable only within one bucket; `sha256` is of the bytes, empty where unknown.
    """

    key: str
    size: int
    etag: str
    modified: dt.datetime
    sha256: str = ""
    content_type: str = ""
    cache_control: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object with its bytes, verified against its recorded hash where there is one."""

    info: ObjectInfo
    body: bytes


@dataclass(frozen=True, slots=True)
class RangeRead:
    """Bytes `start` to `stop` (exclusive) of an object; `chunks` can be read once."""

    info: ObjectInfo
    start: int
    stop: int
    chunks: Iterator[bytes]

    def read(self) -> bytes:
        """Read all of the range."""
        return b"".join(self.chunks)


class ObjectStore(Protocol):
    """A bucket. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """How to name this bucket to a person."""
        ...

    def get(self, key: str) -> StoredObject:
        """Return an object whole; `NotFound` if there is none."""
        ...

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of an object; `NotFound` if there is none."""
        ...

    def put(
        self,
        key: str,
        body: bytes | Path,
        *,
        if_absent: bool = False,
        if_match: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        cache_control: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """Store an object atomically: readers see the old or the new one, never a part.

        `if_match` is an etag; `PreconditionFailed` when the object is absent or another version.
        """
        ...

    def list(self, prefix: str = "", *, suffix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield all objects under `prefix` that end with `suffix`, in the order of their keys.

        `after` begins behind this key, or behind where it would stand.
        """
        ...

    def open_range(self, key: str, start: int = 0, stop: int | None = None) -> RangeRead:
        """Open bytes `start` up to `stop`, at most to the end; `BadInput` beyond it."""
        ...

    def sign_get(self, key: str, expires_s: int = 3600) -> str:
        """Return an address that fetches the object until it expires, 1 s to 7 days."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens where there is none."""
        ...


def check_put(
    if_absent: bool, if_match: str | None, metadata: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the metadata as a dict if every back end can store it."""
    if if_absent and if_match is not None:
        raise BadInput("a put takes if_absent or if_match, not both")
    found = dict(metadata or {})
    for name in found:
        if not _METADATA_NAME.fullmatch(name) or name in RESERVED_METADATA:
            raise BadInput(
                f"metadata name {name!r}: expected a-z, 0-9 and hyphen, "
                f"none of {', '.join(sorted(RESERVED_METADATA))}"
            )
    size = sum(len(name) + len(quote(value)) for name, value in found.items())
    if size > MAX_METADATA_BYTES:
        raise BadInput(f"metadata of {size} bytes: expected at most {MAX_METADATA_BYTES}")
    return found


def check_range(key: str, size: int, start: int, stop: int | None) -> tuple[int, int]:
    """Return the range cut to the object's size; `BadInput` where nothing of it exists."""
    end = size if stop is None else min(stop, size)
    if start < 0 or end < start or (start >= size and (start, size) != (0, 0)):
        raise BadInput(f"{key}: range {start} to {stop} lies outside of its {size} bytes")
    return start, end


def check_expiry(expires_s: int) -> int:
    """Return `expires_s` if a signature may last so long."""
    if not 1 <= expires_s <= MAX_SIGNED_S:
        raise BadInput(f"signed address for {expires_s} s: expected 1 to {MAX_SIGNED_S}")
    return expires_s
