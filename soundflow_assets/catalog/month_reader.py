"""From the sidecars of a month to its tracks, reading only those that changed.

A read that fails is raised, never counted as absence. A sidecar that is there but unusable is a
problem with a name: the track keeps its last good entry where it had one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.gather import MonthListing
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.shard import Track
from soundflow_assets.catalog.sidecar import Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import Tier, TrackRef, sidecar_ref
from soundflow_assets.storage.store import NotFound

READERS = 16
OnRead = Callable[[int, int], None]  # sidecars looked at, sidecars to look at


class MonthReader:
    """Reads changed months. `moved`: free tracks have another address than at the last commit."""

    def __init__(self, library: Library, previous: Root | None, on_read: OnRead, total: int):
        self._library = library
        self._moved = previous is not None and previous.public_base_url != library.public_base_url
        self._on_read = on_read
        self._total = total
        self._done = 0

    def read(self, tier: Tier, listing: MonthListing, before: Sequence[Track]) -> list[Track]:
        """Return the tracks of one month; `before` is what its shard held."""
        known = {track.sidecar_key: track for track in before}
        tracks = [
            lost
            for key, track in known.items()
            if key not in listing.etags
            and (lost := self._lost(track, "the sidecar is gone")) is not None
        ]
        to_read: list[str] = []
        for key, etag in listing.etags.items():
            old = known.get(key)
            if old is not None and old.settled and old.etag == etag and not self._moved:
                tracks.append(old)
                self._count()
            else:
                to_read.append(key)
        with ThreadPoolExecutor(READERS) as pool:
            for track in pool.map(lambda key: self._read_one(tier, key, known.get(key)), to_read):
                if track is not None:
                    tracks.append(track)
                self._count()
        return tracks

    def _count(self) -> None:
        self._done += 1
        self._on_read(self._done, self._total)

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
