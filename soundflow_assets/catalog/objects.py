"""Whether what the entries of a catalog name lies in the bucket, as they say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.month_reader import READERS
from soundflow_assets.catalog.violation import Violation
from soundflow_assets.storage.store import NotFound

OnCheck = Callable[[int, int], None]  # objects checked, objects to check
Place = tuple[str, int, CatalogEntry]  # catalog key, index in its array, entry


def check_objects(
    library: Library,
    entries: Sequence[Place],
    deep: bool,
    on_check: OnCheck,
) -> list[Violation]:
    """Check that each entry's audio lies in its bucket with the recorded size and hash."""
    found: list[Violation] = []
    with ThreadPoolExecutor(READERS) as pool:
        results = pool.map(lambda one: list(_check_object(library, *one, deep=deep)), entries)
        for number, violations in enumerate(results, start=1):
            found += violations
            on_check(number, len(entries))
    return found


def _check_object(
    library: Library, key: str, index: int, entry: CatalogEntry, *, deep: bool
) -> Iterable[Violation]:
    store = library.store(entry.tier)
    try:
        info = store.head(entry.object_key)
    except NotFound:
        yield Violation(
            key, "objectKey", "no such object", f"{entry.object_key} in the bucket", index, entry.id
        )
        return
    if info.size != entry.bytes:
        size = f"{info.size}, the size of {entry.object_key}"
        yield Violation(key, "bytes", str(entry.bytes), size, index, entry.id)
    sha256 = _sha256(library, entry) if deep else info.sha256
    if sha256 and sha256 != entry.sha256:
        expected = f"{sha256}, the hash of {entry.object_key}"
        yield Violation(key, "sha256", entry.sha256, expected, index, entry.id)
    for companion in entry.keys()[1:] if deep else ():
        try:
            store.head(companion)
        except NotFound:
            yield Violation(
                key, "keys", "no such object", f"{companion} in the bucket", index, entry.id
            )


def _sha256(library: Library, entry: CatalogEntry) -> str:
    digest = hashlib.sha256()
    for chunk in library.store(entry.tier).open_range(entry.object_key).chunks:
        digest.update(chunk)
    return digest.hexdigest()
