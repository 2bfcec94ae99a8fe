"""Composes the application: routes, errors, frame, player. Lists, no discovery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from soundflow_assets.api import document, player, problems
from soundflow_assets.api.door import Door
from soundflow_assets.api.frame import Frame, client_of
from soundflow_assets.api.routes import (
    bucket,
    catalogs,
    generation,
    health,
    live,
    metrics,
    playlists,
    premium,
    tracks,
)
from soundflow_assets.api.service import Service
from soundflow_assets.errors import SoundFlowError

ROUTERS = (
    catalogs.router,
    premium.router,
    tracks.router,
    playlists.router,
    bucket.router,
    generation.router,
    live.router,
    health.router,
    metrics.router,
)
_EXPOSED = (
    "Accept-Ranges", "Content-Range", "ETag", "Link", "Retry-After", "X-Request-Id",
    "X-SoundFlow-Stale", "X-Total-Count",
)  # fmt: skip


def create_app(service: Service) -> ASGIApp:
    """Return the ASGI application of a service."""
    app = FastAPI(
        title="SoundFlow",
        version="1",
        summary="Browse, hear, and watch music being made.",
        lifespan=_lifespan,
        docs_url=None,  # its page takes scripts from another host
        redoc_url=None,
        responses=problems.responses(422),
    )
    app.state.service = service
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    if player.FOLDER.is_dir():
        settings = service.settings
        policy = player.content_policy(
            settings.free_public_base_url, settings.r2.endpoint if settings.r2 else None
        )
        app.mount("/", GZipMiddleware(player.Player(player.FOLDER, policy), minimum_size=860))
    document.complete(app)
    framed: ASGIApp = Frame(
        Door(app, service.shelf),
        on_done=service.metrics.observe,
        admit=lambda scope: service.read_limiter.refusal(client_of(scope)),
    )
    if service.settings.service.cors_origins:
        framed = CORSMiddleware(
            framed,
            allow_origins=service.settings.service.cors_origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Range"],
            expose_headers=_EXPOSED,
            max_age=600,
        )
    return framed


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    with suppress(SoundFlowError):  # readiness says so; the next request looks again
        await service.shelf.current()
    async with service.studio.running() if service.studio is not None else nullcontext():
        yield
