"""What only a server that checks signatures can show, and whole commits on R2's own rules."""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from published_tracks import BASE, publish
from simulator import BUCKETS

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.storage.store import AccessDenied

pytestmark = pytest.mark.slow


def fetched(url, **headers):
    """Return status and body of an anonymous GET."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_wrong_secret_is_refused_and_names_the_variables(make_r2):
    make_r2().put("a", b"x")
    store = make_r2(secret="wrong")
    for ask in (lambda: store.get("a"), lambda: store.put("b", b"x"), lambda: list(store.list())):
        with pytest.raises(AccessDenied, match="R2_SECRET_ACCESS_KEY"):
            ask()


def test_a_signed_address_opens_its_object_whole_and_in_part(make_r2):
    store = make_r2()
    store.put("audio/premium/a.mp3", b"0123456789", content_type="audio/mpeg")
    url = store.sign_get("audio/premium/a.mp3", 60)
    assert fetched(url) == (200, b"0123456789")
    assert fetched(url, Range="bytes=2-4") == (206, b"234")


def test_a_tampered_signed_address_opens_nothing(make_r2):
    store = make_r2()
    for key in ("audio/premium/a.mp3", "audio/premium/b.mp3"):
        store.put(key, b"x")
    url = store.sign_get("audio/premium/a.mp3", 60)
    start, _, signature = url.rpartition("X-Amz-Signature=")
    other = ("0" if signature[0] != "0" else "1") + signature[1:]
    for wrong in (
        f"{start}X-Amz-Signature={other}",
        url.replace("/a.mp3", "/b.mp3"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        url.partition("?")[0],
    ):
        status, body = fetched(wrong)
        assert status in (400, 401, 403), wrong
        assert body != b"x"


def test_an_expired_signed_address_opens_nothing(make_r2):
    store = make_r2()
    store.put("a.mp3", b"x")
    url = store.sign_get("a.mp3", 1)
    time.sleep(2.1)
    assert fetched(url)[0] == 403


def test_two_buckets_one_catalog_and_four_writers_lose_nothing(make_r2):
    library = Library(make_r2(), make_r2(BUCKETS[1]), BASE)

    def work(writer):
        for day in (1, 2):
            tier = "premium" if writer % 2 else "free"
            publish(library, f"2025-01-0{day}", f"writer{writer}", tier=tier)
            commit_catalogs(library)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    commit_catalogs(library)
    entries = json.loads(library.public.get("catalog/all.json").body)
    assert len({entry["id"] for entry in entries}) == len(entries) == 8
    assert validate_catalogs(library, deep=True).violations == ()
    assert not list(library.public.list("audio/premium/"))
    assert not list(library.premium.list("audio/free/"))
