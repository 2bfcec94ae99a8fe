"""Catalogs list what is published, lose nothing, and change in one step."""

import datetime as dt
import itertools
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from published_tracks import BASE, FaultyStore, contents, make_track, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.root import Root
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.catalog.withdraw import restore, withdraw
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.store import NotFound, Unavailable

EIGHT = (
    "catalog/free.json",
    "catalog/premium.json",
    "catalog/all.json",
    "catalog/by-category/deep-work.json",
    "catalog/by-category/study.json",
    "catalog/by-category/relax.json",
    "catalog/by-category/nature.json",
    "catalog/by-category/flow-state.json",
)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def listed(library, key="catalog/all.json"):
    return [entry["id"] for entry in json.loads(library.public.get(key).body)]


def root_of(library) -> Root:
    return Root.model_validate_json(library.public.get("catalog/root.json").body)


def generations(library):
    return {library.public.head(key).metadata["generation"] for key in EIGHT}


def test_an_empty_bucket_gets_eight_empty_catalogs(library):
    commit_catalogs(library)
    for key in EIGHT:
        assert library.public.get(key).body == b"[]\n"
        info = library.public.head(key)
        assert info.content_type == "application/json"
        assert "max-age=60" in info.cache_control
        assert (info.metadata["generation"], info.metadata["count"]) == ("1", "0")


def test_tracks_are_listed_newest_first_then_by_id_in_the_right_files(library):
    publish(library, "2025-01-15", "study_daily", category="Study")
    publish(library, "2025-01-15", "deep_work_daily")
    publish(library, "2025-02-01", "deep_work_daily")
    publish(library, "2025-01-20", "night", tier="premium", category="Study")
    commit = commit_catalogs(library)
    assert listed(library) == [
        "free-2025-02-01-deep_work_daily",
        "premium-2025-01-20-night",
        "free-2025-01-15-deep_work_daily",
        "free-2025-01-15-study_daily",
    ]
    assert listed(library, "catalog/premium.json") == ["premium-2025-01-20-night"]
    assert listed(library, "catalog/by-category/study.json") == [
        "premium-2025-01-20-night",
        "free-2025-01-15-study_daily",
    ]
    assert (commit.counts["free"], commit.counts["all"]) == (3, 4)
    assert validate_catalogs(library, deep=True).violations == ()


def test_no_public_document_carries_a_premium_address(two_buckets):
    publish(two_buckets, tier="premium")
    publish(two_buckets)
    commit_catalogs(two_buckets)
    for info in two_buckets.public.list():
        body = two_buckets.public.get(info.key).body
        assert b"https://media.example/audio/premium" not in body
    assert listed(two_buckets) == [
        "free-2025-01-15-deep_work_daily",
        "premium-2025-01-15-deep_work_daily",
    ]
    assert validate_catalogs(two_buckets, deep=True).passed
    assert not list(two_buckets.premium.list("catalog/"))


def test_without_news_nothing_is_written(library):
    publish(library)
    commit_catalogs(library)
    before = contents(library.public)
    commit = commit_catalogs(library)
    assert (commit.changed, commit.written, commit.root.generation) == (False, (), 1)
    assert contents(library.public) == before


def test_a_category_of_the_plans_own_gets_a_file_and_keeps_it(library):
    publish(library, category="Late Night")
    commit_catalogs(library)
    key = "catalog/by-category/late-night.json"
    assert listed(library, key) == ["free-2025-01-15-deep_work_daily"]
    withdraw(library, "free-2025-01-15-deep_work_daily", "test", NOW)
    commit_catalogs(library)
    assert library.public.get(key).body == b"[]\n"
    assert validate_catalogs(library).passed


def test_the_free_catalog_lies_where_the_setting_says(library):
    publish(library)
    commit_catalogs(library)
    moved = replace(library, free_catalog_key="catalog/free-index.json")
    commit_catalogs(moved)
    assert listed(moved, "catalog/free-index.json") == ["free-2025-01-15-deep_work_daily"]
    assert validate_catalogs(moved).passed
    with pytest.raises(BadInput, match="CATALOG_FREE_KEY"):
        replace(library, free_catalog_key="catalog/all.json")


