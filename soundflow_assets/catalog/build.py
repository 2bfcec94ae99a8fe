"""The next generation of all catalogs: its shards put, its root and files ready, not yet current.

A generation is a function of the sidecars in the bucket and of the generation before it. Months
without news keep their shard unread. The shards of the others are put at once, one month at a time,
so that a library of a million tracks need not fit into memory; a shard's key names its bytes, so
one that no root comes to name is only waste, which `sweep` removes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soundflow_assets.catalog.canonical import JSON_TYPE, sha256_of
from soundflow_assets.catalog.checks import check_files, check_month
from soundflow_assets.catalog.compose import CatalogFile, compose_files, read_shard
from soundflow_assets.catalog.gather import Listing, MonthKey, MonthListing, list_months
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.catalog.month_reader import MonthReader, OnRead
from soundflow_assets.catalog.root import FileRef, Problem, Root, ShardRef, Window, commit_id
from soundflow_assets.catalog.shard import Track, decode_shard, encode_shard, in_order
from soundflow_assets.catalog.violation import CatalogRefused
from soundflow_assets.storage.keys import shard_key, sidecar_ref
from soundflow_assets.storage.store import FOR_EVER, NotFound

_UNNAMED = "0" * 32


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a commit would make current, and the keys of the shards put for it."""

    root: Root
    files: Mapping[str, CatalogFile]
    shards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """What building came to. `seen` is the etag under which each announced sidecar was read."""

    candidate: Candidate | None  # None: there is no news
    listing: Listing
    seen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Month:
    """A changed month: its shard, None where no track is left, and what the shard was made of."""

    shard: ShardRef | None
    tracks: Sequence[Track]
    written: bool


def build_candidate(
    library: Library,
    previous: Root | None,
    *,
    generation: int,
    complete: bool = False,
    from_sidecars: bool = False,
    on_read: OnRead = lambda _done, _all: None,
) -> Built:
    """Build the next generation.

    Parameters
    ----------
    library
        The buckets.
    previous
        The current generation, None where there is none that can be read.
    generation
        The number of the next one.
    complete
        List all of history instead of what the inbox and the newest month tell of.
    from_sidecars
        Read every sidecar and trust nothing of the generation before: what is not in the sidecars
        is not in the catalogs.
    on_read
        Told how many of how many sidecars of changed months are read.

    Raises
    ------
    CatalogRefused
        When the new generation contradicts itself or loses a track.
    """
    trusted = None if from_sidecars else previous
    same_place = trusted is not None and trusted.public_base_url == library.public_base_url
    today = dt.datetime.now(dt.UTC).date()
    listing = list_months(library, trusted if same_place and not complete else None, today)
    held = {(ref.tier, ref.month): ref for ref in trusted.shards} if trusted else {}
    looked_at = dict(listing.months)
    if complete or not same_place:
        looked_at = dict.fromkeys(held, MonthListing({})) | looked_at
    changed = {
        month: one
        for month, one in sorted(looked_at.items())
        if not _is_current(held.get(month), one, library)
    }
    if trusted is not None and not changed and _same_terms(library, trusted):
        return Built(None, listing, _seen(listing, {}))
    total = sum(len(one.etags) for one in changed.values())
    reader = MonthReader(library, trusted, on_read, total)
    made = {
        month: _make_month(library, reader, month, one, held.get(month))
        for month, one in changed.items()
    }
    refs = {month: ref for month, ref in held.items() if month not in made}
    refs |= {month: one.shard for month, one in made.items() if one.shard is not None}
    shards = tuple(refs[month] for month in sorted(refs))
    files = compose_files(library, shards, previous)
    violations = check_files(library, shards, files)
    if violations:
        raise CatalogRefused(violations)
    root = _root(library, previous, generation, shards, files)
    root = root.model_copy(update={"problems": _problems(trusted, made)})
    root = root.model_copy(update={"commit_id": commit_id(root)})
    written = tuple(one.shard.key for one in made.values() if one.shard is not None and one.written)
    return Built(Candidate(root, files, written), listing, _seen(listing, made))


def _is_current(held: ShardRef | None, listing: MonthListing, library: Library) -> bool:
    if held is None:
        return not listing.etags
    return held.settled and held.fingerprint == listing.fingerprint(library.public_base_url)


def _same_terms(library: Library, root: Root) -> bool:
    """Whether addresses, names and the limit are those the current files were made with."""
    return (
        root.public_base_url == library.public_base_url
        and root.window is not None
        and root.window.limit == library.most_listed
        and root.files.keys() >= set(catalog_names(set()))
        and all(library.catalog_key(name) == file.key for name, file in root.files.items())
    )


def _make_month(
    library: Library,
    reader: MonthReader,
    month: MonthKey,
    listing: MonthListing,
    held: ShardRef | None,
) -> _Month:
    before = decode_shard(read_shard(library, held), held.key) if held is not None else []
    tracks = in_order(reader.read(month[0], listing, before))
    violations = check_month(month, tracks, before)
    if violations:
        raise CatalogRefused(violations)
    if not tracks:
        return _Month(None, (), False)
    ref, body = _shard(library, month, tracks, listing)
    return _Month(ref, tracks, _put_shard(library, ref, body))


def _shard(
    library: Library, month: MonthKey, tracks: Sequence[Track], listing: MonthListing
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


def _put_shard(library: Library, ref: ShardRef, body: bytes) -> bool:
    """Put a shard unless it is there; the key names the bytes, so nothing else can be."""
    try:
        if library.public.head(ref.key).sha256 == ref.sha256:
            return False
    except NotFound:
        pass
    library.public.put(ref.key, body, content_type=JSON_TYPE, cache_control=FOR_EVER)
    return True


def _root(
    library: Library,
    previous: Root | None,
    generation: int,
    shards: tuple[ShardRef, ...],
    files: Mapping[str, CatalogFile],
) -> Root:
    total = sum(ref.count for ref in shards)
    return Root(
        generation=generation,
        commit_id=_UNNAMED,
        parent=previous.commit_id if previous is not None else None,
        public_base_url=library.public_base_url,
        files={
            name: FileRef(
                key=library.catalog_key(name),
                sha256=file.sha256,
                bytes=file.size,
                count=file.count,
            )
            for name, file in files.items()
        },
        shards=shards,
        window=Window(
            limit=library.most_listed, total=total, complete=total <= library.most_listed
        ),
    )


def _problems(trusted: Root | None, made: Mapping[MonthKey, _Month]) -> tuple[Problem, ...]:
    """Return the problems of the changed months and, as they were, those of the others."""
    kept = [
        problem
        for problem in (trusted.problems if trusted is not None else ())
        if (ref := sidecar_ref(problem.key)) is not None and (ref.tier, ref.month) not in made
    ]
    fresh = [
        Problem(key=track.sidecar_key, problem=track.problem, listed=track.entry is not None)
        for month in made.values()
        for track in month.tracks
        if track.problem
    ]
    return tuple(sorted([*kept, *fresh], key=lambda problem: problem.key))


def _seen(listing: Listing, made: Mapping[MonthKey, _Month]) -> dict[str, str]:
    """Return the etags under which the announced sidecars were read, by key."""
    seen: dict[str, str] = {}
    for month in {(arrival.ref.tier, arrival.ref.month): None for arrival in listing.arrivals}:
        if month in made:
            seen |= {track.sidecar_key: track.etag for track in made[month].tracks}
        elif month in listing.months:
            seen |= listing.months[month].etags
    return seen
