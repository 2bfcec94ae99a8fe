"""Stored catalog files, read back: their entries, and what is wrong with the documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from soundflow_assets.catalog.canonical import entries_of, sha256_of
from soundflow_assets.catalog.checks import Listed
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import FileRef, Root
from soundflow_assets.catalog.violation import Violation
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import ROOT_KEY
from soundflow_assets.storage.store import NotFound


@dataclass(frozen=True, slots=True)
class StoredCatalog:
    """A stored catalog: its entries where they are well formed."""

    key: str
    entries: tuple[CatalogEntry | None, ...]

    def listed(self) -> list[Listed]:
        """Return the place of each well-formed entry."""
        return [
            Listed(entry.id, entry.tier, entry.slug, entry.date.isoformat())
            for entry in self.entries
            if entry is not None
        ]


class CatalogReader:
    """Reads the files of one generation; an entry that stands in three files is parsed once."""

    def __init__(self, library: Library, root: Root | None) -> None:
        self._library = library
        self._root = root
        self._parsed: dict[bytes, CatalogEntry] = {}

    def read(self, name: str) -> tuple[StoredCatalog | None, list[Violation]]:
        """Return the catalog of this name, None where it is missing or no array."""
        key = self._library.catalog_key(name)
        try:
            body = self._library.public.get(key).body
        except NotFound:
            return None, [Violation(key, "document", "missing", "an array, empty if need be")]
        entries = self._in_lines(body, key)
        if entries is not None:
            violations = _check_root(key, body, len(entries), name, self._root)
            return StoredCatalog(key, tuple(entries)), violations
        return self._by_item(name, key, body)

    def _in_lines(self, body: bytes, key: str) -> list[CatalogEntry] | None:
        """Return the entries of a file as we lay it out; None where any of it is otherwise."""
        try:
            return [self._entry(line) for line in entries_of(body, key)]
        except (Failed, ValidationError):
            return None

    def _entry(self, line: bytes) -> CatalogEntry:
        found = self._parsed.get(line)
        if found is None:
            found = self._parsed[line] = CatalogEntry.model_validate_json(line)
        return found

    def _by_item(
        self, name: str, key: str, body: bytes
    ) -> tuple[StoredCatalog | None, list[Violation]]:
        """Read a file item by item, so that each that is wrong can be named."""
        try:
            array = json.loads(body)
        except ValueError as error:
            return None, [Violation(key, "document", f"no JSON ({error})", "a JSON array")]
        if not isinstance(array, list):
            return None, [Violation(key, "document", type(array).__name__, "a JSON array")]
        violations = _check_root(key, body, len(array), name, self._root)
        entries: list[CatalogEntry | None] = []
        for index, item in enumerate(array):
            entry, wrong = _parse(key, index, item)
            entries.append(entry)
            violations += wrong
        return StoredCatalog(key, tuple(entries)), violations


def _check_root(key: str, body: bytes, count: int, name: str, root: Root | None) -> list[Violation]:
    if root is None:
        return []
    recorded: FileRef | None = root.files.get(name)
    if recorded is None:
        return [Violation(ROOT_KEY, f"files.{name}", "missing", f"a record of {key}")]
    facts: tuple[tuple[str, object, object], ...] = (
        ("key", key, recorded.key),
        ("sha256", sha256_of(body), recorded.sha256),
        ("bytes", len(body), recorded.bytes),
        ("count", count, recorded.count),
    )
    return [
        Violation(
            key, field, str(here), f"{there} as the root of generation {root.generation} says"
        )
        for field, here, there in facts
        if here != there
    ]


def _parse(key: str, index: int, item: object) -> tuple[CatalogEntry | None, Sequence[Violation]]:
    track = str(item.get("id", "")) if isinstance(item, dict) else ""
    try:
        return CatalogEntry.model_validate_json(json.dumps(item)), []
    except ValidationError as error:
        return None, [
            Violation(
                file=key,
                field=".".join(map(str, problem["loc"])) or "entry",
                found=_shown(problem["input"] if problem["loc"] else "its fields disagree"),
                expected=problem["msg"],
                index=index,
                id=track,
            )
            for problem in error.errors(include_url=False)
        ]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
