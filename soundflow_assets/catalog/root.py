"""`catalog/root.json`: which generation is current and what its files are. Swapping it commits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from soundflow_assets.catalog.canonical import canonical, sha256_of
from soundflow_assets.catalog.document import Count, Document, Key, Month, Sha256, parse_document
from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.keys import ROOT_KEY, Tier
from soundflow_assets.storage.store import NotFound, StoredObject

REPAIR = "run soundflow catalog rebuild --from-sidecars"
CommitId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class FileRef(Document):
    """A catalog file: its entries and its hash."""

    key: Key
    sha256: Sha256
    bytes: Count
    count: Count


class ShardRef(Document):
    """A month's shard. `fingerprint` is of the sidecars it was made from."""

    tier: Tier
    month: Month
    key: Key
    sha256: Sha256
    bytes: Count
    count: Count
    fingerprint: Sha256
    settled: bool  # False: a sidecar was broken or gone and is looked at again each time


class Problem(Document):
    """A sidecar that could not be used. `listed`: its last good entry still is in the catalogs."""

    key: Key
    problem: str
    listed: bool


class Window(Document):
    """How much of the library the catalog files list: its newest tracks, at most `limit`.

    The shards list every track; where `complete` is false the older ones stand only there.
    """

    limit: Annotated[int, Field(ge=1)]
    total: Count  # tracks in all shards
    complete: bool


class Root(Document):
    """One generation of all catalogs."""

    schema_version: Literal[1] = 1
    generation: Annotated[int, Field(ge=1)]
    commit_id: CommitId
    parent: CommitId | None = None  # commit this one replaced
    public_base_url: str
    files: dict[str, FileRef]  # by name: free, premium, all, by-category/<slug>
    shards: tuple[ShardRef, ...]
    problems: tuple[Problem, ...] = ()
    window: Window | None = None  # None: made before there was a limit, complete

    def same_content(self, other: Root | None) -> bool:
        """Whether committing this over `other` would change nothing."""
        return other is not None and self._content() == other._content()

    def _content(self) -> bytes:
        return canonical(
            self.model_dump(mode="json", exclude={"generation", "commit_id", "parent"})
        )


def commit_id(root: Root) -> str:
    """Return the id of a commit: a hash, so that a writer knows its own after a lost reply."""
    return sha256_of(canonical(root.model_dump(mode="json", exclude={"commit_id"})))[:32]


def read_root(library: Library) -> tuple[Root, StoredObject] | None:
    """Return the current root, None where this bucket never had one.

    Raises
    ------
    Failed
        When it cannot be parsed, or is missing while catalogs are there: starting anew would
        lose what it listed.
    """
    found = root_object(library)
    if found is None:
        strays = [key for key in catalog_keys(library) if _exists(library, key)]
        if not strays:
            return None
        # The first writer of all may have committed between the two looks: root first, then files.
        found = root_object(library)
        if found is None:
            raise Failed(
                f"{ROOT_KEY} is missing in {library.public.name} although {strays[0]} is there; "
                f"{REPAIR} to build all catalogs anew from the tracks"
            )
    try:
        return parse_document(Root, found.body, ROOT_KEY), found
    except BadInput as error:
        raise Failed(f"{error}; {REPAIR} to build all catalogs anew from the tracks") from None


def root_object(library: Library) -> StoredObject | None:
    """Return the root as it lies there, readable or not."""
    try:
        return library.public.get(ROOT_KEY)
    except NotFound:
        return None


def catalog_keys(library: Library) -> tuple[str, ...]:
    """Return the keys of the site's eight catalogs."""
    return tuple(library.catalog_key(name) for name in catalog_names(set()))


def _exists(library: Library, key: str) -> bool:
    try:
        library.public.head(key)
    except NotFound:
        return False
    return True
