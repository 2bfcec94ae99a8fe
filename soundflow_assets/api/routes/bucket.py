"""`/bucket/…`: the public part of a local bucket, and `/signed/…`: the private part, signed for.

In a bucket with a public address of its own, `/bucket/…` leads there.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from soundflow_assets.api.door import remember
from soundflow_assets.api.objects import public_key, serve_object
from soundflow_assets.api.problems import Problem, responses
from soundflow_assets.api.ranges import Unsatisfiable, parse_range
from soundflow_assets.api.representation import PRIVATE, PUBLIC_MINUTE, Representation, matches
from soundflow_assets.api.service import Service, service_of
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import check_key

router = APIRouter(tags=["objects"])
_BYTES: dict[str, Any] = {"content": {"*/*": {"schema": {}}}}  # of any type
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The object.", **_BYTES},
    206: {"description": "The range.", **_BYTES},
    304: {"description": "As the If-None-Match says."},
    **responses(404, 416, 429, 503),
}
Served = Annotated[Service, Depends(service_of)]


@router.get(
    "/bucket/{key:path}",
    responses={**_ANSWERS, 307: {"description": "The object lies at the bucket's own address."}},
    response_class=Response,
)
async def public_object(
    request: Request,
    key: Annotated[str, Path(max_length=1024, examples=["catalog/root.json"])],
    service: Served,
) -> Response:
    """Return a public object: free audio and its companions, catalogs, tracks made on request."""
    found = public_key(key)
    name = _catalog_name(found)
    if name is not None:
        snapshot = await service.shelf.current()
        if name in snapshot.whole:
            held = snapshot.whole[name]
            part = _part(request, held)
            return remember(request, service.shelf, snapshot, held) if part is None else part
    if service.signer is None:
        return RedirectResponse(service.library.url(found), 307)
    return await serve_object(request, service.library.public, found)


@router.get("/signed/{key:path}", responses={**_ANSWERS, **responses(403)}, response_class=Response)
async def signed_object(
    request: Request,
    key: Annotated[str, Path(max_length=1024)],
    service: Served,
    expires: Annotated[int, Query(ge=0, le=2**53)],
    signature: Annotated[str, Query(max_length=128)],
) -> Response:
    """Return an object under an address that `/tracks/premium/{id}/signed` gave."""
    try:
        checked = check_key(key)
    except BadInput:
        raise Problem(403, "this address is not signed by this service") from None
    if service.signer is None or not service.signer.verify(checked, expires, signature):
        raise Problem(403, "this address is not signed by this service, or its time is over")
    return await serve_object(request, service.library.premium, checked, PRIVATE)


def _part(request: Request, held: Representation) -> Response | None:
    """Return the range of a catalog that is asked for, as a player's first view does, or None."""
    headers, size = request.headers, len(held.body)
    try:
        wanted = parse_range(headers.get("range"), size)
    except Unsatisfiable:
        sent = {"Content-Range": f"bytes */{size}"}
        raise Problem(416, f"the object has {size} bytes", headers=sent) from None
    etag = held.etag(compressed=False)
    fresh = headers.get("if-range", etag) == etag
    if wanted is None or not fresh or matches(headers.get("if-none-match", ""), held.sha256):
        return None
    sent = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": PUBLIC_MINUTE,
        "Vary": "Accept-Encoding",
        "Content-Range": f"bytes {wanted.start}-{wanted.stop - 1}/{size}",
    }
    return Response(held.body[wanted.start : wanted.stop], 206, sent, held.media_type)


def _catalog_name(key: str) -> str | None:
    """Return the name of the catalog at `key`, None where another document lies."""
    if not key.startswith("catalog/") or not key.endswith(".json"):
        return None
    return key.removeprefix("catalog/").removesuffix(".json")
