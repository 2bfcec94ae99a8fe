"""Services on loopback that speak the providers' real protocols, and misbehave on command."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sounds import flac, music, wav

TOKEN = "tok-very-secret-123"
JSON = "application/json"
HTML = b"<!doctype html><title>502 Bad Gateway</title>"


class Service:
    """What all of them share: a log of calls, credentials, faults in the order they strike."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.cancelled: list[str] = []
        # Each next call meets the next fault: "503", "429", "lost", "html", or "" for none.
        self.faults: deque[str] = deque()
        self.states: list[dict[str, Any]] = []
        self.by_url = False
        self.sound = flac(music(12.5))
        self.address = ""
        self._asked: dict[str, int] = {}

    def authorized(self, headers: Any) -> bool:
        return str(headers.get("Authorization")) == f"Bearer {TOKEN}"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        raise NotImplementedError

    def reply(
        self, method: str, path: str, headers: Any, raw: bytes
    ) -> tuple[int, bytes, str, dict[str, str]] | None:
        """Return status, body, type and further headers; None to break the line."""
        body = json.loads(raw) if raw else {}
        self.calls.append((method, path))
        if body:
            self.bodies.append(body)
        if path.startswith("/files/"):
            name = path.removeprefix("/files/").partition(".")[0]
            return 200, self.file(name), "audio/flac", {}
        if not self.authorized(headers):
            return 401, json.dumps({"detail": f"bad {TOKEN}"}).encode(), JSON, {}
        fault = self.faults.popleft() if self.faults else ""
        if fault == "html":
            return 200, HTML, "text/html", {}
        if fault.isdigit():
            return int(fault), b'{"detail": "busy"}', JSON, {"Retry-After": "0"}
        found = self.answer(method, path, body) or (404, {"detail": "Not Found"})
        # Lost: the work is taken, the line breaks.
        return None if fault == "lost" else (found[0], json.dumps(found[1]).encode(), JSON, {})

    def file(self, name: str) -> bytes:
        """Return the sound behind an address."""
        return self.sound

    def step(self, job: str) -> dict[str, Any]:
        """Return the job's next state; the last one stays."""
        number = self._asked.get(job, 0)
        self._asked[job] = number + 1
        return self.states[min(number, len(self.states) - 1)]


class ReplicateService(Service):
    """api.replicate.com: POST /v1/predictions, GET and POST …/cancel of one."""

    def __init__(self) -> None:
        super().__init__()
        self.states = [{"status": "starting"}, {"status": "processing"}, {"status": "succeeded"}]
        self.made: dict[str, dict[str, Any]] = {}
        self.as_list = False

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        if (method, path) == ("POST", "/v1/predictions"):
            name = f"pred{len(self.made)}"
            self.made[name] = {"id": name, "input": body["input"], "status": "starting"}
            return 201, self.made[name]
        if (method, path) == ("GET", "/v1/predictions"):
            return 200, {"results": list(self.made.values())}
        if match := re.fullmatch(r"/v1/predictions/(\w+)/cancel", path):
            self.cancelled.append(match[1])
            return 200, {}
        if match := re.fullmatch(r"/v1/predictions/(\w+)", path):
            state = {**self.made[match[1]], **self.step(match[1])}
            if state["status"] == "succeeded":
                address = f"{self.address}/files/{match[1]}.wav"
                state["output"] = [address] if self.as_list else address
                state["metrics"] = {"predict_time": 4.5}
            return 200, state
        return None

    def file(self, name: str) -> bytes:
        """Return a sound as long as was asked; a continuation begins with what it was given."""
        return wav(music(self.made[name]["input"]["duration"]))


class RunPodService(Service):
    """api.runpod.ai: /v2/<endpoint>/run, /status/<job>, /cancel/<job>."""

    def __init__(self) -> None:
        super().__init__()
        self.states = [{"status": "IN_QUEUE"}, {"status": "IN_PROGRESS"}, {"status": "COMPLETED"}]
        self.jobs = 0

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        if (method, path) == ("POST", "/v2/end1/run"):
            self.jobs += 1
            return 200, {"id": f"job{self.jobs}", "status": "IN_QUEUE"}
        if match := re.fullmatch(r"/v2/end1/cancel/(\w+)", path):
            self.cancelled.append(match[1])
            return 200, {"status": "CANCELLED"}
        if match := re.fullmatch(r"/v2/end1/status/(\w+)", path):
            state = dict(self.step(match[1]))
            if state["status"] == "COMPLETED":
                state.setdefault("output", self.result())
                state |= {"delayTime": 1500, "executionTime": 9000, "workerId": "w1"}
            return 200, {"id": match[1], **state}
        return None

    def result(self) -> dict[str, Any]:
        told = {"version": "worker 1", "revision": "abc123", "facts": {"steps": 600}}
        if self.by_url:
            return {**told, "audio_url": f"{self.address}/files/large.flac"}
        return {**told, "audio_base64": base64.b64encode(self.sound).decode()}


class ModalService(RunPodService):
    """Our worker's own interface behind Modal's proxy authentication."""

    def __init__(self) -> None:
        super().__init__()
        self.states = [{"status": "queued"}, {"status": "running", "progress": 0.4}]
        self.states.append({"status": "done", "seconds": 9.0})
        self.put: set[str] = set()

    def authorized(self, headers: Any) -> bool:
        return (headers.get("Modal-Key"), headers.get("Modal-Secret")) == ("wk-1", TOKEN)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        match = re.fullmatch(r"/jobs/([0-9a-f]{32})", path)
        if match is None:
            return None
        if method == "PUT":
            self.put.add(match[1])
            return 202, {"id": match[1]}
        if method == "DELETE":
            self.cancelled.append(match[1])
            return 200, {}
        state = dict(self.step(match[1]))
        if state["status"] == "done":
            state.setdefault("result", self.result())
        return 200, state


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            found = service.reply(self.command, self.path, self.headers, raw)
            if found is None:
                self.connection.close()
            else:
                self._send(*found)

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def _send(self, code: int, body: bytes, kind: str, extra: dict[str, str]) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in extra.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
