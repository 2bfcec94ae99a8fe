"""What must hold among the catalog files of one generation, whoever wrote them.

`check_candidate` judges a generation before it is committed, from the tracks it was made of.
Whether stored files are what the root says, and objects are there, is `validate`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from soundflow_assets.catalog.build import Candidate
from soundflow_assets.catalog.canonical import entries_of
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.shard import Track
from soundflow_assets.catalog.violation import Violation


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
    for name, entries in catalogs.items():
        if name == "all":
            continue
        belonging = {
            entry.id for entry in everything if name in (entry.tier, f"by-category/{entry.slug}")
        }
        found += _check_same(library, name, {entry.id for entry in entries}, belonging)
    for index, entry in enumerate(everything):
        if f"by-category/{entry.slug}" not in catalogs:
            key = library.catalog_key("all")
            found.append(Violation(key, "category", entry.slug, "one with a file", index, entry.id))
    return found


def check_candidate(library: Library, candidate: Candidate) -> list[Violation]:
    """Check a generation before it is committed."""
    tracks = [track for month in candidate.tracks.values() for track in month]
    by_entry = {track.entry: track for track in tracks if track.entry is not None}
    catalogs: dict[str, list[Listed]] = {}
    found: list[Violation] = []
    for name, body in candidate.files.items():
        key = library.catalog_key(name)
        catalogs[name] = []
        for index, line in enumerate(entries_of(body, key)):
            track = by_entry.get(line)
            if track is None:
                found.append(Violation(key, "entry", "of no track", "one of a sidecar's", index))
            else:
                catalogs[name].append(Listed(track.id, track.tier, track.slug, track.date))
                found += _check_address(key, index, track, line)
    found += check_structure(library, catalogs)
    found += _check_vanished(library, candidate)
    return found


def _check_address(key: str, index: int, track: Track, line: bytes) -> Iterable[Violation]:
    # Inside a string the quotes would be escaped, so these bytes can only be the field.
    has_url = b'"url":' in line
    if has_url != (track.tier == "free"):
        expected = "an address" if track.tier == "free" else "none for a premium track"
        yield Violation(key, "url", "given" if has_url else "none", expected, index, track.id)


def _check_vanished(library: Library, candidate: Candidate) -> Iterable[Violation]:
    for month, before in candidate.before.items():
        now = {track.id: track for track in candidate.tracks.get(month, [])}
        for track in before:
            current = now.get(track.id)
            taken_down = current is not None and current.state == "withdrawn"
            if (
                track.entry is not None
                and not taken_down
                and (current is None or current.entry is None)
            ):
                key = library.catalog_key("all")
                yield Violation(key, "id", "gone", "still listed, or withdrawn", id=track.id)


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
