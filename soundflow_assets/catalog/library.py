"""The buckets the catalogs are about, and the names of the catalogs."""

from __future__ import annotations

from dataclasses import dataclass

from soundflow_assets.errors import BadInput
from soundflow_assets.settings import MOST_LISTED, Settings
from soundflow_assets.storage.keys import (
    ALL_CATALOG_KEY,
    CATEGORIES,
    FREE_CATALOG_KEY,
    PREMIUM_CATALOG_KEY,
    ROOT_KEY,
    Tier,
    category_catalog_key,
    category_slug,
)
from soundflow_assets.storage.open import Source, open_premium_store, open_store, public_base_url
from soundflow_assets.storage.store import ObjectStore

SITE_SLUGS = tuple(category_slug(category) for category in CATEGORIES)


@dataclass(frozen=True, slots=True)
class Library:
    """Where tracks and catalogs lie.

    `public` holds free tracks and all catalogs, `premium` the premium tracks; they may be one
    bucket. Free objects answer under `public_base_url` + "/" + key. Catalog files list the newest
    `most_listed` tracks.
    """

    public: ObjectStore
    premium: ObjectStore
    public_base_url: str
    free_catalog_key: str = FREE_CATALOG_KEY
    most_listed: int = MOST_LISTED

    def __post_init__(self) -> None:
        taken = {ROOT_KEY, PREMIUM_CATALOG_KEY, ALL_CATALOG_KEY}
        if self.free_catalog_key in taken or self.free_catalog_key.startswith("catalog/by-cat"):
            raise BadInput(f"CATALOG_FREE_KEY={self.free_catalog_key!r}: another document's key")

    def store(self, tier: Tier) -> ObjectStore:
        """Return the bucket of a tier's tracks."""
        return self.public if tier == "free" else self.premium

    def url(self, key: str) -> str:
        """Return the public address of a free object."""
        return f"{self.public_base_url}/{key}"

    def catalog_key(self, name: str) -> str:
        """Return the key of a catalog: `free`, `premium`, `all` or `by-category/<slug>`."""
        if name.startswith("by-category/"):
            return category_catalog_key(name.removeprefix("by-category/"))
        fixed = {
            "free": self.free_catalog_key,
            "premium": PREMIUM_CATALOG_KEY,
            "all": ALL_CATALOG_KEY,
        }
        return fixed[name]


def open_library(settings: Settings, source: Source | None = None) -> Library:
    """Return the library the settings describe; `source` insists on one back end."""
    return Library(
        public=open_store(settings, source),
        premium=open_premium_store(settings, source),
        public_base_url=public_base_url(settings, source),
        free_catalog_key=settings.catalog_free_key,
        most_listed=settings.catalog_limit,
    )


def catalog_names(slugs: set[str]) -> tuple[str, ...]:
    """Return the names of all catalogs: the site's eight, and one for each further category."""
    further = sorted(slugs - set(SITE_SLUGS))
    return (
        "free",
        "premium",
        "all",
        *(f"by-category/{slug}" for slug in (*SITE_SLUGS, *further)),
    )
