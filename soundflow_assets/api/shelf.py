"""The catalogs in memory: one consistent snapshot, revalidated, and served on when storage is down.

`catalog/all.json` holds every entry, one on each line, in the order of all catalogs; the others are
selections of its lines, so one object is one generation of them all, and the bytes of each are the
bytes in the bucket. Only the address of free tracks of a local bucket is exchanged: the bucket
says `file:`, which no page may open, and the service says where it serves them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from soundflow_assets.api.representation import Representation, represent
from soundflow_assets.catalog.canonical import entries_of, lines_of
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.catalog.root import Root, read_root
from soundflow_assets.errors import Failed, SoundFlowError
from soundflow_assets.storage.keys import ALL_CATALOG_KEY, ROOT_KEY, category_slug
from soundflow_assets.storage.store import NotFound

if TYPE_CHECKING:
    from soundflow_assets.api.door import Ready

LOGGER = logging.getLogger("soundflow.api")
FRESH_S = 5.0  # no look at storage is younger than this
PATIENT_S = 60.0  # beyond this age a request waits for the look
WAIT_S = 2.0
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its line, and what it is found by."""

    id: str
    line: bytes
    tier: str
    slug: str
    genre: str
    date: str
    energy_min: int
    energy_max: int
    text: str  # lower case, for search

    @property
    def place(self) -> tuple[int, str]:
        """What the order of catalogs sorts by: newest date first, then id."""
        return (-int(self.date.replace("-", "")), self.id)


@dataclass(frozen=True)
class Snapshot:
    """One generation of all catalogs. `version` is what storage called it."""

    version: str
    generation: int
    rows: tuple[Row, ...]
    whole: Mapping[str, Representation]
    genres: frozenset[str]
    modified: dt.datetime | None  # when the catalogs were committed, None where they never were
    root: Root | None = None
    ready: dict[tuple[str, bytes], Ready] = field(default_factory=dict)  # see `door`

    @cached_property
    def by_id(self) -> Mapping[str, Row]:
        """Every entry by its public id."""
        return {row.id: row for row in self.rows}

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slugs of all categories."""
        prefix = "by-category/"
        return tuple(
            sorted(name.removeprefix(prefix) for name in self.whole if name.startswith(prefix))
        )


class Shelf:
    """Holds the current snapshot and looks for a newer one when it is asked."""

    def __init__(
        self,
        library: Library,
        free_base_url: str,
        *,
        fresh_s: float = FRESH_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._free_base_url = free_base_url
        self._fresh_s = fresh_s
        self._now = now
        self._snapshot: Snapshot | None = None
        self._looked_at = float("-inf")
        self._failed_at: float | None = None
        self._look: asyncio.Task[None] | None = None

    async def current(self) -> Snapshot:
        """Return the snapshot; `Failed` where storage never answered."""
        age = self._now() - self._looked_at
        if age > self._fresh_s:
            look = self._looking()
            if age > PATIENT_S or self._fresh_s == 0.0:
                await asyncio.wait({look}, timeout=None if self._snapshot is None else WAIT_S)
        if self._snapshot is None:
            raise Failed("the catalogs could not be read yet")
        return self._snapshot

    @property
    def held(self) -> Snapshot | None:
        """The snapshot, if there is one, without a look at storage."""
        return self._snapshot

    @property
    def is_due(self) -> bool:
        """Whether the next request should look at storage, and none does already."""
        looking = self._look is not None and not self._look.done()
        return not looking and self._now() - self._looked_at > self._fresh_s

    @property
    def is_stale(self) -> bool:
        """Whether storage did not answer when it was last asked."""
        return self._failed_at is not None

    @property
    def stale_s(self) -> float | None:
        """For how long storage has not answered, None while it does."""
        return None if self._failed_at is None else self._now() - self._failed_at

    def _looking(self) -> asyncio.Task[None]:
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._refresh())
        return self._look

    async def _refresh(self) -> None:
        try:
            found = await asyncio.to_thread(self._read, self._snapshot)
        except (SoundFlowError, OSError, ValueError, KeyError) as error:
            LOGGER.warning("the catalogs cannot be read: %s", error)
            if self._failed_at is None:
                self._failed_at = self._now()
        else:
            self._snapshot, self._failed_at = found, None
        finally:
            self._looked_at = self._now()

    def _read(self, held: Snapshot | None) -> Snapshot:
        public = self._library.public
        try:
            version = public.head(ROOT_KEY).etag
        except NotFound:
            version = ""
        if held is not None and held.version == version:
            return held
        current = read_root(self._library)
        if current is None:
            return make_snapshot(version, 0, [])
        root, stored = current
        body = public.get(ALL_CATALOG_KEY).body
        lines = entries_of(body, ALL_CATALOG_KEY)
        return make_snapshot(
            # The files are written after the root: until they follow, look again.
            stored.info.etag if _is_of(root.files["all"].sha256, body) else "behind",
            root.generation,
            [self.served(line) for line in lines],
            tuple(root.files),
            stored.info.modified,
            root,
        )

    def served(self, line: bytes) -> bytes:
        """Return an entry with the address under which this service serves its track."""
        stored = self._library.public_base_url
        if stored == self._free_base_url:
            return line
        return line.replace(f'"url":"{stored}/'.encode(), f'"url":"{self._free_base_url}/'.encode())


def make_snapshot(
    version: str,
    generation: int,
    lines: list[bytes],
    names: tuple[str, ...] = (),
    modified: dt.datetime | None = None,
    root: Root | None = None,
) -> Snapshot:
    """Return a snapshot of these entries; `names` are catalogs that exist even while empty."""
    rows = tuple(row_of_line(line) for line in lines)
    slugs = {row.slug for row in rows}
    whole = {
        name: represent(lines_of(row.line for row in rows if belongs(row, name)), JSON)
        for name in dict.fromkeys((*catalog_names(slugs), *names))
    }
    genres = frozenset(row.genre for row in rows)
    return Snapshot(version, generation, rows, whole, genres, modified, root)


def belongs(row: Row, name: str) -> bool:
    """Whether an entry stands in the catalog `name`."""
    return name in ("all", row.tier, f"by-category/{row.slug}")


def row_of_line(line: bytes) -> Row:
    """Return the row of an entry."""
    entry = json.loads(line)
    words = (
        entry["title"],
        entry["category"],
        entry["genre"],
        entry["key"],
        *entry["goalTags"],
        *entry["natureTags"],
    )
    return Row(
        id=entry["id"],
        line=line,
        tier=entry["tier"],
        slug=category_slug(entry["category"]),
        genre=entry["genre"],
        date=entry["date"],
        energy_min=entry["energyMin"],
        energy_max=entry["energyMax"],
        text=" ".join(words).lower(),
    )


def _is_of(sha256: str, body: bytes) -> bool:
    return hashlib.sha256(body).hexdigest() == sha256
