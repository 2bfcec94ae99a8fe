"""What must hold of a generation before it is committed, and among its files whoever wrote them.

A generation is checked where it is new: the tracks of each changed month (`check_month`) and the
numbers of the files against the shards (`check_files`). Months that stay were checked when they
were committed, and the root's hashes say that they are still those. Whether stored files are what
the root says, and objects are there, is `validate`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from soundflow_assets.catalog.compose import CatalogFile, text_of
from soundflow_assets.catalog.gather import MonthKey
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import ShardRef
from soundflow_assets.catalog.shard import Track
from soundflow_assets.catalog.violation import Violation
from soundflow_assets.storage.keys import category_slug


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry's place in the structure of the catalogs."""

    id: str
    tier: str
    slug: str
    date: str


def check_structure(library: Library, catalogs: Mapping[str, Sequence[Listed]]) -> list[Violation]:
    """Check catalogs, by name, against each other.

    Ids are unique in each, each is in order, all = free and premium, the categories part all.
    """
    found: list[Violation] = []
    for name, entries in catalogs.items():
        found += _check_unique(library.catalog_key(name), entries)
        found += _check_order(library.catalog_key(name), entries)
    everything = catalogs.get("all")
    if everything is None:
        return found
    belonging: dict[str, set[str]] = {name: set() for name in catalogs}
    for index, entry in enumerate(everything):
        for name in (entry.tier, f"by-category/{entry.slug}"):
            belonging.setdefault(name, set()).add(entry.id)
        if f"by-category/{entry.slug}" not in catalogs:
            key = library.catalog_key("all")
            found.append(Violation(key, "category", entry.slug, "one with a file", index, entry.id))
    for name, entries in catalogs.items():
        if name != "all":
            found += _check_same(library, name, {entry.id for entry in entries}, belonging[name])
    return found


def check_month(
    month: MonthKey, tracks: Sequence[Track], before: Sequence[Track]
) -> list[Violation]:
    """Check the tracks of a changed month, in their order, and that none of `before` is lost."""
    tier, name = month
    place = f"catalog/shards/{tier}/{name}"
    entries = [track for track in tracks if track.entry is not None]
    listed = [Listed(track.id, track.tier, track.slug, track.date) for track in entries]
    found = [*_check_unique(place, listed), *_check_order(place, listed)]
    for index, track in enumerate(entries):
        found += _check_entry(place, index, month, track)
    return found + list(_check_vanished(place, tracks, before))


def check_files(
    library: Library, refs: Iterable[ShardRef], files: Mapping[str, CatalogFile]
) -> list[Violation]:
    """Check the numbers of the files: against the shards, and of the parts against the whole."""
    total = min(sum(ref.count for ref in refs), library.most_listed)
    categories = sum(file.count for name, file in files.items() if "/" in name)
    sums = {
        "all": (files["all"].count, total),
        "free and premium": (files["free"].count + files["premium"].count, total),
        "by-category": (categories, total),
    }
    return [
        Violation(library.catalog_key("all"), "count", f"{found} in {what}", f"{expected}")
        for what, (found, expected) in sums.items()
        if found != expected
    ]


def _check_entry(place: str, index: int, month: MonthKey, track: Track) -> Iterable[Violation]:
    entry = track.entry or b""
    facts = {
        "id": (text_of(entry, b"id"), track.id),
        "tier": (text_of(entry, b"tier"), month[0]),
        "date": (text_of(entry, b"date"), track.date),
        "month": (track.date[:7], month[1]),
        "category": (category_slug(text_of(entry, b"category")), track.slug),
    }
    for field, (found, expected) in facts.items():
        if found != expected:
            yield Violation(place, field, found, expected, index, track.id)
    # Inside a text the quotes would be escaped, so these bytes can only be the field.
    has_url = b'"url":' in entry
    if has_url != (track.tier == "free"):
        expected = "an address" if track.tier == "free" else "none for a premium track"
        yield Violation(place, "url", "given" if has_url else "none", expected, index, track.id)


def _check_vanished(
    place: str, tracks: Sequence[Track], before: Sequence[Track]
) -> Iterable[Violation]:
    now = {track.id: track for track in tracks}
    for track in before:
        current = now.get(track.id)
        taken_down = current is not None and current.state == "withdrawn"
        lost = current is None or current.entry is None
        if track.entry is not None and lost and not taken_down:
            yield Violation(place, "id", "gone", "still listed, or withdrawn", id=track.id)


def _check_unique(key: str, entries: Sequence[Listed]) -> Iterable[Violation]:
    for track, count in Counter(entry.id for entry in entries).items():
        if count > 1:
            yield Violation(key, "id", f"stands {count} times", "unique ids", id=track)


def _check_order(key: str, entries: Sequence[Listed]) -> Iterable[Violation]:
    for index, (one, following) in enumerate(itertools.pairwise(entries), start=1):
        if one.date < following.date or (one.date == following.date and one.id > following.id):
            expected = "newest date first, then by id"
            yield Violation(key, "order", f"after {one.id}", expected, index, following.id)


def _check_same(
    library: Library, name: str, found: set[str], belonging: set[str]
) -> Iterable[Violation]:
    key = library.catalog_key(name)
    for track in sorted(belonging - found):
        yield Violation(key, "id", "missing", f"every {name} track of all.json", id=track)
    for track in sorted(found - belonging):
        yield Violation(key, "id", "not in all.json as such", f"{name} tracks only", id=track)
