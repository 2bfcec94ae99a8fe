"""The same promises on S3, where replies can be lost on the way."""

import json
from concurrent.futures import ThreadPoolExecutor

from published_tracks import BASE, make_track, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.validate import validate_catalogs


def test_two_buckets_one_catalog_and_nothing_premium_in_public(make_s3):
    library = Library(make_s3(prefix="music"), make_s3(), BASE)
    publish(library)
    publish(library, tier="premium", track_id="night", category="Study")
    commit = commit_catalogs(library)
    assert commit.counts["all"] == 2
    assert validate_catalogs(library, deep=True).violations == ()
    assert not list(library.public.list("audio/premium/"))
    assert {info.key.split("/")[1] for info in library.premium.list()} == {"premium"}
    again = commit_catalogs(library)
    assert (again.changed, again.written) == (False, ())
    assert publish(library).outcome == "unchanged"


def test_four_writers_on_one_bucket_lose_nothing(make_s3):
    store = make_s3()
    library = Library(store, store, BASE)

    def work(writer):
        for day in (1, 2):
            publish(library, f"2025-01-0{day}", f"writer{writer}")
            commit_catalogs(library)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    commit_catalogs(library)
    entries = json.loads(store.get("catalog/all.json").body)
    assert len({entry["id"] for entry in entries}) == len(entries) == 8
    assert validate_catalogs(library).passed


def test_a_revised_track_keeps_both_files_on_s3(make_s3):
    store = make_s3()
    library = Library(store, store, BASE)
    publish(library)
    result = publish(library, audio=b"other")
    commit_catalogs(library)
    (entry,) = json.loads(store.get("catalog/free.json").body)
    assert entry["objectKey"] == result.sidecar.entry.object_key
    assert store.get(make_track()[0].entry.object_key).body != store.get(entry["objectKey"]).body
