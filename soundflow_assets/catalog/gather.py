"""From the bucket's sidecars to the tracks of each month, reading only what changed.

Sidecars are listed; a month whose listing is the one its shard was made from is taken from the
shard, and in a changed month only new and changed sidecars are read. Which months are listed is
decided in `list_months` alone.

A read that fails is raised, never counted as absence. A sidecar that is there but unusable is a
problem with a name: the track keeps its last good entry where it had one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from soundflow_assets.catalog.canonical import canonical, sha256_of
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import REPAIR, Root, ShardRef
from soundflow_assets.catalog.shard import Track, decode_shard
from soundflow_assets.catalog.sidecar import Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.keys import TIERS, Tier, TrackRef, sidecar_ref, tracks_prefix
from soundflow_assets.storage.store import NotFound

READERS = 16
MonthKey = tuple[Tier, str]
OnRead = Callable[[int, int], None]  # sidecars read, sidecars to read


@dataclass(frozen=True, slots=True)
class MonthListing:
    """The sidecars of one month: key to etag."""

    etags: Mapping[str, str]

    def fingerprint(self, public_base_url: str) -> str:
        """Return a hash that changes with any sidecar, or with the address of free tracks."""
        return sha256_of(canonical([public_base_url, sorted(self.etags.items())]))


def list_months(library: Library) -> dict[MonthKey, MonthListing]:
    """List all sidecars by tier and month."""
    months: dict[MonthKey, dict[str, str]] = {}
    for tier in TIERS:
        for info in library.store(tier).list(tracks_prefix(tier), suffix=".json"):
            ref = sidecar_ref(info.key)
            if ref is not None and ref.tier == tier:
                months.setdefault((tier, ref.month), {})[info.key] = info.etag
    return {month: MonthListing(etags) for month, etags in months.items()}


def read_shards(library: Library, refs: list[ShardRef]) -> list[list[Track]]:
    """Return the tracks of shards, verified against the hashes the root holds."""

    def read(ref: ShardRef) -> list[Track]:
        try:
            body = library.public.get(ref.key).body
        except NotFound:
            raise Failed(f"{ref.key}, named by the root, is missing; {REPAIR}") from None
        if sha256_of(body) != ref.sha256:
            raise Failed(f"{ref.key} is damaged: its hash is not the root's; {REPAIR}")
        return decode_shard(body, ref.key)

    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(read, refs))


class MonthReader:
    """Reads changed months. `moved`: free tracks have another address than at the last commit."""

    def __init__(self, library: Library, previous: Root | None, on_read: OnRead) -> None:
        self._library = library
        self._moved = previous is not None and previous.public_base_url != library.public_base_url
        self._on_read = on_read

    def read(
        self,
        changed: Mapping[MonthKey, MonthListing],
        before: Mapping[MonthKey, list[Track]],
    ) -> dict[MonthKey, list[Track]]:
        """Return the tracks of each month in `changed`; `before` has what the shards held."""
        tracks: dict[MonthKey, list[Track]] = {}
        to_read: list[tuple[MonthKey, str, Track | None]] = []
        for month, listing in changed.items():
            known = {track.sidecar_key: track for track in before.get(month, [])}
            tracks[month] = [
                lost
                for key, track in known.items()
                if key not in listing.etags
                and (lost := self._lost(track, "the sidecar is gone")) is not None
            ]
            for key, etag in listing.etags.items():
                old = known.get(key)
                if old is not None and old.settled and old.etag == etag and not self._moved:
                    tracks[month].append(old)
                else:
                    to_read.append((month, key, old))
        for (month, _, _), track in zip(to_read, self._read_all(to_read), strict=True):
            if track is not None:
                tracks[month].append(track)
        return tracks

    def _read_all(self, to_read: list[tuple[MonthKey, str, Track | None]]) -> list[Track | None]:
        found: list[Track | None] = []
        with ThreadPoolExecutor(READERS) as pool:
            for track in pool.map(lambda one: self._read_one(one[0][0], one[1], one[2]), to_read):
                found.append(track)
                self._on_read(len(found), len(to_read))
        return found

    def _read_one(self, tier: Tier, key: str, old: Track | None) -> Track | None:
        try:
            found = self._library.store(tier).get(key)
        except NotFound:  # deleted since it was listed
            return self._lost(old, "the sidecar is gone") if old is not None else None
        etag = found.info.etag
        try:
            sidecar = parse_sidecar(found.body, key)
        except BadInput as error:
            return self._broken(key, etag, old, str(error))
        ref = sidecar.entry.ref
        track = Track(
            ref.id, ref.date.isoformat(), sidecar.entry.slug, key, etag, "withdrawn", None
        )
        if sidecar.withdrawn is not None:
            return track
        problem = self._audio_problem(tier, sidecar)
        if problem:
            return self._broken(key, etag, old, problem)
        return replace(track, state="listed", entry=self._located(sidecar.entry).to_bytes())

    def _audio_problem(self, tier: Tier, sidecar: Sidecar) -> str:
        entry = sidecar.entry
        try:
            info = self._library.store(tier).head(entry.object_key)
        except NotFound:
            return f"entry.objectKey: {entry.object_key} is not in the bucket"
        if info.size != entry.bytes:
            return f"entry.bytes: {entry.bytes}, but {entry.object_key} has {info.size}"
        return ""

    def _located(self, entry: CatalogEntry) -> CatalogEntry:
        """Return the entry with its address of today: buckets move, sidecars stay as they are."""
        if entry.tier == "premium":
            return entry
        return entry.model_copy(update={"url": self._library.url(entry.object_key)})

    def _broken(self, key: str, etag: str, old: Track | None, problem: str) -> Track:
        if old is not None and old.entry is not None:
            return replace(self._relocated(old), etag=etag, state="kept", problem=problem)
        ref = sidecar_ref(key)
        if ref is None:
            raise AssertionError("only sidecars are listed")
        return _unlisted(ref, key, etag, problem)

    def _lost(self, old: Track | None, problem: str) -> Track | None:
        """Keep what was in the catalogs; only a withdrawal takes a track out."""
        if old is None or old.entry is None:
            return None
        return replace(self._relocated(old), etag="", state="kept", problem=problem)

    def _relocated(self, old: Track) -> Track:
        if not self._moved or old.entry is None:
            return old
        entry = CatalogEntry.model_validate_json(old.entry)
        return replace(old, entry=self._located(entry).to_bytes())


def _unlisted(ref: TrackRef, key: str, etag: str, problem: str) -> Track:
    return Track(ref.id, ref.date.isoformat(), "", key, etag, "broken", None, problem)
