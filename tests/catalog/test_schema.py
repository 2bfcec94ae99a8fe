"""The public contract in `catalogs/`: schemas in step with the models, examples that hold."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from published_tracks import make_track, publish

from soundflow_assets.catalog.canonical import entries_of, sha256_of
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.schema import DIALECT, schemas
from soundflow_assets.catalog.shard import decode_shard
from soundflow_assets.catalog.sidecar import parse_sidecar
from soundflow_assets.catalog.withdraw import withdraw
from soundflow_assets.storage.keys import sidecar_ref

CATALOGS = Path(__file__).parents[2] / "catalogs"
EXAMPLES = CATALOGS / "examples"
EXAMPLE_ROOT = EXAMPLES / "catalog/root.json"


def validator(name):
    jsonschema = pytest.importorskip("jsonschema", reason="moto[server] brings it")
    referencing = pytest.importorskip("referencing")
    resources = [
        (f"{other}.schema.json", referencing.Resource.from_contents(json.loads(body)))
        for other, body in schemas().items()
    ]
    return jsonschema.Draft202012Validator(
        json.loads(schemas()[name]), registry=referencing.Registry().with_resources(resources)
    )


@pytest.mark.parametrize("name", schemas())
def test_the_schemas_in_the_repository_are_those_of_the_models(name):
    stored = (CATALOGS / f"{name}.schema.json").read_bytes()
    assert stored == schemas()[name], (
        "write them anew: python -m soundflow_assets.catalog.schema catalogs"
    )
    assert json.loads(stored)["$schema"] == DIALECT


@pytest.mark.parametrize("name", schemas())
def test_every_schema_is_one(name):
    validator(name).check_schema(json.loads(schemas()[name]))


def test_no_document_may_hold_null():
    assert b'"null"' not in b"".join(schemas().values())


def schema_of(key):
    """Return the name of the schema of a document, None for what is none of ours."""
    if key.startswith("catalog/schema/"):
        return None
    if key.startswith("catalog/shards/"):
        return "shard"
    if key.startswith("catalog/"):
        return "root" if key == "catalog/root.json" else "catalog"
    return "sidecar" if sidecar_ref(key) is not None else None


def test_every_document_that_is_written_fits_its_schema(library):
    for day in (14, 15):
        publish(library, f"2025-01-{day}")
    publish(library, tier="premium")
    publish(library, "2025-02-01", category="Late Night")
    withdraw(library, make_track("2025-01-14")[0].entry.id, "wrong", dt.datetime.now(dt.UTC))
    library.public.put("audio/free/2025-01-15/free-2025-01-15-broken.json", b"{")
    commit_catalogs(replace(library, most_listed=2))
    commit_catalogs(library)
    seen = set()
    for info in library.public.list(suffix=".json"):
        name = schema_of(info.key)
        if name is not None and not info.key.endswith("broken.json"):
            validator(name).validate(json.loads(library.public.get(info.key).body))
            seen.add(name)
    assert seen == {"catalog", "root", "shard", "sidecar"}
    for name, body in schemas().items():
        assert library.public.get(f"catalog/schema/v1/{name}.schema.json").body == body


@pytest.mark.parametrize(
    "change",
    [{"url": None}, {"bpm": "124"}, {"tier": "premium"}, {"id": "x"}, {"key": "Hm"}, {"seed": 1}],
)
def test_the_entry_schema_refuses_what_the_model_refuses(change):
    entry = json.loads(make_track()[0].entry.to_bytes())
    wrong = {key: value for key, value in {**entry, **change}.items() if value is not None}
    assert validator("entry").is_valid(entry)
    assert not validator("entry").is_valid(wrong)


def test_a_premium_entry_with_an_address_does_not_fit_the_schema():
    entry = json.loads(make_track(tier="premium")[0].entry.to_bytes())
    assert validator("entry").is_valid(entry)
    assert not validator("entry").is_valid({**entry, "url": "https://media.example/x.mp3"})


def test_the_examples_are_one_consistent_bucket():
    root = Root.model_validate_json(EXAMPLE_ROOT.read_bytes())
    assert len(root.files) == 8
    for file in root.files.values():
        body = (EXAMPLES / file.key).read_bytes()
        assert (sha256_of(body), len(body)) == (file.sha256, file.bytes)
        for line in entries_of(body, file.key):
            assert CatalogEntry.model_validate_json(line).to_bytes() == line
    for shard in root.shards:
        body = (EXAMPLES / shard.key).read_bytes()
        assert sha256_of(body) == shard.sha256
        assert len(decode_shard(body, shard.key)) == shard.count
    (path,) = EXAMPLES.glob("audio/*/*/*.json")
    body = path.read_bytes()
    sidecar = parse_sidecar(body, path.relative_to(EXAMPLES).as_posix())
    assert sidecar.to_bytes() == body
    free = entries_of((EXAMPLES / "catalog/free.json").read_bytes(), "free")
    assert sidecar.entry.to_bytes() in free


def test_the_readme_names_every_field_of_an_entry():
    text = (CATALOGS / "README.md").read_text()
    for name in json.loads(schemas()["entry"])["properties"]:
        assert f"`{name}`" in text, name
