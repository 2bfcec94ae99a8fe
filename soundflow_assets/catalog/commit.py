"""Making a generation current, so that no writer, crash or lost reply can lose a track.

    build from sidecars, checked -> swap root.json by If-Match -> put catalog files -> clear inbox

The swap is the only commit point. Whoever loses it lists the sidecars again, so a track published
by another writer meanwhile is in the next try. Before the swap nothing current has changed; after
it the catalog files are copies that any later run brings up to the root.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

from soundflow_assets.catalog.build import Built, build_candidate
from soundflow_assets.catalog.canonical import JSON_TYPE
from soundflow_assets.catalog.compose import CatalogFile, compose_files
from soundflow_assets.catalog.inbox import settle
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.month_reader import OnRead
from soundflow_assets.catalog.root import Problem, Root, catalog_keys, read_root, root_object
from soundflow_assets.catalog.schema import publish_schemas
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import ROOT_KEY
from soundflow_assets.storage.store import NotFound, ObjectInfo, PreconditionFailed, StoredObject

_ATTEMPTS = 20
_LONGEST_WAIT_S = 4.0
_CATALOG_CACHE = "public, max-age=60, stale-while-revalidate=600"
_ROOT_CACHE = "no-cache"


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit came to: the current root, and the keys this call has written."""

    root: Root
    changed: bool
    written: tuple[str, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Sidecars that could not be used."""
        return self.root.problems

    @property
    def counts(self) -> dict[str, int]:
        """Number of entries by catalog name."""
        return {name: file.count for name, file in self.root.files.items()}


def commit_catalogs(
    library: Library,
    *,
    complete: bool = False,
    from_sidecars: bool = False,
    on_read: OnRead = lambda _done, _all: None,
) -> Commit:
    """Bring all catalogs up to the sidecars in the bucket; without news nothing is written.

    Parameters
    ----------
    library
        The buckets.
    complete
        Look at all of history, not only at what was announced and at the newest month: finds what
        others put into older months, or took out of them.
    from_sidecars
        Trust nothing but the sidecars: the way out when the root or a shard is damaged, and the
        only way a track without a sidecar leaves the catalogs.
    on_read
        Told how many of how many sidecars of changed months are read.

    Raises
    ------
    CatalogRefused
        When the new generation contradicts itself or loses a track; the current one stays.
    Failed
        When a read fails, or others keep committing first. Running again is safe.
    """
    root, built = _swapped(library, complete, from_sidecars, on_read)
    candidate = built.candidate
    written = [*candidate.shards, ROOT_KEY] if candidate is not None else []
    written += _write_files(library, root, candidate.files if candidate is not None else None)
    written += publish_schemas(library.public)
    settle(library, built.listing.arrivals, built.seen, dt.datetime.now(dt.UTC))
    return Commit(root, candidate is not None, tuple(written))


def _swapped(
    library: Library, complete: bool, from_sidecars: bool, on_read: OnRead
) -> tuple[Root, Built]:
    """Return the current root, and what was built; its candidate is what this call committed."""
    for attempt in range(_ATTEMPTS):
        previous, found, generation = _current(library, from_sidecars)
        built = build_candidate(
            library,
            previous,
            generation=generation,
            complete=complete,
            from_sidecars=from_sidecars,
            on_read=on_read,
        )
        candidate = built.candidate
        if previous is not None and (candidate is None or candidate.root.same_content(previous)):
            return previous, Built(None, built.listing, built.seen)
        if candidate is None:
            raise AssertionError("without a root there is always a candidate")
        try:
            _swap(library, candidate.root, found)
        except PreconditionFailed:
            # Jitter that grows spreads writers who keep meeting, and decides nothing.
            time.sleep(random.random() * min(_LONGEST_WAIT_S, 0.05 * 2**attempt))  # noqa: S311
            continue
        return candidate.root, built
    raise Failed(f"{ROOT_KEY}: others committed first {_ATTEMPTS} times in a row; run again")


def _current(library: Library, from_sidecars: bool) -> tuple[Root | None, StoredObject | None, int]:
    """Return the root, the object it was read from, and the number of the next generation."""
    try:
        current = read_root(library)
    except Failed:
        if not from_sidecars:
            raise
        return None, root_object(library), _highest_generation(library) + 1
    if current is None:
        return None, None, 1
    return current[0], current[1], current[0].generation + 1


def _highest_generation(library: Library) -> int:
    """Return what the catalog files say they are, so that no reader sees time run backwards."""
    heads = (_head(library, key) for key in catalog_keys(library))
    return max((_generation(head) for head in heads if head is not None), default=0)


def _swap(library: Library, root: Root, found: StoredObject | None) -> None:
    library.public.put(
        ROOT_KEY,
        root.to_bytes(),
        if_absent=found is None,
        if_match=found.info.etag if found is not None else None,
        content_type=JSON_TYPE,
        cache_control=_ROOT_CACHE,
        metadata={"generation": str(root.generation), "commit": root.commit_id},
    )


def _write_files(
    library: Library, root: Root, files: Mapping[str, CatalogFile] | None
) -> list[str]:
    """Put the catalog files that are older than the root or not its bytes."""
    stale = {}
    for name, file in sorted(root.files.items()):
        head = _head(library, file.key)
        if _is_stale(head, root, file.sha256):
            stale[name] = head
    if not stale:
        return []
    current = files if files is not None else compose_files(library, root.shards, root)
    return [
        root.files[name].key
        for name, head in stale.items()
        if _write_file(library, root, name, current[name].body(), head)
    ]


def _write_file(
    library: Library, root: Root, name: str, body: bytes, head: ObjectInfo | None
) -> bool:
    file = root.files[name]
    for _ in range(_ATTEMPTS):
        try:
            library.public.put(
                file.key,
                body,
                if_absent=head is None,
                if_match=head.etag if head is not None else None,
                content_type=JSON_TYPE,
                cache_control=_CATALOG_CACHE,
                metadata={
                    "generation": str(root.generation),
                    "commit": root.commit_id,
                    "count": str(file.count),
                },
            )
            return True
        except PreconditionFailed:
            head = _head(library, file.key)
            if not _is_stale(head, root, file.sha256):
                return False  # a newer generation, or the same, is there
    raise Failed(f"{file.key}: others kept replacing it; run again")


def _is_stale(head: ObjectInfo | None, root: Root, sha256: str) -> bool:
    if head is None:
        return True
    generation = _generation(head)
    return generation < root.generation or (generation == root.generation and head.sha256 != sha256)


def _generation(head: ObjectInfo) -> int:
    text = head.metadata.get("generation", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _head(library: Library, key: str) -> ObjectInfo | None:
    try:
        return library.public.head(key)
    except NotFound:
        return None
