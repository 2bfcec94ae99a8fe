"""Requests in the bucket: stored before anything is made, so that a track can always be made again.

A request is written once. Another content under the same id is refused unless it is a revision with
a higher number; the earlier ones stay beside it as `<track_id>.r<n>.json`. Requests that people put
there by hand may lack what has a default: they are completed when they are first read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator

from soundflow_assets.catalog.canonical import JSON_TYPE
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.premium.request import PremiumRequest, parse_request
from soundflow_assets.storage.keys import request_key
from soundflow_assets.storage.store import NotFound, ObjectStore, PreconditionFailed

FOLDER = request_key("x").removesuffix("x.json")
_NAME = re.compile(r"([a-z0-9_-]{1,64})\.json")
_PRIVATE = "private, no-store"
_ROUNDS = 5


def store_request(store: ObjectStore, request: PremiumRequest) -> PremiumRequest:
    """Store a request, and return the one that is stored.

    The same request again changes nothing; its date is the first one's, so that asking again on
    another day does not make another track.

    Raises
    ------
    BadInput
        When the id is taken by another request and this one is no later revision of it.
    """
    key = request_key(request.track_id)
    for _ in range(_ROUNDS):
        try:
            found = store.get(key)
        except NotFound:
            try:
                _put(store, key, request.to_bytes(), if_absent=True)
                return request
            except PreconditionFailed:
                continue
        held = parse_request(found.body, key, request.track_id, request.date)
        same = held.model_copy(update={"date": request.date})
        if same.to_bytes() == request.to_bytes():
            return held
        if request.revision <= held.revision:
            differing = ", ".join(_differences(held, request))
            raise BadInput(
                f"track_id: {request.track_id!r} is taken by another request ({key}; differing: "
                f"{differing}); choose another id, or ask for revision {held.revision + 1}"
            )
        kept = f"{FOLDER}{request.track_id}.r{held.revision}.json"
        with contextlib.suppress(PreconditionFailed):  # by someone who was interrupted after it
            _put(store, kept, held.to_bytes(), if_absent=True)
        try:
            _put(store, key, request.to_bytes(), if_match=found.info.etag)
            return request
        except PreconditionFailed:
            continue
    raise Failed(f"{key}: others kept replacing it; ask again")


def read_request(store: ObjectStore, track_id: str, today: dt.date) -> PremiumRequest:
    """Return the request of a track, completing and storing what a person left out.

    Raises
    ------
    BadInput
        When there is none, or it is wrong; the sentence names the object and the field.
    """
    key = request_key(track_id)
    try:
        found = store.get(key)
    except NotFound:
        raise BadInput(
            f"{key}: no request is stored for {track_id!r}; give the run a configuration, or put "
            "the request there"
        ) from None
    request = parse_request(found.body, key, track_id, today)
    if request.to_bytes() != found.body:
        try:
            _put(store, key, request.to_bytes(), if_match=found.info.etag)
        except PreconditionFailed:
            return read_request(store, track_id, today)
    return request


def stored_requests(store: ObjectStore) -> Iterator[tuple[str, str]]:
    """Yield (track id, etag) of every request; other names in the folder are passed over."""
    for info in store.list(FOLDER, suffix=".json"):
        match = _NAME.fullmatch(info.key.removeprefix(FOLDER))
        if match is not None:
            yield match[1], info.etag


def _put(
    store: ObjectStore,
    key: str,
    body: bytes,
    *,
    if_absent: bool = False,
    if_match: str | None = None,
) -> None:
    store.put(
        key,
        body,
        if_absent=if_absent,
        if_match=if_match,
        content_type=JSON_TYPE,
        cache_control=_PRIVATE,
    )


def _differences(held: PremiumRequest, asked: PremiumRequest) -> list[str]:
    return [
        name
        for name in PremiumRequest.model_fields
        if name != "date" and getattr(held, name) != getattr(asked, name)
    ]
