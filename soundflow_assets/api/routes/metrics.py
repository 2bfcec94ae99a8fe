"""`/metrics`, for Prometheus: with its token, or without one from this machine only."""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from soundflow_assets.api.authority import Credentials
from soundflow_assets.api.frame import client_of
from soundflow_assets.api.problems import Problem, responses
from soundflow_assets.api.service import Service, service_of

router = APIRouter(tags=["service"])


@router.get(
    "/metrics",
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **responses(401, 403, 429),
    },
    response_class=Response,
)
async def metrics(
    request: Request, credentials: Credentials, service: Annotated[Service, Depends(service_of)]
) -> Response:
    """Tell the numbers of this service."""
    _let_in(request, credentials.credentials if credentials else "", service)
    _look(service)
    headers = {"Cache-Control": "no-store"}
    return Response(service.metrics.text(), 200, headers, CONTENT_TYPE_LATEST)


def _let_in(request: Request, token: str, service: Service) -> None:
    expected = service.settings.service.metrics_token
    if expected is None:
        if not _is_loopback(client_of(request.scope)):
            raise Problem(403, "set SOUNDFLOW_METRICS_TOKEN to read the metrics from elsewhere")
        return
    if not hmac.compare_digest(token.encode(), expected.get_secret_value().encode()):
        raise Problem(
            401,
            "send the token of the metrics",
            headers={"WWW-Authenticate": 'Bearer realm="soundflow metrics"'},
        )


def _look(service: Service) -> None:
    """Take the values that are looked up instead of counted."""
    told, snapshot = service.metrics, service.shelf.held
    told.stale_s.set(service.shelf.stale_s or 0.0)
    if snapshot is not None:
        told.generation.set(snapshot.generation)
        told.tracks.set(len(snapshot.rows))
        if snapshot.modified is not None:
            told.age_s.set((dt.datetime.now(dt.UTC) - snapshot.modified).total_seconds())


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
