"""Bytes as HTTP serves them again and again: strong validators, 304, gzip.

A representation and its gzip have validators of their own (RFC 9110, section 8.8.3: a strong one
names exact bytes), `"<sha256>"` and `"<sha256>-gz"`. A request that holds either is answered by
304, because both are the same document.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

PUBLIC_MINUTE = "public, max-age=60, stale-while-revalidate=300"
REVALIDATE = "no-cache"
PRIVATE = "private, no-store"
_WORTH_GZIP = 860  # smaller bodies fit one packet anyway
_LEVEL = 6
_REFUSES_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


@dataclass(frozen=True, slots=True)
class Representation:
    """A document's bytes; `gzipped` is empty where compressing is not worth it."""

    body: bytes
    sha256: str
    media_type: str
    gzipped: bytes = b""

    def etag(self, compressed: bool) -> str:
        """Return the validator of one of the two codings."""
        return f'"{self.sha256}-gz"' if compressed else f'"{self.sha256}"'


def represent(body: bytes, media_type: str, *, compress: bool = True) -> Representation:
    """Return `body` with its hash, and its gzip where that is worth it."""
    small = not compress or len(body) < _WORTH_GZIP
    return Representation(
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        media_type=media_type,
        gzipped=b"" if small else gzip.compress(body, _LEVEL, mtime=0),
    )


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client that sends this takes gzip.

    >>> accepts_gzip("gzip, deflate, br"), accepts_gzip("gzip;q=0"), accepts_gzip("identity")
    (True, False, False)
    """
    return "gzip" in accept_encoding and not _REFUSES_GZIP.search(accept_encoding)


def matches(if_none_match: str, sha256: str) -> bool:
    """Whether an If-None-Match names this document, compared weakly as RFC 9110 asks.

    >>> matches('W/"ab", "cd-gz"', "cd"), matches("*", "cd"), matches('"abc"', "ab")
    (True, True, False)
    """
    if if_none_match.strip() == "*":
        return True
    for tag in if_none_match.split(","):
        bare = tag.strip().removeprefix("W/")
        if bare in (f'"{sha256}"', f'"{sha256}-gz"'):
            return True
    return False


def answer(
    headers: Mapping[str, str],
    found: Representation,
    cache_control: str,
    extra: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a request with these headers: 304, the gzip, or the bytes."""
    compressed = bool(found.gzipped) and accepts_gzip(headers.get("accept-encoding", ""))
    sent = {
        "ETag": found.etag(compressed),
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        **(extra or {}),
    }
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None and matches(if_none_match, found.sha256):
        return Response(None, 304, sent)
    if compressed:
        sent["Content-Encoding"] = "gzip"
    return Response(found.gzipped if compressed else found.body, 200, sent, found.media_type)
