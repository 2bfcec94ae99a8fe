"""`/catalog/…`: the arrays of the bucket, whole from memory, or filtered and in pages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from soundflow_assets.api.door import remember
from soundflow_assets.api.problems import responses
from soundflow_assets.api.query import Question, known_slug, next_link, page, select
from soundflow_assets.api.representation import represent
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.api.shelf import JSON
from soundflow_assets.catalog.canonical import lines_of
from soundflow_assets.catalog.entry import CatalogEntry

router = APIRouter(tags=["catalogs"])

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Entries, newest date first, then by id. `Link` leads to the next page.",
        "model": list[CatalogEntry],
        "headers": {
            "ETag": {"schema": {"type": "string"}, "description": "strong validator"},
            "Link": {"schema": {"type": "string"}, "description": 'rel="next", where there is one'},
            "X-Total-Count": {"schema": {"type": "integer"}, "description": "of all pages"},
            "X-SoundFlow-Stale": {
                "schema": {"type": "integer"},
                "description": "seconds for which storage has not answered; absent while it does",
            },
        },
    },
    304: {"description": "As the If-None-Match says."},
    **responses(400, 404, 422, 429, 503),
}
Asked = Annotated[Question, Query()]


@router.get("/catalog/all", responses=_ANSWERS)
async def all_tracks(
    request: Request, question: Asked, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """List every track; premium ones without an address."""
    return await catalog(request, service, "all", question)


@router.get("/catalog/free", responses=_ANSWERS)
async def free_tracks(
    request: Request, question: Asked, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """List the free tracks, each with the address of its MP3."""
    return await catalog(request, service, "free", question)


@router.get("/catalog/premium", responses=_ANSWERS)
async def premium_tracks(
    request: Request, question: Asked, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """List the premium tracks, without an address: `/tracks/premium/{id}/signed` gives one."""
    return await catalog(request, service, "premium", question)


@router.get("/catalog/by-category/{slug}", responses=_ANSWERS)
async def tracks_of_category(
    request: Request, slug: str, question: Asked, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """List the tracks of one category, by its slug, for example `deep-work`."""
    snapshot = await service.shelf.current()
    return await catalog(request, service, f"by-category/{known_slug(snapshot, slug)}", question)


async def catalog(request: Request, service: Service, name: str, question: Question) -> Response:
    """Answer a question on the catalog `name`."""
    snapshot = await service.shelf.current()
    if not request.url.query:
        return remember(request, service.shelf, snapshot, snapshot.whole[name])
    rows = select(snapshot, name, question)
    found, cursor = page(rows, name, question)
    headers = {"X-Total-Count": str(len(rows))}
    if cursor is not None:
        headers["Link"] = next_link(request.url.path, question, cursor)
    body = represent(lines_of(row.line for row in found), JSON)
    return remember(request, service.shelf, snapshot, body, headers)