def test_a_new_public_address_reaches_every_entry_without_a_new_sidecar(library):
    publish(library)
    commit_catalogs(library)
    moved = replace(library, public_base_url="https://new.example/music")
    assert commit_catalogs(moved).changed
    (entry,) = json.loads(library.public.get("catalog/free.json").body)
    assert entry["url"] == f"https://new.example/music/{entry['objectKey']}"
    assert validate_catalogs(moved).passed


def test_months_that_are_over_are_not_read_again(library):
    for day in range(1, 6):
        publish(library, f"2025-01-{day:02}")
    commit_catalogs(library)
    publish(library, "2025-02-01")
    read = []

    class Watching(FaultyStore):
        def get(self, key):
            read.append(key)
            return self._store.get(key)

    watched = replace(library, public=Watching(library.public, 0, False))
    before = root_of(library).shards
    commit_catalogs(watched)
    assert [key for key in read if key.startswith("audio/")] == [
        "audio/free/2025-02-01/free-2025-02-01-deep_work_daily.json"
    ]
    assert root_of(library).shards[0] == before[0]


def test_a_late_track_of_a_month_that_is_over_is_listed(library):
    publish(library, "2025-01-01")
    publish(library, "2025-02-01")
    commit_catalogs(library)
    publish(library, "2025-01-31")
    commit_catalogs(library)
    assert len(listed(library)) == 3


class TestNeverShrinking:
    def test_a_sidecar_that_is_gone_leaves_its_entry_and_a_problem(self, library):
        sidecar, _ = make_track()
        publish(library)
        commit_catalogs(library)
        library.public.delete(sidecar.key)
        commit = commit_catalogs(library)
        assert listed(library) == [sidecar.entry.id]
        assert [(one.key, one.listed) for one in commit.problems] == [(sidecar.key, True)]
        assert "gone" in commit.problems[0].problem
        assert any("gone" in str(one) for one in validate_catalogs(library).violations)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"entry":{}}', b"\xff\xfe", b"null"])
    def test_a_broken_sidecar_leaves_the_last_good_entry_and_heals(self, library, body):
        sidecar, _ = make_track()
        publish(library)
        publish(library, "2025-01-16")
        commit_catalogs(library)
        before = listed(library)
        library.public.put(sidecar.key, body)
        commit = commit_catalogs(library)
        assert listed(library) == before
        assert [(one.key, one.listed) for one in commit.problems] == [(sidecar.key, True)]
        again = commit_catalogs(library)
        assert (again.changed, again.problems) == (False, commit.problems)
        publish(library)
        assert commit_catalogs(library).problems == ()
        assert validate_catalogs(library).passed

    def test_a_sidecar_that_never_was_good_is_named_and_left_out(self, library):
        publish(library)
        library.public.put("audio/free/2025-01-15/free-2025-01-15-bad.json", b"{}")
        commit = commit_catalogs(library)
        assert listed(library) == ["free-2025-01-15-deep_work_daily"]
        assert [(one.key[-8:], one.listed) for one in commit.problems] == [("bad.json", False)]
        assert "entry: Field required" in commit.problems[0].problem

    def test_a_track_whose_audio_is_missing_or_cut_is_not_listed_until_it_is_there(self, library):
        sidecar, files = make_track()
        publish(library)
        library.public.delete(sidecar.entry.object_key)
        commit = commit_catalogs(library)
        assert listed(library) == []
        assert "is not in the bucket" in commit.problems[0].problem
        library.public.put(sidecar.entry.object_key, b"cut")
        assert "has 3" in commit_catalogs(library).problems[0].problem
        library.public.put(sidecar.entry.object_key, files[sidecar.entry.object_key][0])
        assert commit_catalogs(library).problems == ()
        assert listed(library) == [sidecar.entry.id]

    def test_files_that_are_no_sidecars_are_passed_over(self, library):
        publish(library)
        for name in ("notes.json", "free-2025-01-15-x.plan.json", "free-2025-01-16-x.json"):
            library.public.put(f"audio/free/2025-01-15/{name}", b"{}")
        assert commit_catalogs(library).problems == ()

    def test_a_read_that_fails_never_shrinks_a_catalog(self, library):
        for day in range(1, 4):
            publish(library, f"2025-01-{day:02}")
        commit_catalogs(library)
        before = {key: set(listed(library, key)) for key in EIGHT}
        publish(library, "2025-01-04")
        for fail_at in itertools.count(1):
            store = FaultyStore(library.public, fail_at, False, only=("get", "head", "list"))
            try:
                commit_catalogs(replace(library, public=store, premium=store))
            except Unavailable:
                assert all(before[key] <= set(listed(library, key)) for key in EIGHT)
            else:
                break
        assert fail_at > 12
        assert len(listed(library)) == 4

    def test_a_premium_bucket_that_is_away_keeps_all_catalogs_as_they_are(self, two_buckets):
        publish(two_buckets, tier="premium")
        commit_catalogs(two_buckets)
        publish(two_buckets)
        before = contents(two_buckets.public)
        away = FaultyStore(two_buckets.premium, 1, False)
        with pytest.raises(Unavailable):
            commit_catalogs(replace(two_buckets, premium=away))
        assert contents(two_buckets.public) == before


