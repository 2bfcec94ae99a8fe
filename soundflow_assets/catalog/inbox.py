"""News for the catalogs: which sidecars have changed since they were last read.

Whoever writes a sidecar first puts an object into the inbox that names the track and the version
to come. A commit lists the inbox instead of all of history, reads the months it names, and removes
what it has read. The news comes first and the sidecar after it, so no crash between the two hides a
track; news whose version the commit has not seen stays for the next one, because its sidecar may be
a moment away. Sidecars that others put into the bucket without news are found where the newest
month is listed, and by every complete listing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from soundflow_assets.catalog.canonical import sha256_of
from soundflow_assets.catalog.library import Library
from soundflow_assets.storage.keys import TIERS, TrackRef, arrival_key, inbox_prefix, parse_arrival
from soundflow_assets.storage.store import NotFound, ObjectStore

_WRITERS = 8
# Longer than any writer takes between the news and the sidecar, retries and waits included.
PATIENCE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One piece of news. `version` is the beginning of the sidecar's sha256."""

    key: str
    ref: TrackRef
    version: str
    at: dt.datetime


def announce(store: ObjectStore, ref: TrackRef, sidecar: bytes, replaced_etag: str = "") -> None:
    """Tell the next commit that this sidecar is about to be put over the version with this etag."""
    key = arrival_key(ref, sha256_of(sidecar), replaced_etag)
    store.put(key, ref.sidecar_key.encode(), content_type="text/plain", cache_control="no-store")


def read_inbox(library: Library) -> tuple[Arrival, ...]:
    """Return all news, of both tiers."""
    return tuple(
        Arrival(info.key, *parsed, info.modified)
        for tier in TIERS
        for info in library.store(tier).list(inbox_prefix(tier))
        if (parsed := parse_arrival(info.key)) is not None
    )


def settle(
    library: Library, arrivals: Iterable[Arrival], seen: Mapping[str, str], now: dt.datetime
) -> None:
    """Remove the news that the current generation has taken in, and what nobody will complete.

    Parameters
    ----------
    library
        The buckets.
    arrivals
        What the inbox held when the generation was begun.
    seen
        The etag under which the generation has read each of their sidecars, by key.
    now
        The time, in UTC.
    """

    def settled(arrival: Arrival) -> bool:
        if now - arrival.at > PATIENCE:
            return True
        try:
            head = library.store(arrival.ref.tier).head(arrival.ref.sidecar_key)
        except NotFound:
            return False
        # Another etag than the one read is a version that came after, with news of its own.
        return head.etag == seen.get(head.key) and head.sha256.startswith(arrival.version)

    def work(arrival: Arrival) -> None:
        if settled(arrival):
            library.store(arrival.ref.tier).delete(arrival.key)

    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(work, arrivals))
