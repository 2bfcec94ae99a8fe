"""API tokens: what they look like, and what is kept of them.

A token is `sf_live_` (or `sf_test_`), an id of 10 characters, a secret of 43 and a checksum of 6,
all of 0-9A-Za-z. The prefix and the checksum (CRC-32 of what stands before it, in base 62) let
scanners of source code recognise a leaked one without asking us. The secret has 256 bits, so its
SHA-256 needs no salt and no slow hash: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from typing import Literal, get_args

from soundflow_assets.errors import BadInput

Mode = Literal["live", "test"]
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CHECK_LENGTH = 10, 43, 6  # 62**43 > 2**256
_TOKEN = re.compile(r"sf_(?:live|test)_[0-9A-Za-z]{59}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as given to its owner; `id` is its public part. Never stored, never logged."""

    id: str
    text: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """What is stored in its place."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def new_token(mode: Mode = "live") -> Token:
    """Return a token that never was before."""
    if mode not in get_args(Mode):
        raise BadInput(f"mode {mode!r}: expected one of {', '.join(get_args(Mode))}")
    body = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH + SECRET_LENGTH))
    head = f"sf_{mode}_{body}"
    return Token(body[:ID_LENGTH], head + checksum(head))


def parse_token(text: str) -> Token | None:
    """Return the token that `text` is, None where it cannot be one of ours."""
    if not _TOKEN.fullmatch(text) or checksum(text[:-CHECK_LENGTH]) != text[-CHECK_LENGTH:]:
        return None
    body = text.rpartition("_")[2]
    return Token(body[:ID_LENGTH], text)


def checksum(text: str) -> str:
    """Return the CRC-32 of `text` in base 62, six characters.

    >>> checksum("sf_live_x")
    '1qFM7j'
    """
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def same_secret(token: Token, stored_sha256: str) -> bool:
    """Whether the stored hash is this token's, in a time that tells nothing about it."""
    return hmac.compare_digest(token.sha256.encode(), stored_sha256.encode())
