"""`/tracks/premium/{id}/signed`: the one way to premium audio."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from soundflow_assets.api.authority import Credentials
from soundflow_assets.api.problems import responses
from soundflow_assets.api.representation import PRIVATE
from soundflow_assets.api.routes.tracks import entry_of
from soundflow_assets.api.service import Service, service_of

router = APIRouter(tags=["premium"])
Served = Annotated[Service, Depends(service_of)]
SIGNED_S = 3600


class SignedTrack(BaseModel):
    """Addresses that open until `expiresAt`, an hour from now; to be kept private."""

    signedUrl: Annotated[str, Field(description="the MP3, with Range")]  # noqa: N815
    expiresAt: dt.datetime  # noqa: N815
    peaksUrl: Annotated[str | None, Field(description="its waveform, where there is one")]  # noqa: N815


@router.get(
    "/tracks/premium/{id}/signed",
    responses={
        200: {"description": "The addresses.", "model": SignedTrack},
        **responses(401, 403, 404, 429, 503),
    },
)
async def signed(
    id: str,  # noqa: A002
    credentials: Credentials,
    service: Served,
) -> Response:
    """Sign a premium track for the bearer of a token whose user is entitled to premium.

    Whether there is such a track is said only to those who may hear it.
    """
    decision = service.authority.require_entitled(credentials, "premium")
    service.sign_limiter.admit(str(decision.token_id))
    row = await service.archive.row(await service.shelf.current(), id, tier="premium")
    entry = entry_of(row)
    expires = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=SIGNED_S)
    address = await _sign(service, entry["objectKey"])
    peaks = entry.get("peaksKey")
    service.metrics.signed.inc()
    told = SignedTrack(
        signedUrl=address,
        expiresAt=expires,
        peaksUrl=None if peaks is None else await _sign(service, peaks),
    )
    # Not through FastAPI's serialisation, which would validate what was just made.
    headers = {"Cache-Control": PRIVATE}
    return Response(told.model_dump_json(), headers=headers, media_type="application/json")


async def _sign(service: Service, key: str) -> str:
    if service.signer is not None:
        return service.signer.sign(key, SIGNED_S)
    # boto3 takes milliseconds to sign: not on the loop that serves everyone.
    return await asyncio.to_thread(service.library.premium.sign_get, key, SIGNED_S)
