"""`/api/v1/music/…`: ask for a track, and see how it is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.responses import StreamingResponse

from soundflow_assets.api.authority import Credentials
from soundflow_assets.api.frame import client_of
from soundflow_assets.api.generation_documents import (
    Accepted,
    Aggregate,
    ProjectStatus,
    aggregate_of,
    event_document,
    status_of,
)
from soundflow_assets.api.objects import HEAD_FLAG
from soundflow_assets.api.problems import Problem, responses
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.api.studio import Studio
from soundflow_assets.orchestration.generation.project import ProjectEvent
from soundflow_assets.orchestration.generation.request import SongRequest

router = APIRouter(prefix="/api/v1/music", tags=["generation"])
Served = Annotated[Service, Depends(service_of)]
EVENT_STREAM = "text/event-stream"
WAITING_S = 15.0  # then a comment is sent, so that nobody on the way gives up
PROJECT_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
ProjectId = Annotated[
    str, Path(pattern=PROJECT_ID, examples=["5f0c1fc8-4d39-4a52-8a5c-0d9f4c1f1a2b"])
]


@router.post(
    "/generate/full-song",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "status"}}},
        **responses(400, 401, 403, 409, 413, 422, 429, 503),
    },
)
async def full_song(
    wish: SongRequest,
    request: Request,
    response: Response,
    credentials: Credentials,
    service: Served,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="the same key gives the same project"),
    ] = None,
) -> Accepted:
    """Ask for a track. It is made by a Dagster worker; the answer says where to watch."""
    asker = _asker(request, credentials, service)
    service.generate_limiter.admit(asker)
    key = None
    if idempotency_key is not None:
        key = hashlib.sha256(f"{asker}\n{idempotency_key}".encode()).hexdigest()
    project = await studio_of(service).submit(wish, key)
    service.metrics.projects.inc()
    base = f"/api/v1/music/project/{project.id}"
    response.headers["Location"] = f"{base}/status"
    response.headers["Cache-Control"] = "no-store"
    return Accepted(
        project_id=project.id,
        status=project.status,
        status_url=f"{base}/status",
        aggregate_url=f"{base}/aggregate",
        events_url=f"{base}/events",
    )


@router.get("/project/{project_id}/status", responses=responses(404, 422, 429, 503))
async def status(project_id: ProjectId, response: Response, service: Served) -> ProjectStatus:
    """Tell how far a project is."""
    studio = studio_of(service)
    project = await studio.project(project_id)
    response.headers["Cache-Control"] = "no-store"
    return status_of(project, await studio.events(project_id))


@router.get("/project/{project_id}/aggregate", responses=responses(404, 422, 429, 503))
async def aggregate(project_id: ProjectId, response: Response, service: Served) -> Aggregate:
    """Tell everything of a project: its request, its stages and their times, its result."""
    studio = studio_of(service)
    project = await studio.project(project_id)
    response.headers["Cache-Control"] = "no-store"
    return aggregate_of(project, await studio.events(project_id), service.media_base)


@router.get(
    "/project/{project_id}/events",
    responses={
        200: {
            "description": "Server-sent events: `id` counts them, `event` is the type.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **responses(404, 422, 429, 503),
    },
    response_class=Response,
)
async def events(
    project_id: ProjectId,
    request: Request,
    service: Served,
    last_event_id: Annotated[
        int, Header(ge=0, le=10**9, description="go on behind this event")
    ] = 0,
) -> Response:
    """Follow a project. The stream ends with project.completed or project.failed."""
    studio = studio_of(service)
    await studio.project(project_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.scope.get(HEAD_FLAG):
        return Response(None, headers=headers, media_type=EVENT_STREAM)
    stream = _stream(service, studio, project_id, last_event_id)
    return StreamingResponse(stream, media_type=EVENT_STREAM, headers=headers)


async def _stream(
    service: Service, studio: Studio, project_id: str, after: int
) -> AsyncIterator[bytes]:
    service.metrics.streams.inc()
    try:
        yield b"retry: 2000\n\n"
        write = writer(service, project_id)
        async for text in studio.follow(project_id, after, write, WAITING_S):
            if not text:
                yield b": waiting\n\n"
                continue
            told = json.loads(text)
            yield f"id: {told['id']}\nevent: {told['type']}\ndata: {text}\n\n".encode()
    finally:
        service.metrics.streams.dec()


def writer(service: Service, project_id: str) -> Callable[[ProjectEvent], str]:
    """Return what writes an event of a project down for its listeners."""
    return lambda event: json.dumps(event_document(event, project_id, service.media_base))


def studio_of(service: Service) -> Studio:
    """Return the studio; raises 403 where this service makes no tracks."""
    if service.studio is None:
        raise Problem(403, "this service makes no tracks on request")
    return service.studio


def _asker(request: Request, credentials: Credentials, service: Service) -> str:
    """Return who asks, by token where one is sent or asked for, else by address."""
    if credentials is not None or service.settings.service.generation == "token":
        return f"token {service.authority.require(credentials).token_id}"
    return f"client {client_of(request.scope)}"
