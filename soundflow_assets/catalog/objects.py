"""Whether what the entries of a catalog name lies in the bucket, as they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from soundflow_assets.catalog.canonical import sha256_of
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.month_reader import READERS
from soundflow_assets.catalog.violation import Violation
from soundflow_assets.delivery.mpeg import scan
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.store import NotFound

_DEEP_READERS = 4  # each holds a whole file, which may be an hour
_LONGEST_DEVIATION_S = 0.05  # two frames: what encoding adds where no tag tells it
_BITRATE_DEVIATION_KBPS = 1.0
OnCheck = Callable[[int, int], None]  # objects checked, objects to check
Place = tuple[str, int, CatalogEntry]  # catalog key, index in its array, entry


def check_objects(
    library: Library,
    entries: Sequence[Place],
    deep: bool,
    on_check: OnCheck,
) -> list[Violation]:
    """Check that each entry's audio lies in its bucket with the recorded size and hash.

    With `deep` every file is read: its own hash, its length and kind as its frames tell them, and
    that the track's other files are there.
    """
    found: list[Violation] = []
    with ThreadPoolExecutor(_DEEP_READERS if deep else READERS) as pool:
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
    body = store.open_range(entry.object_key).read() if deep else None
    sha256 = info.sha256 if body is None else sha256_of(body)
    if sha256 and sha256 != entry.sha256:
        expected = f"{sha256}, the hash of {entry.object_key}"
        yield Violation(key, "sha256", entry.sha256, expected, index, entry.id)
    if body is not None:
        yield from _check_sound(key, index, entry, body)
        yield from _check_companions(library, key, index, entry)


def _check_sound(key: str, index: int, entry: CatalogEntry, body: bytes) -> Iterable[Violation]:
    """Compare an entry with what the MP3 says of itself, frame by frame."""
    try:
        stream = scan(body, entry.object_key)
    except BadInput as error:
        yield Violation(key, "objectKey", str(error), "a whole MP3", index, entry.id)
        return
    facts = (
        ("durationSec", entry.duration_sec, stream.duration_s, _LONGEST_DEVIATION_S),
        ("sampleRate", entry.sample_rate, stream.sample_rate, 0.0),
        ("bitrateKbps", entry.bitrate_kbps, stream.bitrate_kbps, _BITRATE_DEVIATION_KBPS),
    )
    for field, said, found, tolerance in facts:
        if abs(said - found) > tolerance:
            expected = f"{found:g}, as the frames of {entry.object_key} tell"
            yield Violation(key, field, f"{said:g}", expected, index, entry.id)


def _check_companions(
    library: Library, key: str, index: int, entry: CatalogEntry
) -> Iterable[Violation]:
    for companion in entry.keys()[1:]:
        try:
            library.store(entry.tier).head(companion)
        except NotFound:
            yield Violation(
                key, "keys", "no such object", f"{companion} in the bucket", index, entry.id
            )
