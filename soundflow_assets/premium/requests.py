"""Requests in the bucket: stored before anything is made, so that a track can always be made again.

Another content under the same id is refused unless it is a revision with a higher number; each
revision that was accepted stays beside it as `<track_id>.r<n>.json` and never changes. Requests
that people put there by hand may lack what has a default: they are completed when first read.
"""

from __future__ import annotations

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
            request = _accepted(store, request)
            try:
                _put(store, key, request.to_bytes(), if_absent=True)
                return request
            except PreconditionFailed:
                continue
        held = _accepted(store, parse_request(found.body, key, request.track_id, request.date))
        if _same(held, request):
            return held
        if request.revision <= held.revision:
            raise _taken(held, request, held.revision)
        request = _accepted(store, request)
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
        When there is none, or it is wrong, or it is not the one that was accepted under its
        revision; the sentence names the object and the field.
    """
    key = request_key(track_id)
    try:
        found = store.get(key)
    except NotFound:
        raise BadInput(
            f"{key}: no request is stored for {track_id!r}; give the run a configuration, or put "
            "the request there"
        ) from None
    request = _accepted(store, parse_request(found.body, key, track_id, today))
    if request.to_bytes() != found.body:
        try:
            _put(store, key, request.to_bytes(), if_match=found.info.etag)
        except PreconditionFailed:
            return read_request(store, track_id, today)
    return request


def put_by_people(store: ObjectStore, track_id: str) -> bool:
    """Tell whether the request was put there by a person, and not by a run that is making it."""
    return store.head(request_key(track_id)).metadata.get("door") != "run"


def _accepted(store: ObjectStore, request: PremiumRequest) -> PremiumRequest:
    """Return a request as it was first accepted under its revision, accepting it now if it is new.

    Whatever overwrites the object itself, a revision never changes its meaning.
    """
    kept = f"{FOLDER}{request.track_id}.r{request.revision}.json"
    try:
        first = parse_request(store.get(kept).body, kept, request.track_id, request.date)
    except NotFound:
        try:
            _put(store, kept, request.to_bytes(), if_absent=True)
            return request
        except PreconditionFailed:
            return _accepted(store, request)
    if not _same(first, request):
        raise _taken(first, request, first.revision)
    return first


def _same(held: PremiumRequest, asked: PremiumRequest) -> bool:
    return held.model_copy(update={"date": asked.date}) == asked


def _taken(held: PremiumRequest, asked: PremiumRequest, revision: int) -> BadInput:
    differing = ", ".join(_differences(held, asked))
    return BadInput(
        f"track_id: {asked.track_id!r} is taken by another request "
        f"({request_key(asked.track_id)}; differing: {differing}); choose another id, or ask for "
        f"revision {revision + 1}"
    )


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
        metadata={"door": "run"},
    )


def _differences(held: PremiumRequest, asked: PremiumRequest) -> list[str]:
    return [
        name
        for name in PremiumRequest.model_fields
        if name != "date" and getattr(held, name) != getattr(asked, name)
    ]