class TestWithdrawal:
    ID = "free-2025-01-15-deep_work_daily"

    def test_a_withdrawn_track_is_in_no_catalog_and_its_files_stay(self, library):
        sidecar, files = make_track()
        publish(library)
        publish(library, "2025-01-16")
        commit_catalogs(library)
        withdraw(library, self.ID, "wrong cover", NOW)
        commit_catalogs(library)
        for key in EIGHT:
            assert self.ID not in listed(library, key)
        assert all(library.public.head(key) for key in files)
        assert json.loads(library.public.get(sidecar.key).body)["withdrawn"]["why"] == "wrong cover"
        assert validate_catalogs(library).passed

    def test_making_the_track_again_does_not_bring_it_back_but_restoring_does(self, library):
        publish(library)
        withdraw(library, self.ID, "wrong cover", NOW)
        assert publish(library).outcome == "unchanged"
        assert publish(library, audio=b"other").outcome == "revised"
        commit_catalogs(library)
        assert listed(library) == []
        restore(library, self.ID)
        commit_catalogs(library)
        assert listed(library) == [self.ID]

    def test_withdrawing_what_is_not_there_is_said(self, library):
        with pytest.raises(BadInput, match="no such track"):
            withdraw(library, self.ID, "why", NOW)
        with pytest.raises(BadInput, match="expected free- or premium-"):
            withdraw(library, "../../etc", "why", NOW)


class TestRepair:
    def test_a_catalog_file_that_was_overwritten_or_deleted_is_put_right(self, library):
        publish(library)
        commit_catalogs(library)
        before = contents(library.public)
        library.public.put("catalog/all.json", b"[]")
        library.public.delete("catalog/free.json")
        assert not validate_catalogs(library).passed
        commit = commit_catalogs(library)
        assert commit.written == ("catalog/all.json", "catalog/free.json")
        assert contents(library.public) == before

    def test_an_older_generation_never_covers_a_newer_file(self, library):
        publish(library)
        commit_catalogs(library)
        newer = b'["from a later generation"]'
        library.public.put("catalog/all.json", newer, metadata={"generation": "7"})
        publish(library, "2025-01-16")
        commit_catalogs(library)
        assert library.public.get("catalog/all.json").body == newer

    @pytest.mark.parametrize("damage", [b"", b"{", b"{}", None])
    def test_a_root_that_is_broken_or_missing_is_an_error_that_names_the_repair(
        self, library, damage
    ):
        publish(library)
        commit_catalogs(library)
        publish(library, "2025-01-16")
        commit_catalogs(library)
        if damage is None:
            library.public.delete("catalog/root.json")
        else:
            library.public.put("catalog/root.json", damage)
        before = contents(library.public)
        with pytest.raises(Failed, match=r"root\.json.*catalog rebuild --from-sidecars"):
            commit_catalogs(library)
        assert contents(library.public) == before
        commit = commit_catalogs(library, from_sidecars=True)
        assert commit.root.generation == 3
        assert generations(library) == {"3"}
        assert validate_catalogs(library, deep=True).passed

    def test_a_damaged_shard_is_an_error_that_names_the_repair(self, library):
        publish(library)
        commit_catalogs(library)
        (shard,) = library.public.list("catalog/shards/")
        publish(library, "2025-02-15")
        for damage in (
            lambda: library.public.put(shard.key, b"{}"),
            lambda: library.public.delete(shard.key),
        ):
            damage()
            with pytest.raises(Failed, match=r"catalog rebuild --from-sidecars"):
                commit_catalogs(library)
        commit_catalogs(library, from_sidecars=True)
        assert len(listed(library)) == 2
        commit_catalogs(library)

    def test_a_rebuild_from_sidecars_lists_sidecars_alone(self, library):
        publish(library)
        publish(library, "2025-01-16")
        commit_catalogs(library)
        library.public.delete(make_track()[0].key)
        commit_catalogs(library, from_sidecars=True)
        assert listed(library) == ["free-2025-01-16-deep_work_daily"]
        assert commit_catalogs(library).problems == ()

    def test_catalogs_rebuilt_from_nothing_are_the_same_files(self, library):
        for day in range(1, 4):
            publish(library, f"2025-0{day}-15")
            commit_catalogs(library)
        before = {key: library.public.get(key).body for key in EIGHT}
        for info in list(library.public.list("catalog/")):
            library.public.delete(info.key)
        commit_catalogs(library)
        assert {key: library.public.get(key).body for key in EIGHT} == before


