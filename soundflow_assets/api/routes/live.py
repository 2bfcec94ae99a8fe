"""`/ws`: the events of projects over one WebSocket.

A client sends `{"action": "subscribe", "project_id": "…"}`, with `"after": n` to go on behind event
n, `unsubscribe` or `ping`; it gets the events of every project it has subscribed to. What it sends
is bounded in size, in rate and in how much of it may be nonsense.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from soundflow_assets.api.frame import client_of
from soundflow_assets.api.problems import Problem
from soundflow_assets.api.routes.generation import PROJECT_ID, studio_of, writer
from soundflow_assets.api.service import Service

router = APIRouter()
LOGGER = logging.getLogger("soundflow.api")
MOST_SOCKETS = 5000
MOST_SUBSCRIPTIONS = 20
MOST_NONSENSE = 10
RATE_S, BURST = 20.0, 40.0  # messages a second, and at once
MAX_TEXT = 1024
POLICY_VIOLATION, INTERNAL_ERROR, TRY_LATER = 1008, 1011, 1013
_IS_ID = re.compile(PROJECT_ID)


@router.websocket("/ws")
async def live(socket: WebSocket) -> None:
    """Serve one client."""
    service: Service = socket.app.state.service
    if service.studio is None or not _is_from_here(socket, service):
        await socket.close(POLICY_VIOLATION)
        return
    if service.open_sockets >= MOST_SOCKETS or (
        service.read_limiter.refusal(client_of(socket.scope)) is not None
    ):
        await socket.close(TRY_LATER)
        return
    await socket.accept()
    service.open_sockets += 1
    service.metrics.sockets.inc()
    try:
        await _Listener(socket, service).serve()
    finally:
        service.open_sockets -= 1
        service.metrics.sockets.dec()


class _Listener:
    """One open socket."""

    def __init__(self, socket: WebSocket, service: Service) -> None:
        self._socket = socket
        self._service = service
        self._following: dict[str, asyncio.Task[None]] = {}
        self._nonsense = 0
        self._credit, self._counted_at = BURST, time.monotonic()

    async def serve(self) -> None:
        """Read until the client has gone or is sent away."""
        try:
            while self._may_go_on():
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._heard(message.get("text"))
            await self._socket.close(POLICY_VIOLATION)
        except (WebSocketDisconnect, RuntimeError):
            return  # gone while we were writing
        finally:
            for task in self._following.values():
                task.cancel()
            await asyncio.gather(*self._following.values(), return_exceptions=True)

    def _may_go_on(self) -> bool:
        now = time.monotonic()
        self._credit = min(BURST, self._credit + (now - self._counted_at) * RATE_S) - 1.0
        self._counted_at = now
        return self._credit >= 0.0 and self._nonsense <= MOST_NONSENSE

    async def _heard(self, text: str | None) -> None:
        message = _parsed(text)
        action = message.get("action")
        if action == "ping":
            await self._socket.send_json({"type": "pong"})
        elif action == "subscribe":
            await self._subscribe(message)
        elif action == "unsubscribe":
            await self._unsubscribe(message.get("project_id"))
        else:
            await self._complain(
                'expected {"action": "subscribe", "project_id": "…"}, unsubscribe or ping'
            )

    async def _subscribe(self, message: dict[str, Any]) -> None:
        project_id, after = message.get("project_id"), message.get("after", 0)
        if not isinstance(project_id, str) or not _IS_ID.fullmatch(project_id):
            await self._complain("project_id: expected the id that full-song gave")
            return
        if type(after) is not int or not 0 <= after <= 10**9:
            await self._complain("after: expected the number of an event")
            return
        self._sweep()
        if project_id not in self._following and len(self._following) >= MOST_SUBSCRIPTIONS:
            await self._complain(f"at most {MOST_SUBSCRIPTIONS} projects at a time")
            return
        try:
            project = await studio_of(self._service).project(project_id)
        except Problem as problem:
            await self._complain(problem.detail, project_id)
            return
        await self._unsubscribe(project_id, say=False)
        told = {"type": "subscribed", "project_id": project_id, "status": project.status}
        await self._socket.send_json(told)
        self._following[project_id] = asyncio.create_task(self._follow(project_id, after))

    async def _unsubscribe(self, project_id: object, say: bool = True) -> None:
        task = self._following.pop(project_id, None) if isinstance(project_id, str) else None
        if task is not None:
            task.cancel()
        if say:
            await self._socket.send_json({"type": "unsubscribed", "project_id": str(project_id)})

    async def _follow(self, project_id: str, after: int) -> None:
        try:
            write = writer(self._service, project_id)
            async for text in studio_of(self._service).follow(project_id, after, write):
                if text:
                    await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            return  # the client has gone
        except Exception:
            LOGGER.exception("following a project failed")
            await self._socket.close(INTERNAL_ERROR)  # the client comes back and goes on

    async def _complain(self, detail: str, project_id: str | None = None) -> None:
        self._nonsense += 1
        told = {"type": "error", "detail": detail}
        await self._socket.send_json({**told, "project_id": project_id} if project_id else told)

    def _sweep(self) -> None:
        for project_id in [one for one, task in self._following.items() if task.done()]:
            del self._following[project_id]


def _parsed(text: str | None) -> dict[str, Any]:
    """Return a message's members; nothing for what is no JSON object."""
    if text is None or len(text) > MAX_TEXT:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_from_here(socket: WebSocket, service: Service) -> bool:
    """Whether a page that opened the socket may: browsers say where it is from, others do not."""
    origin = socket.headers.get("origin")
    if origin is None or origin in service.settings.service.cors_origins:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host in (socket.headers.get("host"), urlsplit(service.base_url).netloc)
