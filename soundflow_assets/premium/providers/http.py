"""Talking to a service: patience with what passes, none with what does not, no secrets in texts.

==================  ==========================================================================
answer              meaning here
==================  ==========================================================================
401, 403            credentials are wrong: `BadInput`, at once
402                 the account has no credit: `Permanent`
404, 4xx            the service does not know what was asked: `Permanent`
408, 425, 429, 5xx  busy or broken: tried again until the time is over, then `Transient`
no connection       the same
no reply            the same for reading; creating is `LostReply`, because it may have been done
not JSON            `Permanent`: something else than the service answers at this address
==================  ==========================================================================
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.providers.interface import Permanent, Transient

CALL_S = 60.0  # one call; generation itself is waited for by asking again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
MAX_JSON_BYTES = 64 << 20
MAX_SOUND_BYTES = 512 << 20  # a quarter of an hour of 48 kHz stereo float is 346 MB
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 524})
_LEAST_SECRET = 6  # a shorter word is in every text
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class LostReply(Transient):
    """A job was sent, but nobody knows whether it arrived."""


class Service:
    """One service at one address, until a deadline."""

    def __init__(
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str],
        timeout_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Remember how to call; nothing is sent yet."""
        self.name = name
        self._base = base_url.rstrip("/")
        self._headers = dict(headers)
        self._secrets = [
            word for value in headers.values() for word in value.split() if len(word) >= 6
        ]
        self._sleep = sleep
        self._deadline = time.monotonic() + timeout_s
        self._timeout_s = timeout_s

    @property
    def left_s(self) -> float:
        """Return how much of the time is left."""
        return self._deadline - time.monotonic()

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at `path`; tried again while that may help."""
        return self._json(self._patiently("GET", path, None, creates=False))

    def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a job; `LostReply` when it may have arrived and nobody said so."""
        return self._json(self._patiently("POST", path, body, creates=True))

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a job that carries its own id, so that sending it twice is sending it once."""
        return self._json(self._patiently("PUT", path, body, creates=False))

    def cancel(self, method: str, path: str) -> None:
        """Ask for an end, once; whoever cancels has no time for errors."""
        try:
            with self._client() as client:
                client.request(method, self._base + path, timeout=10.0)
        except httpx.HTTPError:
            return

    def fetch(self, url: str, path: Path) -> Path:
        """Download a result into `path`; credentials go to the service's own host only.

        Raises
        ------
        Permanent
            When it is no web address, too large, or no longer there.
        Transient
            When it does not come through in time.
        """
        address = url if "://" in url else self._base + url
        parts = urlsplit(address)
        own = parts.netloc == urlsplit(self._base).netloc
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK and not own:
            raise Permanent(f"{self.name}: the result's address is not https")
        pause = FIRST_PAUSE_S
        while True:
            try:
                with self._client(secret=own) as client:
                    self._download(client, address, path)
                    return path
            except (httpx.TransportError, Transient) as error:
                pause = self._pause(pause, f"its result could not be fetched ({_kind(error)})")

    def pause(self, seconds: float) -> None:
        """Wait between two looks; `Transient` when the time is over."""
        if self.left_s <= seconds:
            raise Transient(f"{self.name}: not done within {self._timeout_s:g} s; given up")
        self._sleep(seconds)

    def shown(self, text: object, limit: int = 300) -> str:
        """Return what a service said, short, on one line and without our secrets."""
        plain = " ".join(str(text).split())
        for secret in self._secrets:
            plain = plain.replace(secret, "***")
        return plain[:limit]

    def _patiently(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, creates: bool
    ) -> httpx.Response:
        pause = FIRST_PAUSE_S
        while True:
            try:
                with self._client() as client:
                    answer = client.request(method, self._base + path, json=body)
            except _NEVER_SENT as error:
                pause = self._pause(pause, f"cannot be reached ({_kind(error)})")
                continue
            except httpx.TransportError as error:
                if creates:
                    raise LostReply(
                        f"{self.name}: no reply to the job ({_kind(error)}); it may be running"
                    ) from None
                pause = self._pause(pause, f"does not answer ({_kind(error)})")
                continue
            if answer.status_code not in _PASSING:
                return self._accepted(answer)
            pause = self._pause(pause, f"answered {answer.status_code}", answer)

    def _pause(self, pause: float, why: str, answer: httpx.Response | None = None) -> float:
        """Wait before another try and return the next wait; `Transient` when there is no time."""
        asked = answer.headers.get("retry-after", "") if answer is not None else ""
        wait = min(float(asked), 120.0) if asked.replace(".", "", 1).isdigit() else pause
        if self.left_s <= wait:
            raise Transient(f"{self.name}: {why}; given up after {self._timeout_s:g} s")
        self._sleep(wait)
        return min(2.0 * pause, LONGEST_PAUSE_S)

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        code = answer.status_code
        if code in (401, 403):
            raise BadInput(f"{self.name}: refused the credentials ({code})")
        if code == 402:
            raise Permanent(f"{self.name}: the account has no credit (402)")
        if not 200 <= code < 300:
            raise Permanent(f"{self.name}: answered {code}: {self.shown(answer.text)}")
        return answer

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            if len(answer.content) > MAX_JSON_BYTES:
                raise ValueError
            document = answer.json()
        except ValueError:
            kind = answer.headers.get("content-type", "no content type")
            raise Permanent(
                f"{self.name}: expected JSON, got {self.shown(kind)} beginning "
                f"{self.shown(answer.text[:40])!r}"
            ) from None
        if not isinstance(document, dict):
            raise Permanent(f"{self.name}: expected a JSON object")
        return document

    def _download(self, client: httpx.Client, address: str, path: Path) -> None:
        with client.stream("GET", address, follow_redirects=True) as answer:
            if answer.status_code in _PASSING:
                raise Transient(f"{self.name}: answered {answer.status_code}")
            if answer.status_code != 200:
                raise Permanent(
                    f"{self.name}: its result is not there (answered {answer.status_code})"
                )
            expected = answer.headers.get("content-length", "")
            size = 0
            with path.open("wb") as file:
                for chunk in answer.iter_bytes():
                    size += len(chunk)
                    if size > MAX_SOUND_BYTES:
                        raise Permanent(f"{self.name}: its result is over {MAX_SOUND_BYTES} bytes")
                    file.write(chunk)
        plain = "content-encoding" not in answer.headers
        if plain and expected.isdigit() and size != int(expected):
            raise Transient(f"{self.name}: its result was cut short")

    def _client(self, *, secret: bool = True) -> httpx.Client:
        headers = self._headers if secret else {}
        return httpx.Client(headers=headers, timeout=min(CALL_S, max(1.0, self.left_s)))


def _kind(error: Exception) -> str:
    """Name an error without its text, which may repeat addresses."""
    return str(error) if isinstance(error, Transient) else type(error).__name__
