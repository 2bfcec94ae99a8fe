"""JSON Schemas (2020-12) of every document, made from the models.

They stand in the repository under `catalogs/`, where `python -m soundflow_assets.catalog.schema
catalogs` writes them, and in the bucket under `catalog/schema/v1/`.
Additions keep the version; whatever could break a reader would become `v2` beside it.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from soundflow_assets.catalog.canonical import JSON_TYPE, sha256_of
from soundflow_assets.catalog.document import Document
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.shard import Shard
from soundflow_assets.catalog.sidecar import Sidecar
from soundflow_assets.storage.keys import schema_key
from soundflow_assets.storage.store import NotFound, ObjectStore

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CACHE = "public, max-age=3600"
_MODELS: dict[str, type[Document]] = {
    "entry": CatalogEntry,
    "root": Root,
    "shard": Shard,
    "sidecar": Sidecar,
}


@cache
def schemas() -> dict[str, bytes]:
    """Return every schema's bytes by name: catalog, entry, root, shard, sidecar."""
    documents: dict[str, dict[str, Any]] = {
        name: {**_plain(model.model_json_schema(by_alias=True)), "title": model.__name__}
        for name, model in _MODELS.items()
    }
    documents["catalog"] = {
        "title": "Catalog",
        "description": "Tracks, newest date first, then by id.",
        "type": "array",
        "items": {"$ref": "entry.schema.json"},
    }
    return {name: _encoded(name, document) for name, document in sorted(documents.items())}


def publish_schemas(store: ObjectStore) -> list[str]:
    """Put the schemas that are not in the bucket as they are here; return their keys."""
    written = []
    for name, body in schemas().items():
        key = schema_key(name)
        try:
            current = store.head(key).sha256 == sha256_of(body)
        except NotFound:
            current = False
        if not current:
            store.put(key, body, content_type=JSON_TYPE, cache_control=_CACHE)
            written.append(key)
    return written


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    for name, body in schemas().items():
        (folder / f"{name}.schema.json").write_bytes(body)


def _encoded(name: str, document: dict[str, Any]) -> bytes:
    whole = {
        "$schema": DIALECT,
        # Relative: a schema refers to its neighbours wherever the bucket answers.
        "$id": f"{name}.schema.json",
        **document,
    }
    return (json.dumps(whole, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _plain(schema: Any) -> Any:
    """Return a schema as our documents are: what has no value is left out, never null.

    Titles that pydantic makes of the fields' names say nothing and are dropped.
    """
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _plain(item) for name, item in schema.items()}
    if isinstance(found.get("title"), str):
        del found["title"]
    options = [option for option in found.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == len(found.get("anyOf", [])):
        return found
    rest = {name: item for name, item in found.items() if name not in ("anyOf", "default")}
    return {**rest, **(options[0] if len(options) == 1 else {"anyOf": options})}


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
