"""The public contract in `catalogs/`: schemas in step with the models, examples that hold."""

import json
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


def test_what_is_written_fits_the_schemas(library):
    publish(library)
    publish(library, tier="premium")
    commit_catalogs(library)
    for key, name in (
        ("catalog/all.json", "catalog"),
        ("catalog/by-category/relax.json", "catalog"),
        ("catalog/root.json", "root"),
        (make_track()[0].key, "sidecar"),
    ):
        validator(name).validate(json.loads(library.public.get(key).body))
    assert library.public.get("catalog/schema/v1/entry.schema.json").body == schemas()["entry"]


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
