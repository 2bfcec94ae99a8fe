"""The frame around every HTTP request: an id, HEAD, bounds, one log line, one metric, one net.

Plain ASGI and as little of it as possible, because it is paid for by the fastest routes too.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soundflow_assets.api.objects import HEAD_FLAG
from soundflow_assets.api.problems import Problem, problem_response

ACCESS = logging.getLogger("soundflow.access")
ERRORS = logging.getLogger("soundflow.api")
MAX_BODY = 64 * 1024
MAX_QUERY = 4096
MAX_PATH = 2048
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

OnDone = Callable[[Scope, int, float], None]
Admit = Callable[[Scope], Problem | None]


class Frame:
    """Wraps the application; `on_done` is told route, status and seconds of every request."""

    def __init__(self, app: ASGIApp, on_done: OnDone, admit: Admit) -> None:
        self._app = app
        self._on_done = on_done
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self, scope, receive, send).run()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, unless the request is refused at the door."""
        problem = _too_long(scope) or self._admit(scope)
        if problem is not None:
            await problem_response(problem, scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def done(self, scope: Scope, status: int, seconds: float) -> None:
        """Write the request down."""
        self._on_done(scope, status, seconds)
        if ACCESS.isEnabledFor(logging.INFO):
            # The path without its query: a signed address must not be in a log.
            ACCESS.info(
                "request",
                extra={
                    "fields": {
                        "request_id": scope["state"]["request_id"],
                        "method": "HEAD" if HEAD_FLAG in scope else scope["method"],
                        "path": scope["path"],
                        "status": status,
                        "ms": round(seconds * 1000, 2),
                        "client": client_of(scope),
                    }
                },
            )


class _Exchange:
    """One request and its answer."""

    def __init__(self, frame: Frame, scope: Scope, receive: Receive, send: Send) -> None:
        self._frame = frame
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status = 0
        self._read = 0
        self._id = _request_id(scope)

    async def run(self) -> None:
        """Serve it; an exception that escapes becomes a 500 that names nothing but the id."""
        started = time.perf_counter()
        scope = self._scope
        scope.setdefault("state", {})["request_id"] = self._id
        if scope["method"] == "HEAD":
            # A copy: the server goes by its own scope when it counts the body.
            scope = self._scope = {**scope, "method": "GET", HEAD_FLAG: True}
        try:
            await self._frame.serve(scope, self.receive, self.send)
        except Exception:
            ERRORS.exception("defect", extra={"fields": {"request_id": self._id}})
            await self._answer(Problem(500, "this is a defect; the log has it under the id"))
        finally:
            self._frame.done(scope, self._status or 499, time.perf_counter() - started)

    async def _answer(self, problem: Problem) -> None:
        if not self._status:
            await problem_response(problem, self._scope)(self._scope, self._receive, self.send)

    async def receive(self) -> Message:
        """Pass the body on, up to its bound."""
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > MAX_BODY:
            # Of this kind, because FastAPI takes any other one for a body that is not JSON.
            raise HTTPException(413, f"the body is larger than {MAX_BODY} bytes")
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on: with the headers of every answer, and without a body for HEAD."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self._id.encode()),
                *_SECURITY,
            ]
        elif HEAD_FLAG in self._scope:
            message = {**message, "body": b""}
        await self._send(message)


class JsonLines(logging.Formatter):
    """Log records as JSON, one on each line; `extra={"fields": …}` become members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def client_of(scope: Scope) -> str:
    """Return the address a request came from."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(text := value.decode("latin-1")):
            return str(text)
        if name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value.decode("latin-1"))):
            return match[1]
    return uuid.uuid4().hex


def _too_long(scope: Scope) -> Problem | None:
    if len(scope["path"]) > MAX_PATH:
        return Problem(414, f"the path is longer than {MAX_PATH} characters")
    if len(scope["query_string"]) > MAX_QUERY:
        return Problem(414, f"the query is longer than {MAX_QUERY} characters")
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > MAX_BODY):
            return Problem(413, f"the body is larger than {MAX_BODY} bytes")
    return None
