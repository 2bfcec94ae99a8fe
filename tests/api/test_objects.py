"""Tracks and their files over HTTP: ranges, validators, and nothing that is private."""

import dataclasses

import pytest
from api.conftest import publish
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.api.ranges import Unsatisfiable, parse_range
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import open_library

FREE = "free-2025-01-15-deep_work_daily"
AUDIO = f"/bucket/audio/free/2025-01-15/{FREE}.mp3"
SIZE = 256 * 40


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-9", 0, 10), ("bytes=10000-", 10000, SIZE), ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=0-999999", 0, SIZE), ("bytes=-999999", 0, SIZE),
    ],
)  # fmt: skip
def test_a_range_is_that_part(api, header: str, start: int, stop: int) -> None:
    whole = api.client.get(AUDIO).content
    part = api.client.get(AUDIO, headers={"Range": header})
    assert part.status_code == 206
    assert part.content == whole[start:stop]
    assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"


@pytest.mark.parametrize("header", ["bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=", "bytes=-"])
def test_a_range_that_is_none_gives_the_whole(api, header: str) -> None:
    response = api.client.get(AUDIO, headers={"Range": header})
    assert (response.status_code, len(response.content)) == (200, SIZE)


def test_a_range_behind_the_end_is_416(api) -> None:
    response = api.client.get(AUDIO, headers={"Range": f"bytes={SIZE}-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{SIZE}"


def test_a_range_of_another_version_gives_the_whole(api) -> None:
    etag = api.client.head(AUDIO).headers["etag"]
    asked = {"Range": "bytes=0-9"}
    assert api.client.get(AUDIO, headers={**asked, "If-Range": etag}).status_code == 206
    assert api.client.get(AUDIO, headers={**asked, "If-Range": '"old"'}).status_code == 200
    assert api.client.get(AUDIO, headers={"If-None-Match": etag}).status_code == 304


@settings(max_examples=300, deadline=None)
@given(header=st.one_of(st.text(max_size=40), st.from_regex(r"bytes=\d*-\d*")), size=st.integers(0))
def test_any_header_gives_a_part_of_the_object_or_none(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except Unsatisfiable:
        return
    assert found is None or 0 <= found.start < found.stop <= size


@pytest.mark.parametrize(
    "key",
    [
        "audio/premium/2025-01-17/premium-2025-01-17-aurora.mp3",
        "audio/premium/2025-01-17/premium-2025-01-17-aurora.json",
        "audio/free/../premium/2025-01-17/premium-2025-01-17-aurora.mp3",
        "audio/free/%2e%2e/premium/2025-01-17/premium-2025-01-17-aurora.mp3",
        "audio/free/..%2fpremium/2025-01-17/premium-2025-01-17-aurora.mp3",
        "requests/premium/aurora.json",
        ".soundflow/locks/00",
        "catalog/../.soundflow/locks/00",
        "catalog//etc/passwd",
        "%2fetc%2fpasswd",
        "audio/free/%00",
        "catalog/root.json/x",
        "",
    ],
)
def test_private_and_impossible_keys_are_404(api, key: str) -> None:
    response = api.client.get(f"/bucket/{key}")
    assert response.status_code == 404
    assert b"premium" * 9 not in response.content


def test_one_track_with_its_files(api) -> None:
    entry = api.client.get(f"/tracks/{FREE}").json()
    assert entry["id"] == FREE
    assert api.client.get(f"/tracks/{FREE}/peaks").json() == {"data": []}
    cover = api.client.get(f"/tracks/{FREE}/cover")
    assert (cover.content, cover.headers["content-type"]) == (b"cover", "image/png")


def test_of_a_premium_track_the_cover_is_public_and_the_waveform_is_not(api) -> None:
    premium = "premium-2025-01-17-aurora"
    assert api.client.get(f"/tracks/{premium}").status_code == 200
    assert api.client.get(f"/tracks/{premium}/cover").status_code == 200
    assert api.client.get(f"/tracks/{premium}/peaks").status_code == 404


@pytest.mark.parametrize("track", ["none", "free-2025-01-15-none", "%00", "%ff", "a" * 97])
def test_a_track_there_is_not_is_a_problem(api, track: str) -> None:
    for path in (f"/tracks/{track}", f"/tracks/{track}/peaks", f"/tracks/{track}/cover"):
        response = api.client.get(path)
        assert response.status_code in (404, 422)
        assert response.headers["content-type"] == "application/problem+json"


def test_a_bucket_on_r2_serves_its_own_objects(make_access, shared_settings, serve) -> None:
    remote = dataclasses.replace(
        shared_settings, r2=make_access(), free_public_base_url="https://media.example"
    )
    library = open_library(remote)
    publish(library, date="2025-01-15")
    commit_catalogs(library)
    api = serve(remote)
    assert api.client.get("/config.json").json()["mediaBase"] == "https://media.example/"
    entry = api.client.get("/catalog/free").json()[0]
    assert entry["url"] == f"https://media.example/{entry['objectKey']}"
    moved = api.client.get(f"/bucket/{entry['objectKey']}")
    assert (moved.status_code, moved.headers["location"]) == (307, entry["url"])
    assert api.client.get(f"/tracks/{entry['id']}/cover").content == b"cover"
