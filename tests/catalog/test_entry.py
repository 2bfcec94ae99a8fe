"""What an entry and a sidecar may say."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_tracks import make_track
from pydantic import ValidationError

from soundflow_assets.catalog.canonical import canonical, entries_of, lines_of
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.shard import Track, decode_shard, encode_shard
from soundflow_assets.catalog.sidecar import Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput, Failed

# The example of the guide that front ends were built on.
GUIDE = {
    "id": "free-2025-01-15-deep_work_daily",
    "title": "Deep Work Daily - 2025-01-15",
    "tier": "free",
    "date": "2025-01-15",
    "category": "Deep Work",
    "genre": "deep",
    "bpm": 124,
    "key": "Dm",
    "durationSec": 180,
    "goalTags": ["deep_work", "coding", "focus"],
    "natureTags": ["minimal"],
    "energyMin": 50,
    "energyMax": 75,
    "ambienceMin": 5,
    "ambienceMax": 30,
    "objectKey": "audio/free/2025-01-15/free-2025-01-15-deep_work_daily.mp3",
    "url": "https://r2.soundflow.app/audio/free/2025-01-15/free-2025-01-15-deep_work_daily.mp3",
}


def entry_json(**changes):
    document = json.loads(make_track()[0].entry.to_bytes())
    return json.dumps({**document, **changes})


def test_every_field_of_the_guide_is_there_in_name_and_type():
    document = json.loads(make_track(duration_sec=180.0)[0].entry.to_bytes())
    for name, value in GUIDE.items():
        assert type(document[name]) is type(value), name
    assert (
        CatalogEntry.model_validate_json(json.dumps({**document, **GUIDE})).title == GUIDE["title"]
    )


def test_an_entry_reads_back_as_it_was_written():
    for tier in ("free", "premium"):
        entry = make_track(tier=tier)[0].entry
        assert CatalogEntry.model_validate_json(entry.to_bytes()) == entry


def test_a_seed_survives_javascript():
    seed = json.loads(make_track(seed=2**63 - 1)[0].entry.to_bytes())["seed"]
    assert seed == str(2**63 - 1)


def test_what_is_not_known_is_left_out_never_null():
    document = json.loads(make_track(tier="premium")[0].to_bytes())
    assert "url" not in document["entry"]
    assert "null" not in make_track(tier="premium")[0].to_bytes().decode()


def test_unknown_fields_are_read_over_and_not_passed_on():
    entry = CatalogEntry.model_validate_json(entry_json(signedUrl="https://secret"))
    assert b"secret" not in entry.to_bytes()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bpm": "124"}, "valid number"),
        ({"bpm": -1}, "greater than or equal to 0"),
        ({"key": "Hm"}, "unknown key 'Hm'"),
        ({"date": "2025-02-30"}, "date"),
        ({"date": "2025-01-16"}, "another tier or date"),
        ({"tier": "gold"}, "'free' or 'premium'"),
        ({"tier": "premium"}, "another tier or date"),
        ({"id": "free-2025-01-15-Deep Work"}, "expected free- or premium-"),
        ({"category": "¿?"}, "category"),
        ({"durationSec": 0}, "greater than 0"),
        ({"energyMin": 80}, "energyMin 80 is above energyMax 75"),
        ({"ambienceMax": 101}, "less than or equal to 100"),
        ({"goalTags": "focus"}, "valid"),
        ({"goalTags": ["Not A Tag"]}, "pattern"),
        ({"sha256": "abc"}, "pattern"),
        ({"bytes": 0}, "greater than 0"),
        ({"seed": 1.5}, "valid string"),
        ({"objectKey": "audio/free/2025-01-15/../x.mp3"}, "no name of letters"),
        ({"objectKey": "audio/free/2025-01-15/free-2025-01-15-other.mp3"}, "none of this track's"),
        ({"coverKey": "catalog/free.json"}, "none of this track's"),
        ({"url": None}, "ending in /audio/free"),
        ({"url": "https://media.example/other.mp3"}, "ending in /audio/free"),
        ({"url": "javascript:alert(1)"}, "pattern"),
        ({"loudnessLufs": "loud"}, "valid number"),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        CatalogEntry.model_validate_json(entry_json(**changes))


@pytest.mark.parametrize("field", ["id", "title", "tier", "objectKey", "sha256", "license", "bpm"])
def test_a_required_field_is_required(field):
    document = json.loads(entry_json())
    del document[field]
    with pytest.raises(ValidationError, match=f"{field}\n.*Field required"):
        CatalogEntry.model_validate_json(json.dumps(document))


def test_a_premium_entry_with_an_address_is_refused():
    document = json.loads(make_track(tier="premium")[0].entry.to_bytes())
    address = f"https://media.example/{document['objectKey']}"
    with pytest.raises(ValidationError, match="a premium track has none"):
        CatalogEntry.model_validate_json(json.dumps({**document, "url": address}))


def test_a_sidecar_reads_back_and_its_bytes_do_not_depend_on_when_it_was_made():
    sidecar, _ = make_track()
    assert parse_sidecar(sidecar.to_bytes(), sidecar.key) == sidecar
    assert make_track()[0].to_bytes() == sidecar.to_bytes()


def test_a_sidecar_must_lie_where_its_track_belongs():
    sidecar, _ = make_track()
    with pytest.raises(BadInput, match="belongs at audio/free/2025-01-15"):
        parse_sidecar(sidecar.to_bytes(), "audio/free/2025-01-16/free-2025-01-16-x.json")


def test_a_sidecar_lists_every_file_it_names():
    sidecar, _ = make_track()
    document = json.loads(sidecar.to_bytes())
    document["files"] = [one for one in document["files"] if not one["key"].endswith(".png")]
    with pytest.raises(ValidationError, match=r"cover\.png' is named but not listed"):
        Sidecar.model_validate_json(json.dumps(document))
    document = json.loads(sidecar.to_bytes())
    document["entry"]["bytes"] += 1
    with pytest.raises(ValidationError, match="differ from the entry's"):
        Sidecar.model_validate_json(json.dumps(document))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_canonical_json_is_one_line_and_means_the_same(value):
    encoded = canonical(value)
    assert b"\n" not in encoded
    assert json.loads(encoded) == value
    assert canonical(json.loads(encoded)) == encoded


@given(st.lists(st.dictionaries(st.text(), st.text(), min_size=1)))
def test_arrays_of_lines_come_apart_as_they_were_joined(values):
    entries = [canonical(value) for value in values]
    array = lines_of(entries)
    assert json.loads(array) == values
    assert entries_of(array, "x") == entries


@given(st.lists(st.text(), max_size=5, unique=True))
def test_a_shard_holds_any_title(titles):
    tracks = [
        Track(f"free-2025-01-0{n}-x", f"2025-01-0{n}", "study", f"k{n}", "e", "listed",
              canonical({"title": title}))
        for n, title in reversed(list(enumerate(titles, start=1)))
    ]  # fmt: skip
    broken = Track("free-2025-01-09-x", "2025-01-09", "", "k9", "e", "broken", None, "why\n\u2028")
    assert decode_shard(encode_shard("free", "2025-01", [*tracks, broken]), "k") == [
        broken,
        *tracks,
    ]
    json.loads(encode_shard("free", "2025-01", tracks))


@pytest.mark.parametrize("cut", [0, 10, 100, -3])
def test_a_shard_that_is_cut_is_an_error_that_names_the_repair(cut):
    whole = encode_shard(
        "free",
        "2025-01",
        [Track("free-2025-01-01-x", "2025-01-01", "s", "k", "e", "listed", b"{}")],
    )
    with pytest.raises(Failed, match="rebuild --from-sidecars"):
        decode_shard(whole[:cut], "catalog/shards/x.json")


def test_dates_are_dates():
    assert make_track()[0].entry.date == dt.date(2025, 1, 15)
