"""The next generation of all catalogs, as bytes; nothing is written here.

The candidate is a function of the sidecars in the bucket and of the generation before it. Months
whose sidecars are as they were keep their shard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soundflow_assets.catalog.canonical import lines_of, sha256_of
from soundflow_assets.catalog.gather import (
    MonthKey,
    MonthListing,
    MonthReader,
    OnRead,
    list_months,
    read_shards,
)
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.catalog.root import FileRef, Problem, Root, ShardRef, commit_id
from soundflow_assets.catalog.shard import Track, encode_shard, in_order
from soundflow_assets.storage.keys import shard_key

_UNNAMED = "0" * 32


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a commit would make current. `before` has the former tracks of the changed months."""

    root: Root
    files: Mapping[str, bytes]  # by name
    shards: Mapping[str, bytes]  # by key, of the changed months
    tracks: Mapping[MonthKey, list[Track]]
    before: Mapping[MonthKey, list[Track]]


def build_candidate(
    library: Library,
    previous: Root | None,
    *,
    generation: int,
    from_sidecars: bool = False,
    on_read: OnRead = lambda _done, _all: None,
) -> Candidate | None:
    """Return the next generation, or None where the sidecars are those of `previous`.

    `from_sidecars` reads every sidecar and trusts nothing of the generation before: what is not
    in the sidecars is not in the catalogs.
    """
    trusted = None if from_sidecars else previous
    listings = list_months(library)
    held = {(ref.tier, ref.month): ref for ref in trusted.shards} if trusted else {}
    changed = {
        month: listings.get(month, MonthListing({}))
        for month in sorted(listings.keys() | held.keys())
        if not _is_current(held.get(month), listings.get(month), library)
    }
    if trusted is not None and not changed and _same_addresses(library, trusted):
        return None
    loaded = dict(zip(held, read_shards(library, list(held.values())), strict=True))
    before = {month: loaded[month] for month in changed if month in loaded}
    fresh = MonthReader(library, trusted, on_read).read(changed, before)
    tracks = {month: found for month, found in {**loaded, **fresh}.items() if found}
    kept = {month: held[month] for month in tracks if month not in fresh}
    made = {
        month: _shard(library, month, tracks[month], changed[month])
        for month in tracks
        if month in fresh
    }
    refs = {**kept, **{month: ref for month, (ref, _) in made.items()}}
    files = catalog_files(tracks, previous)
    parent = previous.commit_id if previous is not None else None
    root = Root(
        generation=generation,
        commit_id=_UNNAMED,
        parent=parent,
        public_base_url=library.public_base_url,
        files={
            name: FileRef(
                key=library.catalog_key(name), sha256=sha256_of(body), bytes=len(body), count=count
            )
            for name, (body, count) in files.items()
        },
        shards=tuple(refs[month] for month in sorted(refs)),
        problems=_problems(tracks),
    )
    return Candidate(
        root=root.model_copy(update={"commit_id": commit_id(root)}),
        files={name: body for name, (body, _) in files.items()},
        shards={ref.key: body for ref, body in made.values()},
        tracks=tracks,
        before=before,
    )


def catalog_files(
    tracks: Mapping[MonthKey, list[Track]], previous: Root | None
) -> dict[str, tuple[bytes, int]]:
    """Return each catalog's bytes and number of entries, by name.

    A category that once had a file keeps it, empty where its last track was withdrawn.
    """
    listed = [track for month in tracks.values() for track in month if track.entry is not None]
    lines: dict[str, list[bytes]] = {
        name: [] for name in catalog_names({track.slug for track in listed} | _slugs(previous))
    }
    for track in in_order(listed):
        if track.entry is not None:
            for name in ("all", track.tier, f"by-category/{track.slug}"):
                lines[name].append(track.entry)
    return {name: (lines_of(entries), len(entries)) for name, entries in lines.items()}


def _slugs(root: Root | None) -> set[str]:
    names = root.files if root is not None else ()
    return {name.partition("/")[2] for name in names if "/" in name}


def _same_addresses(library: Library, root: Root) -> bool:
    return root.public_base_url == library.public_base_url and all(
        library.catalog_key(name) == file.key for name, file in root.files.items()
    )


def _is_current(held: ShardRef | None, listing: MonthListing | None, library: Library) -> bool:
    return (
        held is not None
        and listing is not None
        and held.settled
        and held.fingerprint == listing.fingerprint(library.public_base_url)
    )


def _shard(
    library: Library, month: MonthKey, tracks: list[Track], listing: MonthListing
) -> tuple[ShardRef, bytes]:
    tier, name = month
    body = encode_shard(tier, name, tracks)
    sha256 = sha256_of(body)
    ref = ShardRef(
        tier=tier,
        month=name,
        key=shard_key(tier, name, sha256),
        sha256=sha256,
        bytes=len(body),
        count=sum(track.entry is not None for track in tracks),
        fingerprint=listing.fingerprint(library.public_base_url),
        settled=all(track.settled for track in tracks),
    )
    return ref, body


def _problems(tracks: Mapping[MonthKey, list[Track]]) -> tuple[Problem, ...]:
    found = [track for month in tracks.values() for track in month if track.problem]
    return tuple(
        Problem(key=track.sidecar_key, problem=track.problem, listed=track.entry is not None)
        for track in sorted(found, key=lambda track: track.sidecar_key)
    )
