"""Which months have news: from the bucket's listings to the sidecars of the months looked at.

A complete listing costs a request for each thousand objects of history. Without one, the newest
month and later are listed, the months that the inbox names, and those in which something was
broken. A listed month whose fingerprint is the one its shard was made from has no news.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soundflow_assets.catalog.canonical import canonical, sha256_of
from soundflow_assets.catalog.inbox import Arrival, read_inbox
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import Root
from soundflow_assets.storage.keys import TIERS, Tier, month_prefix, sidecar_ref, tracks_prefix
from soundflow_assets.storage.store import ObjectInfo

MonthKey = tuple[Tier, str]


@dataclass(frozen=True, slots=True)
class MonthListing:
    """The sidecars of one month: key to etag."""

    etags: Mapping[str, str]

    def fingerprint(self, public_base_url: str) -> str:
        """Return a hash that changes with any sidecar, or with the address of free tracks."""
        return sha256_of(canonical([public_base_url, sorted(self.etags.items())]))


@dataclass(frozen=True, slots=True)
class Listing:
    """The months that were looked at, empty ones included, and the news that led there."""

    months: Mapping[MonthKey, MonthListing]
    arrivals: tuple[Arrival, ...]


def list_months(library: Library, trusted: Root | None, today: dt.date) -> Listing:
    """List what may have changed since `trusted`; everything where there is no such root.

    Parameters
    ----------
    library
        The buckets.
    trusted
        The generation whose shards stand for the months that are not listed.
    today
        The date in UTC: tracks dated ahead do not make the current month one that is over.
    """
    # Before the sidecars: what arrives in between is either listed below or still in the inbox.
    arrivals = read_inbox(library)
    held = {(ref.tier, ref.month) for ref in trusted.shards} if trusted is not None else set()
    newest = max((month for _, month in held), default="")
    if trusted is None or not newest:
        return Listing(_by_month(_list_from(library, "")), arrivals)
    open_from = min(newest, today.isoformat()[:7])
    named = {(arrival.ref.tier, arrival.ref.month) for arrival in arrivals}
    named |= {(ref.tier, ref.month) for ref in trusted.shards if not ref.settled}
    over = {month for month in named if month[1] < open_from}
    open_months = {month for month in held if month[1] >= open_from}
    infos = [*_list_from(library, open_from)]
    for tier, month in sorted(over):
        infos += library.store(tier).list(month_prefix(tier, month), suffix=".json")
    nothing = dict.fromkeys(over | open_months, MonthListing({}))
    return Listing({**nothing, **_by_month(infos)}, arrivals)


def _list_from(library: Library, month: str) -> Iterable[ObjectInfo]:
    for tier in TIERS:
        prefix = tracks_prefix(tier)
        yield from library.store(tier).list(prefix, suffix=".json", after=f"{prefix}{month}")


def _by_month(infos: Iterable[ObjectInfo]) -> dict[MonthKey, MonthListing]:
    months: dict[MonthKey, dict[str, str]] = {}
    for info in infos:
        ref = sidecar_ref(info.key)
        if ref is not None:
            months.setdefault((ref.tier, ref.month), {})[info.key] = info.etag
    return {month: MonthListing(etags) for month, etags in months.items()}
