"""Objects of a bucket over HTTP: content type, validators, ranges, streamed from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from soundflow_assets.api.problems import Problem
from soundflow_assets.api.ranges import ByteRange, Unsatisfiable, parse_range
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import AUDIO_FOLDER, MADE_FOLDER, check_key
from soundflow_assets.storage.store import NotFound, ObjectInfo, ObjectStore

HEAD_FLAG = "soundflow.head"  # in the scope of a HEAD request, see `frame`
_PUBLIC = (f"{AUDIO_FOLDER}/free/", "catalog/", f"{MADE_FOLDER}/")


def public_key(key: str) -> str:
    """Return `key` if anyone may read it, else raise 404: what is private is not said to exist."""
    try:
        checked = check_key(key)
    except BadInput:
        raise Problem(404, "there is no such object") from None
    if not checked.startswith(_PUBLIC):
        raise Problem(404, "there is no such object")
    return checked


async def serve_object(
    request: Request, store: ObjectStore, key: str, cache_control: str = ""
) -> Response:
    """Answer with an object, a range of it, or 304; `cache_control` replaces the stored one."""
    try:
        info = await asyncio.to_thread(store.head, key)
    except NotFound:
        raise Problem(404, "there is no such object") from None
    etag = f'"{info.etag}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": cache_control or info.cache_control or "no-cache",
        "Last-Modified": info.modified.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Content-Type": info.content_type,
    }
    if _is_held(request.headers, etag):
        return Response(None, 304, headers)
    found = _range(request.headers, info, etag)
    if found is not None:
        headers["Content-Range"] = f"bytes {found.start}-{found.stop - 1}/{info.size}"
    start, stop = (0, info.size) if found is None else (found.start, found.stop)
    headers["Content-Length"] = str(stop - start)
    status = 200 if found is None else 206
    if request.scope.get(HEAD_FLAG):
        return Response(None, status, headers)
    if stop == start:
        return Response(b"", status, headers)
    opened = await asyncio.to_thread(store.open_range, key, start, stop)
    return StreamingResponse(opened.chunks, status, headers)


def _is_held(headers: Mapping[str, str], etag: str) -> bool:
    asked = headers.get("if-none-match")
    if asked is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    return "*" in tags or etag in tags


def _range(headers: Mapping[str, str], info: ObjectInfo, etag: str) -> ByteRange | None:
    if headers.get("if-range", etag) != etag:
        return None  # what the client holds a part of is no longer there
    try:
        return parse_range(headers.get("range"), info.size)
    except Unsatisfiable:
        raise Problem(
            416,
            f"the object has {info.size} bytes",
            headers={"Content-Range": f"bytes */{info.size}"},
        ) from None