def test_a_root_that_comes_between_two_looks_is_no_fault(tmp_path):
    class Overtaken(LocalStore):
        """The first writer of all commits just after this one has looked for a root."""

        looks = 0

        def get(self, key):
            if key == "catalog/root.json" and not self.looks:
                self.looks += 1
                other = LocalStore(tmp_path)
                commit_catalogs(Library(other, other, BASE))
                raise NotFound(key)
            return super().get(key)

    store = Overtaken(tmp_path)
    library = Library(store, store, BASE)
    publish(library, "2025-01-15")
    commit_catalogs(library)
    assert listed(library) == ["free-2025-01-15-deep_work_daily"]


class TestFaults:
    @staticmethod
    def prepared(folder):
        store = LocalStore(folder)
        library = Library(store, store, BASE)
        publish(library, "2025-01-14")
        publish(library, "2025-01-14", "extra", tier="premium")
        commit_catalogs(library)
        return store

    @staticmethod
    def day(store):
        library = Library(store, store, BASE)
        publish(library, "2025-01-15")
        publish(library, "2025-02-01", "study_daily", category="Study")
        return commit_catalogs(library)

    @pytest.mark.parametrize("lost_reply", [False, True])
    def test_whatever_call_fails_nothing_is_lost_and_the_next_run_ends_alike(
        self, tmp_path, lost_reply
    ):
        undisturbed = FaultyStore(self.prepared(tmp_path / "undisturbed"), 0, False)
        self.day(undisturbed)
        assert undisturbed.calls > 40
        self.prepared(tmp_path / "before")
        for fail_at in range(1, undisturbed.calls + 1):
            store = LocalStore(shutil.copytree(tmp_path / "before", tmp_path / str(fail_at)))
            with pytest.raises(Unavailable):
                self.day(FaultyStore(store, fail_at, lost_reply))
            library = Library(store, store, BASE)
            assert len(root_of(library).files) == 8
            assert set(listed(library)) >= {"free-2025-01-14-deep_work_daily"}
            self.day(store)
            assert contents(store) == contents(undisturbed)

    def test_four_writers_at_once_lose_nothing(self, library):
        def work(writer):
            for number in range(4):
                publish(library, f"2025-0{number + 1}-1{writer}", f"writer{writer}")
                commit_catalogs(library)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        commit_catalogs(library)
        assert len(listed(library)) == len(set(listed(library))) == 16
        assert len(generations(library)) == 1
        assert validate_catalogs(library, deep=True).passed

    def test_a_slow_writer_does_not_put_its_older_catalogs_over_newer_ones(self, library):
        publish(library)
        swapped, go_on = threading.Event(), threading.Event()

        class Slow(FaultyStore):
            def put(self, key, *args, **kwargs):
                result = self._store.put(key, *args, **kwargs)
                if key == "catalog/root.json":
                    swapped.set()
                    go_on.wait(10)
                return result

        slow = Slow(library.public, 0, False)
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(commit_catalogs, replace(library, public=slow, premium=slow))
            swapped.wait(10)
            publish(library, "2025-01-16")
            commit_catalogs(library)
            go_on.set()
            assert late.result().root.generation == 1
        assert generations(library) == {"2"}
        assert len(listed(library)) == 2
