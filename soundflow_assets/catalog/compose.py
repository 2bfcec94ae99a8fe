"""The catalog files, joined from the entries of the shards without parsing them.

Entries are canonical JSON, so a field is found by its bytes: a quote inside a text is escaped, and
`"tier":"` can only be the field. All files list the same tracks, the newest ones up to the limit,
so that free and premium together are all, and the categories part it, also where there are more.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from soundflow_assets.catalog.canonical import lines_in_pieces
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.catalog.month_reader import READERS
from soundflow_assets.catalog.root import REPAIR, Root, ShardRef
from soundflow_assets.catalog.shard import entries_of_shard
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import Tier, category_slug
from soundflow_assets.storage.store import NotFound


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """One file: its entries, its size and its hash. The bytes are joined when they are put.

    All eight at once would be three times the library; the entries are shared between them.
    """

    entries: Sequence[bytes]
    sha256: str
    size: int

    @classmethod
    def of(cls, entries: Sequence[bytes]) -> CatalogFile:
        """Return the file of these entries."""
        digest, size = hashlib.sha256(), 0
        for piece in lines_in_pieces(entries):
            digest.update(piece)
            size += len(piece)
        return cls(entries, digest.hexdigest(), size)

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self.entries)

    def body(self) -> bytes:
        """Return the file's bytes."""
        whole = io.BytesIO()
        whole.writelines(lines_in_pieces(self.entries))
        return whole.getvalue()


def read_shard(library: Library, ref: ShardRef) -> bytes:
    """Return a shard's bytes, verified against the hash the root holds."""
    try:
        found = library.public.get(ref.key)
    except NotFound:
        raise Failed(f"{ref.key}, named by the root, is missing; {REPAIR}") from None
    if found.info.sha256 != ref.sha256:  # which the store has just computed
        raise Failed(f"{ref.key} is damaged: its hash is not the root's; {REPAIR}")
    return found.body


def compose_files(
    library: Library, refs: Iterable[ShardRef], previous: Root | None
) -> dict[str, CatalogFile]:
    """Return the catalog files of a library with these shards, by name.

    A category that once had a file keeps it, empty where its last track was withdrawn.
    """
    lines: dict[str, list[bytes]] = {name: [] for name in catalog_names(_slugs(previous))}
    room = library.most_listed
    for tier, entry in _newest(library, _needed(refs, room)):
        if room == 0:
            break
        room -= 1
        lines["all"].append(entry)
        lines[tier].append(entry)
        name = f"by-category/{_slug(text_of(entry, b'category'))}"
        lines.setdefault(name, []).append(entry)
    return {name: CatalogFile.of(entries) for name, entries in sorted(lines.items())}


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


def _newest(library: Library, months: Sequence[Sequence[ShardRef]]) -> Iterator[tuple[Tier, bytes]]:
    """Yield the entries of these months with their tier, newest date first, then by id."""
    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(months), READERS):  # all at once would be all in memory
            read = pool.map(
                lambda month: [(ref, read_shard(library, ref)) for ref in month],
                months[start : start + READERS],
            )
            for shards in read:
                yield from _merged(
                    (ref.tier, entries_of_shard(body, ref.key)) for ref, body in shards
                )


def _merged(tiers: Iterable[tuple[Tier, list[bytes]]]) -> Iterator[tuple[Tier, bytes]]:
    """Yield the entries of a month by date; within a date the tiers follow in turn."""
    by_date: dict[str, list[tuple[Tier, bytes]]] = {}
    for tier, entries in tiers:
        for entry in entries:
            by_date.setdefault(text_of(entry, b"date"), []).append((tier, entry))
    for date in sorted(by_date, reverse=True):
        yield from by_date[date]
