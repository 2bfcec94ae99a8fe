"""The catalog files, joined from the entries of the shards without parsing them.

Entries are canonical JSON, so a field is found by its bytes: a quote inside a text is escaped, and
`"tier":"` can only be the field. All files list the same tracks, the newest ones up to the limit,
so that free and premium together are all, and the categories part it, also where there are more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from soundflow_assets.catalog.canonical import lines_of, sha256_of
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.catalog.month_reader import READERS
from soundflow_assets.catalog.root import REPAIR, Root, ShardRef
from soundflow_assets.catalog.shard import entries_of_shard
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import category_slug
from soundflow_assets.storage.store import NotFound


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """One file's bytes and its number of entries."""

    body: bytes
    count: int


def read_shard(library: Library, ref: ShardRef) -> bytes:
    """Return a shard's bytes, verified against the hash the root holds."""
    try:
        body = library.public.get(ref.key).body
    except NotFound:
        raise Failed(f"{ref.key}, named by the root, is missing; {REPAIR}") from None
    if sha256_of(body) != ref.sha256:
        raise Failed(f"{ref.key} is damaged: its hash is not the root's; {REPAIR}")
    return body


def compose_files(
    library: Library, refs: Iterable[ShardRef], previous: Root | None
) -> dict[str, CatalogFile]:
    """Return the catalog files of a library with these shards, by name.

    A category that once had a file keeps it, empty where its last track was withdrawn.
    """
    lines: dict[str, list[bytes]] = {name: [] for name in catalog_names(_slugs(previous))}
    room = library.most_listed
    for entry in _newest(library, _needed(refs, room)):
        if room == 0:
            break
        room -= 1
        lines["all"].append(entry)
        lines[text_of(entry, b"tier")].append(entry)
        name = f"by-category/{_slug(text_of(entry, b'category'))}"
        lines.setdefault(name, []).append(entry)
    return {
        name: CatalogFile(lines_of(entries), len(entries))
        for name, entries in sorted(lines.items())
    }


def text_of(entry: bytes, field: bytes) -> str:
    """Return the text of a field of an entry that holds no escaped character."""
    mark = b'"%s":"' % field
    start = entry.index(mark) + len(mark)
    return entry[start : entry.index(b'"', start)].decode()


_slug = cache(category_slug)


def _slugs(root: Root | None) -> set[str]:
    names = root.files if root is not None else ()
    return {name.partition("/")[2] for name in names if "/" in name}


def _needed(refs: Iterable[ShardRef], limit: int) -> list[list[ShardRef]]:
    """Return the shards of the newest months that hold `limit` entries, one list a month."""
    newest_first = sorted(refs, key=lambda ref: ref.tier)  # free before premium, as ids sort
    newest_first.sort(key=lambda ref: ref.month, reverse=True)
    needed: list[list[ShardRef]] = []
    found = 0
    for _, month in groupby(newest_first, key=lambda ref: ref.month):
        if found >= limit:
            break
        needed.append(list(month))
        found += sum(ref.count for ref in needed[-1])
    return needed


def _newest(library: Library, months: Sequence[Sequence[ShardRef]]) -> Iterator[bytes]:
    """Yield the entries of these months, newest date first, then by id."""
    with ThreadPoolExecutor(READERS) as pool:
        read = pool.map(
            lambda month: [(ref, read_shard(library, ref)) for ref in month],
            months,
        )
        for shards in read:
            parts = [entries_of_shard(body, ref.key) for ref, body in shards]
            yield from parts[0] if len(parts) == 1 else _merged(parts)


def _merged(parts: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Yield the entries of the tiers of a month by date; within a date the tiers follow in turn."""
    by_date: dict[str, list[bytes]] = {}
    for part in parts:
        for entry in part:
            by_date.setdefault(text_of(entry, b"date"), []).append(entry)
    for date in sorted(by_date, reverse=True):
        yield from by_date[date]
