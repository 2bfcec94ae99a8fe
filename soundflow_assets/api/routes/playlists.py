"""`/playlists/…`, `/feed.json`, `/feed.xml`: the catalogs for players and readers of feeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from soundflow_assets.api import playlists
from soundflow_assets.api.door import remember
from soundflow_assets.api.problems import responses
from soundflow_assets.api.query import known_slug
from soundflow_assets.api.representation import represent
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.api.shelf import Row, Snapshot, belongs

router = APIRouter(tags=["playlists"])
Served = Annotated[Service, Depends(service_of)]
Slug = Annotated[
    str, Path(max_length=64, description="a category, or `all` or `free`", examples=["deep-work"])
]
Entries = list[dict[str, Any]]


def _answers(
    media_type: str, *statuses: int, kind: str = "string"
) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "OK", "content": {media_type: {"schema": {"type": kind}}}},
        304: {"description": "As the If-None-Match says."},
        **responses(*statuses),
    }


M3U8 = "application/vnd.apple.mpegurl"
XSPF = "application/xspf+xml"
FEED = "application/feed+json"
RSS = "application/rss+xml"


@router.get(
    "/playlists/{slug}.m3u8", responses=_answers(M3U8, 404, 422, 429, 503), response_class=Response
)
async def m3u8(request: Request, slug: Slug, service: Served) -> Response:
    """Return the free tracks of a category as an extended M3U playlist."""
    snapshot = await service.shelf.current()
    name, title = _catalog(snapshot, slug)
    return _made(
        request, service, snapshot, M3U8,
        lambda: playlists.m3u8(_entries(snapshot, name), title),
    )  # fmt: skip


@router.get(
    "/playlists/{slug}.xspf", responses=_answers(XSPF, 404, 422, 429, 503), response_class=Response
)
async def xspf(request: Request, slug: Slug, service: Served) -> Response:
    """Return the free tracks of a category as an XSPF playlist."""
    snapshot = await service.shelf.current()
    name, title = _catalog(snapshot, slug)
    return _made(
        request, service, snapshot, XSPF,
        lambda: playlists.xspf(_entries(snapshot, name), title, service.base_url),
    )  # fmt: skip


@router.get(
    "/feed.json", responses=_answers(FEED, 429, 503, kind="object"), response_class=Response
)
async def json_feed(request: Request, service: Served) -> Response:
    """Return the newest tracks as a JSON Feed 1.1."""
    snapshot = await service.shelf.current()
    return _made(
        request, service, snapshot, FEED,
        lambda: playlists.json_feed(_newest(snapshot), service.base_url),
    )  # fmt: skip


@router.get("/feed.xml", responses=_answers(RSS, 429, 503), response_class=Response)
async def rss(request: Request, service: Served) -> Response:
    """Return the newest tracks as RSS, a podcast of music."""
    snapshot = await service.shelf.current()
    return _made(
        request, service, snapshot, RSS,
        lambda: playlists.rss(_newest(snapshot), service.base_url),
    )  # fmt: skip


def _made(
    request: Request,
    service: Service,
    snapshot: Snapshot,
    media_type: str,
    make: Callable[[], bytes],
) -> Response:
    """Answer with a document that is made of the snapshot."""
    return remember(request, service.shelf, snapshot, represent(make(), media_type))


def _catalog(snapshot: Snapshot, slug: str) -> tuple[str, str]:
    """Return the catalog that a playlist is of, and its title."""
    if slug in ("all", "free"):
        return "free", "SoundFlow"
    words = known_slug(snapshot, slug).split("-")
    return f"by-category/{slug}", f"SoundFlow: {' '.join(word.title() for word in words)}"


def _entries(snapshot: Snapshot, name: str) -> Entries:
    return _read([row for row in snapshot.rows if belongs(row, name)])


def _newest(snapshot: Snapshot) -> Entries:
    return _read(snapshot.rows[: playlists.NEWEST])


def _read(rows: list[Row] | tuple[Row, ...]) -> Entries:
    return [json.loads(row.line) for row in rows]
