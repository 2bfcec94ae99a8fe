"""The catalogs over HTTP: the arrays of the bucket, filtered, in pages, and never by surprise."""

import dataclasses
import gzip
import re
import shutil
from pathlib import Path

import pytest
from api.conftest import publish

from soundflow_assets.api.shelf import Shelf
from soundflow_assets.catalog.commit import commit_catalogs

NAMES = ["all", "free", "premium", "by-category/deep-work", "by-category/relax"]


def ids(response) -> list[str]:
    return [entry["id"] for entry in response.json()]


@pytest.mark.parametrize("name", NAMES)
def test_a_catalog_is_the_array_of_the_bucket(api, shared_library, name: str) -> None:
    stored = shared_library.public.get(shared_library.catalog_key(name)).body
    expected = stored.replace(shared_library.public_base_url.encode(), f"{api.url}/bucket".encode())
    response = api.client.get(f"/catalog/{name}")
    assert response.content == expected
    assert response.headers["content-type"] == "application/json"


def test_the_address_of_a_free_track_plays_and_a_premium_track_has_none(api) -> None:
    entries = api.client.get("/catalog/all").json()
    assert {entry["tier"] for entry in entries} == {"free", "premium"}
    for entry in entries:
        assert ("url" in entry) == (entry["tier"] == "free")
        if "url" in entry:
            assert api.client.get(entry["url"]).headers["content-type"] == "audio/mpeg"


def test_an_unknown_category_is_404_and_names_the_known_ones(api) -> None:
    response = api.client.get("/catalog/by-category/jazz")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "deep-work" in response.json()["known"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("tier=premium", 1), ("tier=free", 4), ("category=study", 1), ("category=Deep Work", 4),
        ("category=deep_work", 4), ("genre=jazz", 1), ("date=2025-01-16", 2), ("energy=15", 1),
        ("energy=0-100", 5), ("energy=21-49", 0), ("q=löss", 1), ("q=LÖSS focus", 1),
        ("q=nothing", 0), ("date=2025-01-16&genre=deep", 1), ("limit=2", 2),
    ],
)  # fmt: skip
def test_filters_select(api, query: str, count: int) -> None:
    assert len(api.client.get(f"/catalog/all?{query}").json()) == count


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("tier=gold", 422), ("category=nowhere", 404), ("category=%ff", 404), ("genre=polka", 422),
        ("date=yesterday", 422), ("date=0.0", 422), ("date=20250115", 422),
        ("energy=high", 422), ("energy=90-20", 422), ("energy=101", 422),
        ("limit=0", 422), ("limit=501", 422), ("colour=red", 422), ("cursor=x", 400),
        ("cursor=WzEsMiwzXQ", 400), ("cursor=%00", 400), ("q=" + "x" * 101, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_reason(api, query: str, status: int) -> None:
    response = api.client.get(f"/catalog/all?{query}")
    assert response.status_code == status
    problem = response.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]


def test_pages_are_the_whole_in_order(api) -> None:
    whole = ids(api.client.get("/catalog/all"))
    seen, path = [], "/catalog/all?limit=2"
    while path:
        response = api.client.get(path)
        assert response.headers["x-total-count"] == str(len(whole))
        seen.append(ids(response))
        link = response.headers.get("link")
        path = re.fullmatch(r'<(.*)>; rel="next"', link)[1] if link else None
    assert [len(page) for page in seen] == [2, 2, 1]
    assert [one for page in seen for one in page] == whole


def test_a_page_goes_on_where_it_was_when_tracks_are_added_in_front(
    library, settings, serve
) -> None:
    api = serve(settings, prepare=always_fresh)
    first = api.client.get("/catalog/all?limit=2")
    publish(library, date="2025-02-01")
    commit_catalogs(library)
    rest = api.client.get(re.match("<(.*)>", first.headers["link"])[1])
    whole = ids(api.client.get("/catalog/all"))
    assert len(whole) == 6
    assert ids(first) + ids(rest) == whole[1:5]


def test_a_cursor_of_another_question_is_refused(api) -> None:
    link = api.client.get("/catalog/all?limit=2").headers["link"]
    path = re.match("<(.*)>", link)[1]
    assert api.client.get(path + "&genre=deep").status_code == 400
    assert api.client.get(path.replace("/all", "/free")).status_code == 400


def test_a_held_catalog_is_304_and_head_has_no_body(api) -> None:
    for path in ("/catalog/all", "/catalog/all?limit=2", "/tracks/free-2025-01-15-deep_work_daily"):
        first = api.client.get(path)
        again = api.client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert api.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
        head = api.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == first.headers["content-length"]


def test_gzip_and_plain_have_validators_of_their_own(api) -> None:
    plain = api.client.get("/catalog/all", headers={"Accept-Encoding": "identity"})
    with api.client.stream("GET", "/catalog/all", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in plain.headers
    refused = api.client.get("/catalog/all", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def always_fresh(service):
    base = service.base_url + "/bucket"
    return dataclasses.replace(service, shelf=Shelf(service.library, base, fresh_s=0.0))


def test_what_was_read_is_served_on_while_storage_is_down(library, settings, serve) -> None:
    api = serve(settings, prepare=always_fresh)
    before = api.client.get("/catalog/all")
    root = Path(settings.bucket) / "catalog" / "root.json"
    damaged = root.with_suffix(".kept")
    shutil.move(root, damaged)
    root.write_bytes(b"{")
    stale = api.client.get("/catalog/all")
    assert stale.content == before.content
    assert int(stale.headers["x-soundflow-stale"]) >= 0
    ready = api.client.get("/health/ready").json()
    assert ready["checks"]["catalogs"]["status"] == "degraded"
    shutil.move(damaged, root)
    api.client.get("/catalog/all")
    assert "x-soundflow-stale" not in api.client.get("/catalog/all").headers
    assert api.client.get("/health/ready").json()["checks"]["catalogs"]["status"] == "ok"


def test_a_service_that_never_read_its_bucket_says_so(settings, serve) -> None:
    root = Path(settings.bucket) / "catalog" / "root.json"
    root.parent.mkdir(parents=True)
    root.write_bytes(b"{")
    api = serve(settings)
    response = api.client.get("/catalog/all")
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert str(settings.bucket) not in response.text
    assert api.client.get("/health").status_code == 200
    assert api.client.get("/health/ready").status_code == 503


def test_a_bucket_without_tracks_has_empty_catalogs(settings, serve) -> None:
    api = serve(settings)
    for name in ("all", "free", "premium", "by-category/study"):
        assert api.client.get(f"/catalog/{name}").json() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"},
        {"If-None-Match": '"other"'}, {"If-None-Match": "*", "Accept-Encoding": "gzip;q=0"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/catalog/all?limit=3", "/feed.xml", "/catalog/free"])
def test_an_answer_from_memory_is_the_first_answer_again(
    shared_library, shared_settings, serve, path: str, headers: dict[str, str]
) -> None:
    api = serve(shared_settings)
    told = []
    for _ in range(2):
        response = api.client.get(path, headers=headers)
        varying = ("date", "x-request-id")
        kept = {name: value for name, value in response.headers.items() if name not in varying}
        told.append((response.status_code, kept, response.content))
    snapshot = api.service.shelf.held
    assert [path.partition("?")[0]] == [place[0] for place in snapshot.ready]
    assert told[0] == told[1]
    route = f'route="{path.partition("?")[0]}",status="{told[0][0]}"}} 2.0'
    assert route in api.client.get("/metrics").text
