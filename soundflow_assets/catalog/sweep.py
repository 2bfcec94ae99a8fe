"""Removing what nobody needs any more: the one place where files of tracks are deleted.

=====================  ================================================================
what                   removed when
=====================  ================================================================
files of a track       it was withdrawn, and the time of grace has passed since
superseded files       the sidecar that replaced them is older than the time of grace
shards                 no root names them, and they are older than the time of grace
=====================  ================================================================

The time of grace outlasts signed addresses and whoever still plays an old one. Files without a
sidecar are left alone: they are of a track that is being published, or whose sidecar was lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.compose import read_shard
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import read_sidecar
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.shard import decode_shard
from soundflow_assets.catalog.sidecar import Sidecar
from soundflow_assets.catalog.withdraw import mark_swept
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import (
    SHARD_FOLDER,
    TIERS,
    Tier,
    TrackRef,
    is_revision,
    owners_of,
    tracks_prefix,
)
from soundflow_assets.storage.store import NotFound, ObjectInfo, ObjectStore

GRACE = dt.timedelta(days=30)


@dataclass(slots=True)
class Swept:
    """What a sweep removed, or would remove: key and reason; and what it could not judge."""

    removed: list[tuple[str, str]] = field(default_factory=list)
    freed_bytes: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Terms:
    now: dt.datetime
    grace: dt.timedelta
    dry_run: bool

    def over(self, since: dt.datetime) -> bool:
        return self.now - since > self.grace


def sweep(
    library: Library,
    *,
    now: dt.datetime,
    grace: dt.timedelta = GRACE,
    dry_run: bool = False,
) -> Swept:
    """Remove what its time of grace has passed for; running it again, also after a crash, is safe.

    Catalogs are committed first, so that nothing they still list is judged by an older sidecar.

    Parameters
    ----------
    library
        The buckets.
    now
        The time, in UTC.
    grace
        How long withdrawn and superseded files stay.
    dry_run
        Tell what would be removed and remove nothing.
    """
    terms = _Terms(now, grace, dry_run)
    root = commit_catalogs(library).root
    swept = Swept()
    withdrawn = _withdrawn(library, root)
    for tier in TIERS:
        for ref, objects in _tracks(library.store(tier), tier):
            if ref.sidecar_key in withdrawn or any(is_revision(one.key) for one in objects):
                _sweep_track(library, ref, objects, terms, swept)
    named = {shard.key for shard in root.shards}
    for info in library.public.list(f"{SHARD_FOLDER}/"):
        if info.key not in named and terms.over(info.modified):
            _remove(library.public, info, "no root names this shard", terms, swept)
    if swept.removed and not dry_run:
        commit_catalogs(library)
    return swept


def _withdrawn(library: Library, root: Root) -> set[str]:
    """Return the sidecars of all withdrawn tracks, which the shards know without a read each."""
    return {
        track.sidecar_key
        for ref in root.shards
        for track in decode_shard(read_shard(library, ref), ref.key)
        if track.state == "withdrawn"
    }


def _tracks(store: ObjectStore, tier: Tier) -> Iterator[tuple[TrackRef, list[ObjectInfo]]]:
    """Yield every track with its objects, the sidecar included, one day after the other."""
    listed = store.list(tracks_prefix(tier))
    for _, day in groupby(listed, key=lambda info: info.key.rpartition("/")[0]):
        objects = list(day)
        keys = {one.key for one in objects}
        by_track: dict[TrackRef, list[ObjectInfo]] = {}
        for one in objects:
            owner = next((ref for ref in owners_of(one.key) if ref.sidecar_key in keys), None)
            if owner is not None:
                by_track.setdefault(owner, []).append(one)
        yield from by_track.items()


def _sweep_track(
    library: Library, ref: TrackRef, objects: Iterable[ObjectInfo], terms: _Terms, swept: Swept
) -> None:
    store = library.store(ref.tier)
    try:
        sidecar, found = read_sidecar(store, ref.sidecar_key)
    except NotFound:
        return
    except BadInput as error:
        swept.problems.append(f"{error}; its files stay")
        return
    files = [one for one in objects if one.key != ref.sidecar_key]
    withdrawal = sidecar.withdrawn
    if withdrawal is not None and terms.over(withdrawal.at):
        if files and not terms.dry_run and mark_swept(library, ref.id, terms.now) is None:
            return  # restored meanwhile
        for info in files:
            _remove(store, info, f"withdrawn on {withdrawal.at.date()}", terms, swept)
    elif terms.over(found.info.modified):
        for info in _superseded(sidecar, files):
            if terms.over(info.modified):
                _remove(store, info, "superseded by another revision", terms, swept)


def _superseded(sidecar: Sidecar, files: Iterable[ObjectInfo]) -> Iterable[ObjectInfo]:
    current = {file.key for file in sidecar.files}
    return [info for info in files if info.key not in current]


def _remove(store: ObjectStore, info: ObjectInfo, why: str, terms: _Terms, swept: Swept) -> None:
    if not terms.dry_run:
        store.delete(info.key)
    swept.removed.append((info.key, why))
    swept.freed_bytes += info.size
