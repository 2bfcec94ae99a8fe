"""`/tracks/…`: one track, its waveform and its cover."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from soundflow_assets.api.door import remember
from soundflow_assets.api.objects import serve_object
from soundflow_assets.api.problems import Problem, responses
from soundflow_assets.api.representation import PUBLIC_MINUTE, represent
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.api.shelf import JSON, Row
from soundflow_assets.catalog.entry import CatalogEntry

router = APIRouter(tags=["tracks"])
Served = Annotated[Service, Depends(service_of)]
TrackId = Annotated[str, Path(max_length=96, examples=["free-2025-01-15-deep_work_daily"])]
_ERRORS = responses(404, 416, 422, 429, 503)


@router.get(
    "/tracks/{id}",
    responses={
        200: {"description": "The entry.", "model": CatalogEntry},
        304: {"description": "As the If-None-Match says."},
        **responses(404, 422, 429, 503),
    },
)
async def track(request: Request, id: TrackId, service: Served) -> Response:  # noqa: A002
    """One track, as it stands in the catalogs."""
    snapshot = await service.shelf.current()
    found = represent((await service.archive.row(snapshot, id)).line, JSON)
    return remember(request, service.shelf, snapshot, found)


@router.get(
    "/tracks/{id}/peaks",
    responses={
        200: {
            "description": "audiowaveform JSON, version 2.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **_ERRORS,
    },
    response_class=Response,
)
async def peaks(request: Request, id: TrackId, service: Served) -> Response:  # noqa: A002
    """Return the waveform of a free track; a premium one is signed for like its audio."""
    row = await service.archive.row(await service.shelf.current(), id)
    if row.tier == "premium":
        raise Problem(404, "the waveform of a premium track comes with its signed address")
    return await _companion(request, service, row, "peaksKey")


@router.get(
    "/tracks/{id}/cover",
    responses={
        200: {
            "description": "The picture.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        },
        **_ERRORS,
    },
    response_class=Response,
)
async def cover(request: Request, id: TrackId, service: Served) -> Response:  # noqa: A002
    """Return the cover of any track."""
    row = await service.archive.row(await service.shelf.current(), id)
    return await _companion(request, service, row, "coverKey")


def entry_of(row: Row) -> dict[str, Any]:
    """Return an entry as plain data."""
    entry: dict[str, Any] = json.loads(row.line)
    return entry


async def _companion(request: Request, service: Service, row: Row, field: str) -> Response:
    key = entry_of(row).get(field)
    if key is None:
        raise Problem(404, f"track {row.id!r}: has none")
    store = service.library.public if row.tier == "free" else service.library.premium
    # Of a premium track the cover alone is public, whatever the object itself says.
    return await serve_object(request, store, key, PUBLIC_MINUTE if row.tier == "premium" else "")
