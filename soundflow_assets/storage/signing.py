"""Signed addresses for a local bucket: what presigned URLs are to S3.

The service that serves the bucket calls `verify` with what it was asked for. The signature covers
method, key and expiry, so none of them can be exchanged.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr

from soundflow_assets.storage.store import check_expiry


@dataclass(frozen=True, slots=True)
class UrlSigner:
    """Makes and checks signed addresses below `base_url`. `now` is Unix time in seconds."""

    base_url: str
    secret: SecretStr
    now: Callable[[], float] = time.time

    def sign(self, key: str, expires_s: int) -> str:
        """Return `base_url/key?expires=…&signature=…`, good for `expires_s` seconds."""
        expires = int(self.now()) + check_expiry(expires_s)
        signature = self._signature(key, expires)
        return f"{self.base_url}/{quote(key)}?expires={expires}&signature={signature}"

    def verify(self, key: str, expires: int, signature: str) -> bool:
        """Whether this signature opens `key` now."""
        expected = self._signature(key, expires)
        # Compared as bytes: compare_digest refuses text that is not ASCII.
        genuine = hmac.compare_digest(expected.encode(), signature.encode())
        return genuine and self.now() < expires

    def _signature(self, key: str, expires: int) -> str:
        message = f"GET\n{key}\n{expires}".encode()
        return hmac.new(
            self.secret.get_secret_value().encode(), message, hashlib.sha256
        ).hexdigest()
