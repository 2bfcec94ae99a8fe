"""Whether the stored catalogs are true: to their schema, each other, the root and the bucket.

`validate_catalogs` answers with violations, one line each; it changes nothing. What only a broken
generation could show is refused before its commit (`checks.check_candidate`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from soundflow_assets.catalog.checks import check_structure
from soundflow_assets.catalog.compose import read_shard
from soundflow_assets.catalog.library import SITE_SLUGS, Library, catalog_names
from soundflow_assets.catalog.objects import OnCheck, Place, check_objects
from soundflow_assets.catalog.root import Root, read_root
from soundflow_assets.catalog.shard import entries_of_shard
from soundflow_assets.catalog.stored import CatalogReader, StoredCatalog
from soundflow_assets.catalog.violation import Violation
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import ROOT_KEY

Scope = Literal["free", "premium", "all"]
_TURNS = 30
_ATTEMPTS = 4  # a commit in the middle of a check would look like a contradiction


@dataclass(frozen=True, slots=True)
class Validation:
    """What was looked at and what was wrong."""

    generation: int | None  # None: there is no root
    counts: Mapping[str, int]  # entries by catalog name
    objects: int  # audio files looked at
    violations: tuple[Violation, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.violations


def validate_catalogs(
    library: Library,
    *,
    tier: Scope = "all",
    deep: bool = False,
    expect_date: dt.date | None = None,
    sample: int | None = None,
    on_check: OnCheck = lambda _done, _all: None,
) -> Validation:
    """Check the stored catalogs.

    Parameters
    ----------
    library
        The buckets.
    tier
        `free` and `premium` look at that catalog and its tracks alone.
    deep
        Read every audio file and compare its sha256, length and kind, instead of asking for its
        size; see that peaks, cover and the other files of each track are there, and that every
        shard is the one the root names.
    expect_date
        Every site category must have a free track of this date.
    sample
        Ask for the files of so many of the newest tracks, and of a thirtieth of the others, another
        one each day of a month, so that what this costs does not grow with history.
    on_check
        Told how many audio files are checked.

    Raises
    ------
    Failed
        When something cannot be read; that is no verdict on the catalogs.
    """
    for _ in range(_ATTEMPTS):
        current = read_root(library)
        root = current[0] if current is not None else None
        validation = _validate(library, root, tier, deep, expect_date, sample, on_check)
        again = read_root(library)
        if (again[0] if again is not None else None) == root:
            return validation
    raise Failed(f"{ROOT_KEY}: others kept committing while the catalogs were read; run again")


def _validate(
    library: Library,
    root: Root | None,
    tier: Scope,
    deep: bool,
    expect_date: dt.date | None,
    sample: int | None,
    on_check: OnCheck,
) -> Validation:
    found: list[Violation] = []
    if root is None:
        found.append(Violation(ROOT_KEY, "document", "missing", "the current generation"))
    else:
        found += _check_problems(root, tier)
    catalogs: dict[str, StoredCatalog] = {}
    reader = CatalogReader(library, root)
    for name in _names(root, tier):
        catalog, wrong = reader.read(name)
        found += wrong
        if catalog is not None:
            catalogs[name] = catalog
    found += check_structure(library, {name: one.listed() for name, one in catalogs.items()})
    entries = _entries(catalogs, tier)
    asked = entries if sample is None else _sampled(entries, sample)
    found += check_objects(library, asked, deep, on_check)
    if deep and root is not None:
        found += _check_shards(library, root)
    if expect_date is not None:
        found += _check_day(library, entries, expect_date)
    return Validation(
        generation=root.generation if root is not None else None,
        counts={name: len(catalog.entries) for name, catalog in catalogs.items()},
        objects=len(asked),
        violations=tuple(found),
    )


def _names(root: Root | None, tier: Scope) -> Sequence[str]:
    if tier != "all":
        return (tier,)
    return tuple(dict.fromkeys([*catalog_names(set()), *(root.files if root is not None else ())]))


def _check_shards(library: Library, root: Root) -> Iterable[Violation]:
    for ref in root.shards:
        try:
            count = len(entries_of_shard(read_shard(library, ref), ref.key))
        except Failed as error:
            yield Violation(ref.key, "document", str(error), f"sha256 {ref.sha256}")
            continue
        if count != ref.count:
            yield Violation(ref.key, "count", str(count), f"{ref.count} as the root says")


def _check_problems(root: Root, tier: Scope) -> Iterable[Violation]:
    for problem in root.problems:
        if tier == "all" or problem.key.startswith(f"audio/{tier}/"):
            now = "its last good entry stays listed" if problem.listed else "it is not listed"
            yield Violation(
                problem.key, "sidecar", f"{problem.problem} ({now})", "a usable sidecar"
            )


def _entries(catalogs: Mapping[str, StoredCatalog], tier: Scope) -> list[Place]:
    """Return the entries whose objects are to be checked, with their place."""
    catalog = catalogs.get(tier)
    if catalog is None:
        return []
    return [
        (catalog.key, index, entry)
        for index, entry in enumerate(catalog.entries)
        if entry is not None
    ]


def _sampled(entries: Sequence[Place], newest: int) -> list[Place]:
    turn = dt.datetime.now(dt.UTC).toordinal() % _TURNS
    return [*entries[:newest], *entries[newest + turn :: _TURNS]]


def _check_day(library: Library, entries: Sequence[Place], date: dt.date) -> Iterable[Violation]:
    there = {entry.slug for _, _, entry in entries if (entry.tier, entry.date) == ("free", date)}
    for slug in SITE_SLUGS:
        if slug not in there:
            expected = f"a free track of {date.isoformat()}"
            yield Violation(library.catalog_key(f"by-category/{slug}"), "date", "none", expected)
