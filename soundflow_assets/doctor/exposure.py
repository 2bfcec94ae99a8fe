"""What strangers can reach: the catalogs, and nothing premium.

A public domain exposes a whole bucket, whatever the prefix, and the keys of premium tracks follow
from their ids, which the catalogs tell. So an object is put where premium tracks lie and fetched as
anybody would fetch it; only a refusal is good news.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from soundflow_assets.doctor.finding import Finding
from soundflow_assets.settings import Settings
from soundflow_assets.storage.keys import ALL_CATALOG_KEY, tracks_prefix
from soundflow_assets.storage.open import open_premium_store, open_store, public_base_url
from soundflow_assets.storage.store import NotFound

_TIMEOUT_S = 10.0
_ORIGIN = "https://player.example"
_TWO_BUCKETS = (
    "give premium tracks a private bucket (R2_PREMIUM_BUCKET, or SOUNDFLOW_PREMIUM_BUCKET for "
    "folders) and move audio/premium there"
)


def check_public_address(settings: Settings) -> Iterator[Finding]:
    """Tell where free tracks are said to be, and see that their catalog answers there."""
    address = public_base_url(settings)
    if settings.free_public_base_url is None:
        yield Finding(
            "public address",
            "note",
            f"catalogs will point to {address}",
            "set FREE_PUBLIC_BASE_URL to the address front ends use",
        )
        return
    try:
        open_store(settings).head(ALL_CATALOG_KEY)
    except NotFound:
        yield Finding("public address", "ok", f"{address}; no catalog yet to be fetched")
        return
    url = f"{address}/{ALL_CATALOG_KEY}"
    answer = _fetch(url)
    if answer is None:
        yield _unreachable("public address", url)
    elif answer[0] not in (200, 206):
        yield Finding(
            "public address",
            "problem",
            f"{url} answers {answer[0]}, though the bucket has it",
            "connect the public domain to R2_BUCKET, or correct FREE_PUBLIC_BASE_URL",
        )
    else:
        yield Finding("public address", "ok", f"{address} serves {ALL_CATALOG_KEY}")


def check_exposure(settings: Settings, shared: bool) -> Iterator[Finding]:
    """Fetch a premium object as a stranger; `shared`: premium lies in the public bucket."""
    address = settings.free_public_base_url
    if address is None:
        if shared:
            yield _shared()
        return
    store = open_premium_store(settings)
    key = f"{tracks_prefix('premium')}doctor-{uuid.uuid4().hex}.txt"
    url = f"{address}/{key}"
    store.put(key, key.encode(), if_absent=True, content_type="text/plain")
    try:
        answer = _fetch(url)
    finally:
        store.delete(key)
    if answer is None:
        yield _unreachable("premium exposure", url)
    elif answer[0] in (200, 206):
        yield Finding(
            "premium exposure",
            "problem",
            f"ANYBODY CAN FETCH PREMIUM TRACKS: {address} answered {answer[0]} for an object just "
            f"put under {tracks_prefix('premium')}",
            f"{_TWO_BUCKETS}; until then take the public domain off the bucket",
        )
    elif shared:
        yield _shared()
    else:
        yield Finding("premium exposure", "ok", f"a stranger is answered {answer[0]}")


def _shared() -> Finding:
    return Finding(
        "premium exposure",
        "note",
        "premium tracks share the bucket of the free ones: one domain, rule or proxy set wrongly "
        "makes them public",
        _TWO_BUCKETS,
    )


def _unreachable(check: str, url: str) -> Finding:
    return Finding(
        check,
        "note",
        f"{url} cannot be reached from here, so nothing is known",
        "run the doctor where the public address answers",
    )


def _fetch(url: str) -> tuple[int, dict[str, str]] | None:
    """Return status and headers of an anonymous GET of the first byte, None without an answer."""
    import httpx

    try:
        answer = httpx.get(
            url, headers={"Range": "bytes=0-0", "Origin": _ORIGIN}, timeout=_TIMEOUT_S
        )
    except httpx.HTTPError:
        return None
    return answer.status_code, dict(answer.headers)
