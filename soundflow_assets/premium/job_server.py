"""A worker's web face: jobs are put under ids of the caller's, asked for, fetched and cancelled.

`PUT /jobs/{id}` starts a job, once; `GET /jobs/{id}` tells its state; `GET /jobs/{id}/audio` is the
finished FLAC; `DELETE /jobs/{id}` cancels. Who runs the jobs is given: threads on one machine here,
Modal's functions in `deploy/modal/worker.py`. Whoever deploys it puts a gate before it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from soundflow_assets.errors import SoundFlowError
from soundflow_assets.premium.worker import run_job, task_from

_ID = re.compile(r"[0-9a-f]{16,64}")
MAX_JOB_BYTES = 64 << 10


class Runner(Protocol):
    """Who runs the jobs."""

    def start(self, name: str, job: dict[str, Any]) -> None:
        """Start a job unless it has been started."""
        ...

    def state(self, name: str) -> dict[str, Any] | None:
        """Return `status` (queued, running, done, failed) and what goes with it; None: unknown."""
        ...

    def audio(self, name: str) -> Path | bytes | None:
        """Return the finished sound."""
        ...

    def cancel(self, name: str) -> None:
        """End a job, whether or not it runs."""
        ...


def build_app(runner: Runner) -> FastAPI:
    """Return the web application of a runner."""
    app = FastAPI(title="SoundFlow worker", openapi_url=None)

    @app.put("/jobs/{name}")
    async def put(name: str, request: Request) -> JSONResponse:
        runner.start(name, _job(name, await request.body()))
        return JSONResponse({"id": name}, 202)

    @app.get("/jobs/{name}")
    def state(name: str) -> dict[str, Any]:
        found = runner.state(name)
        if found is None:
            raise HTTPException(404, "no such job")
        if found.get("status") == "done":
            result = {**found["result"], "audio_url": f"/jobs/{name}/audio"}
            return {**found, "result": result}
        return found

    @app.get("/jobs/{name}/audio")
    def audio(name: str) -> Response:
        found = runner.audio(name)
        if found is None:
            raise HTTPException(404, "no such sound")
        if isinstance(found, bytes):
            return Response(found, media_type="audio/flac")
        return FileResponse(found, media_type="audio/flac")

    @app.delete("/jobs/{name}")
    def cancel(name: str) -> dict[str, str]:
        runner.cancel(name)
        return {"id": name}

    return app


def _job(name: str, body: bytes) -> dict[str, Any]:
    """Return the job in a request's body; 422 with what is wrong."""
    if not _ID.fullmatch(name) or len(body) > MAX_JOB_BYTES:
        raise HTTPException(422, "job id or size is not acceptable")
    try:
        job: dict[str, Any] = json.loads(body)
        task_from(job)
    except (SoundFlowError, ValueError, AttributeError) as error:
        raise HTTPException(422, str(error)) from None
    return job


class ThreadRunner:
    """Runs jobs one after the other in a thread of this process: a rented machine of one's own."""

    def __init__(self, folder: Path) -> None:
        """Keep finished sounds in `folder`."""
        self._folder = folder
        self._states: dict[str, dict[str, Any]] = {}
        self._cancelled: set[str] = set()
        self._turn = threading.Lock()  # one GPU, one job

    def start(self, name: str, job: dict[str, Any]) -> None:
        """Start a job unless it has been started."""
        if name in self._states:
            return
        self._states[name] = {"status": "queued"}
        threading.Thread(target=self._run, args=(name, job), daemon=True).start()

    def state(self, name: str) -> dict[str, Any] | None:
        """Return how far a job is."""
        return self._states.get(name)

    def audio(self, name: str) -> Path | None:
        """Return the finished sound."""
        path = self._folder / f"{name}.flac"
        return path if self._states.get(name, {}).get("status") == "done" else None

    def cancel(self, name: str) -> None:
        """End a job, whether or not it runs."""
        self._cancelled.add(name)

    def _run(self, name: str, job: dict[str, Any]) -> None:
        with self._turn:
            started = time.monotonic()
            self._states[name] = {"status": "running", "progress": 0.0}

            def told(share: float) -> None:
                self._states[name] = {"status": "running", "progress": round(share, 4)}

            try:
                path = self._folder / f"{name}.flac"
                result = run_job(job, path, told, lambda: name in self._cancelled)
            except SoundFlowError as error:
                self._states[name] = {"status": "failed", "error": str(error)}
            except Exception as error:
                # Whatever happened, the caller must not wait for ever.
                self._states[name] = {"status": "failed", "error": type(error).__name__}
            else:
                seconds = round(time.monotonic() - started, 3)
                self._states[name] = {"status": "done", "result": result, "seconds": seconds}
