"""The quick way: what was answered from the current snapshot is answered again without routing.

A route that answers with a representation of the snapshot says so (`remember`); the next request
for the same path and query is answered here, with headers that are ready to be sent. Everything
else goes on to the application: the first request of its kind, a snapshot that is due for a look at
storage, and one that storage has outlived.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from soundflow_assets.api.representation import (
    PUBLIC_MINUTE,
    Representation,
    accepts_gzip,
    answer,
    matches,
)
from soundflow_assets.api.shelf import Shelf, Snapshot

MOST_REMEMBERED = 512
RawHeaders = list[tuple[bytes, bytes]]


class Ready:
    """An answer with the headers of its four forms: plain or gzip, 200 or 304."""

    def __init__(
        self, found: Representation, extra: Mapping[str, str] | None, route: object
    ) -> None:
        self.found = found
        self.route = route
        self._headers: dict[tuple[bool, bool], RawHeaders] = {}
        for gzip in (False, True):
            for held in (False, True):
                asked = {"accept-encoding": "gzip" if gzip else "identity"}
                if held:
                    asked["if-none-match"] = "*"
                made = answer(asked, found, PUBLIC_MINUTE, extra)
                self._headers[gzip, held] = made.raw_headers

    async def send(self, scope: Scope, send: Send) -> None:
        """Answer the request in `scope`."""
        asked = {name: value for name, value in scope["headers"] if name in _DECIDING}
        gzip = bool(self.found.gzipped) and accepts_gzip(
            asked.get(b"accept-encoding", b"").decode("latin-1")
        )
        tags = asked.get(b"if-none-match")
        held = tags is not None and matches(tags.decode("latin-1"), self.found.sha256)
        body = b"" if held else self.found.gzipped if gzip else self.found.body
        start: dict[str, Any] = {
            "type": "http.response.start",
            "status": 304 if held else 200,
            "headers": self._headers[gzip, held],
        }
        await send(start)
        await send({"type": "http.response.body", "body": body})


_DECIDING = (b"accept-encoding", b"if-none-match")


class Door:
    """Stands before the application and answers what `shelf`'s snapshot remembers."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app = app
        self._shelf = shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on."""
        ready = self._ready(scope) if scope["type"] == "http" else None
        if ready is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = ready.route
        await ready.send(scope, send)

    def _ready(self, scope: Scope) -> Ready | None:
        shelf = self._shelf
        snapshot = shelf.held
        if scope["method"] != "GET" or snapshot is None or shelf.is_due or shelf.is_stale:
            return None
        if any(name == b"range" for name, _ in scope["headers"]):
            return None
        return snapshot.ready.get((scope["path"], scope["query_string"]))


def remember(
    request: Request,
    shelf: Shelf,
    snapshot: Snapshot,
    found: Representation,
    extra: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a representation of `snapshot`, and have the same request answered quicker."""
    stale_s = shelf.stale_s
    if stale_s is None:
        scope = request.scope
        if len(snapshot.ready) >= MOST_REMEMBERED:
            snapshot.ready.pop(next(iter(snapshot.ready)))
        place = (scope["path"], scope["query_string"])
        snapshot.ready[place] = Ready(found, extra, scope.get("route"))
        return answer(request.headers, found, PUBLIC_MINUTE, extra)
    told = {"X-SoundFlow-Stale": str(int(stale_s)), **(extra or {})}
    return answer(request.headers, found, PUBLIC_MINUTE, told)
