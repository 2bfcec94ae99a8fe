"""`/health`, `/health/ready`, `/version`, `/config.json`: what the service says of itself."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from soundflow_assets.api.build_info import BuildInfo, build_info
from soundflow_assets.api.problems import responses
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.api.studio import Work
from soundflow_assets.errors import SoundFlowError

router = APIRouter(tags=["service"])
Served = Annotated[Service, Depends(service_of)]
State = Literal["ok", "degraded", "down"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Check(BaseModel):
    """One thing the service needs."""

    status: State
    detail: str


class Readiness(BaseModel):
    """Whether the service can work. `degraded`: what it has is served, but something fails."""

    status: State
    checks: dict[str, Check]


class PlayerConfig(BaseModel):
    """Where the player finds things; addresses may be relative to the page."""

    catalogBase: str  # noqa: N815  the names of the document
    mediaBase: str  # noqa: N815
    apiBase: str | None  # noqa: N815


@router.get("/health")
async def health() -> Alive:
    """Whether the process is alive. It looks at nothing else."""
    return Alive()


@router.get(
    "/health/ready",
    responses={503: {"model": Readiness, "description": "It cannot."}, **responses(429)},
)
async def ready(response: Response, service: Served) -> Readiness:
    """Whether the service can serve: bucket, catalogs, and what makes tracks."""
    checks = {"catalogs": await _catalogs(service)}
    if service.studio is not None:
        checks["dagster"] = _WORK[await service.studio.work()]
    states = {check.status for check in checks.values()}
    worst: State = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    if worst == "down":
        response.status_code = 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(status=worst, checks=checks)


_WORK: dict[Work, Check] = {
    "daemon": Check(status="ok", detail="a Dagster daemon makes tracks"),
    "process": Check(status="ok", detail="processes of this service make tracks"),
    "no daemon": Check(
        status="degraded", detail="no Dagster daemon takes runs: no tracks are made on request"
    ),
    "unreachable": Check(status="degraded", detail="Dagster's instance cannot be read"),
}


async def _catalogs(service: Service) -> Check:
    try:
        snapshot = await service.shelf.current()
    except SoundFlowError:
        return Check(status="down", detail="the bucket cannot be read, and nothing is in memory")
    stale_s = service.shelf.stale_s
    if stale_s is not None:
        what = f"the bucket has not answered for {stale_s:.0f} s; generation {snapshot.generation}"
        return Check(status="degraded", detail=f"{what} is served from memory")
    if snapshot.modified is None:
        return Check(status="degraded", detail="no catalogs yet: run `soundflow daily`")
    age = dt.datetime.now(dt.UTC) - snapshot.modified
    return Check(
        status="ok",
        detail=f"generation {snapshot.generation}, {len(snapshot.rows)} tracks, committed "
        f"{age.total_seconds() / 3600:.1f} h ago",
    )


@router.get("/version")
async def version(service: Served) -> BuildInfo:
    """Which program answers."""
    return _built(service.settings.service.commit)


@lru_cache(maxsize=1)
def _built(commit: str | None) -> BuildInfo:
    return build_info(Path(__file__).parents[3], commit)


@router.get("/config.json", response_model=PlayerConfig)
async def player_config(service: Served) -> dict[str, Any]:
    """Where the player of this service finds catalogs, media and the service."""
    return {"catalogBase": "/bucket/catalog/", "mediaBase": service.media_base, "apiBase": ""}
