"""What a commit looks at: news, the newest month, and everything only when it is told to."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from published_tracks import FaultyStore, contents, make_track, publish

from soundflow_assets.catalog import inbox
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.inbox import PATIENCE, announce, read_inbox
from soundflow_assets.catalog.publish import put_sidecar
from soundflow_assets.catalog.root import read_root
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.storage.store import Unavailable

NOW = dt.datetime.now(dt.UTC)


def listed(library):
    return {entry["id"] for entry in json.loads(library.public.get("catalog/all.json").body)}


class Watching(FaultyStore):
    """A store that takes down what is asked of it."""

    def __init__(self, store):
        super().__init__(store, 0, False)
        self.asked = []

    def __getattr__(self, name):
        method = getattr(self._store, name)

        def call(*args, **kwargs):
            self.asked.append((name, *args[:1]))
            return method(*args, **kwargs)

        return call if callable(method) else method

    def of(self, *names):
        return [(name, key) for name, key in self.asked if name in names]


def watched(library):
    store = Watching(library.public)
    return replace(library, public=store, premium=store), store


def test_publishing_tells_the_next_commit_which_clears_the_news(library):
    publish(library)
    publish(library, tier="premium")
    assert {arrival.ref.id for arrival in read_inbox(library)} == {
        "free-2025-01-15-deep_work_daily",
        "premium-2025-01-15-deep_work_daily",
    }
    commit_catalogs(library)
    assert read_inbox(library) == ()


def test_publishing_the_same_again_is_no_news(library):
    publish(library)
    commit_catalogs(library)
    publish(library)
    assert read_inbox(library) == ()


def test_what_a_commit_asks_for_does_not_grow_with_history(library):
    asked = []
    for months in (3, 24):
        for number in range(months):
            publish(library, f"{2000 + number // 12}-{number % 12 + 1:02}-10")
        commit_catalogs(library, complete=True)
        publish(library, f"{2000 + (months - 1) // 12}-{(months - 1) % 12 + 1:02}-11")
        spied, store = watched(library)
        commit_catalogs(spied)
        shards = sum(key.startswith("catalog/shards/") for _, key in store.of("get"))
        asked.append(len(store.asked) - shards)
        assert len(store.of("list")) == 4  # two inboxes, two open months
    assert asked[0] == asked[1]


def test_a_commit_writes_eight_files_a_root_and_the_months_shard(library):
    for month in range(1, 7):
        publish(library, f"2025-{month:02}-10")
    commit_catalogs(library)
    publish(library, "2025-06-11")
    spied, store = watched(library)
    commit_catalogs(spied)
    written = [key for _, key in store.of("put")]
    eight = {file.key for file in read_root(library)[0].files.values()}
    assert len(written) == 10
    assert eight < set(written)
    beside = sorted(set(written) - eight)
    assert [key.partition("-")[0] for key in beside] == [
        "catalog/root.json",
        "catalog/shards/free/2025",
    ]


def test_a_withdrawal_in_a_month_that_is_over_reaches_the_catalogs(library):
    from soundflow_assets.catalog.withdraw import withdraw

    publish(library, "2025-01-10")
    publish(library, "2025-06-10")
    commit_catalogs(library)
    withdraw(library, "free-2025-01-10-deep_work_daily", "wrong", NOW)
    commit_catalogs(library)
    assert listed(library) == {"free-2025-06-10-deep_work_daily"}


def test_what_others_put_into_old_months_is_found_by_a_complete_listing_alone(library):
    publish(library, "2025-01-10")
    publish(library, "2025-06-10")
    commit_catalogs(library)
    publish(library, "2025-01-11")
    for arrival in read_inbox(library):
        library.public.delete(arrival.key)  # as somebody would who knows nothing of the inbox
    assert not commit_catalogs(library).changed
    assert commit_catalogs(library, complete=True).changed
    assert "free-2025-01-11-deep_work_daily" in listed(library)


def test_what_others_put_into_the_newest_month_is_found_at_once(library):
    publish(library, "2025-06-10")
    commit_catalogs(library)
    publish(library, "2025-06-01", "other")
    publish(library, "2025-07-01")
    for arrival in read_inbox(library):
        library.public.delete(arrival.key)
    commit_catalogs(library)
    assert len(listed(library)) == 3


def test_a_track_dated_ahead_does_not_close_the_current_month(library):
    publish(library, "2099-01-01", "ahead", tier="premium")
    commit_catalogs(library)
    publish(library, NOW.date().isoformat())
    for arrival in read_inbox(library):
        library.public.delete(arrival.key)
    commit_catalogs(library)
    assert len(listed(library)) == 2


def test_a_writer_that_is_slow_between_news_and_sidecar_is_not_forgotten(library):
    publish(library, "2025-06-10")
    commit_catalogs(library)
    publish(library, "2025-01-10")
    sidecar, _ = make_track("2025-01-10")
    library.public.delete(sidecar.key)  # the sidecar is still on its way
    commit_catalogs(library)
    assert len(read_inbox(library)) == 1
    put_sidecar(library.public, sidecar, None)
    commit_catalogs(library)
    assert sidecar.entry.id in listed(library)
    assert read_inbox(library) == ()


def test_a_sidecar_replaced_during_a_commit_stays_news(library):
    publish(library, "2025-01-10")
    publish(library, "2025-06-10")
    commit_catalogs(library)
    publish(library, "2025-01-10", audio=b"second")

    class Overtaken(FaultyStore):
        def put(self, key, *args, **kwargs):
            if key == "catalog/root.json":
                publish(library, "2025-01-10", audio=b"third")
            return self._store.put(key, *args, **kwargs)

    store = Overtaken(library.public, 0, False)
    commit_catalogs(replace(library, public=store, premium=store))
    assert len(read_inbox(library)) == 2
    commit_catalogs(library)
    entry = json.loads(library.public.get("catalog/all.json").body)[-1]
    assert library.public.get(entry["objectKey"]).body == b"third"
    # The second version never came to be read; its writer might still be at work.
    (left,) = read_inbox(library)
    second, _ = make_track("2025-01-10", audio=b"second")
    assert left.at < NOW + PATIENCE
    assert second.entry.ref == left.ref


def test_going_back_to_earlier_bytes_is_news_again(library):
    first, _ = make_track()
    publish(library)
    old = {arrival.key for arrival in read_inbox(library)}
    commit_catalogs(library)
    publish(library, audio=b"other")
    commit_catalogs(library)
    publish(library)
    assert not old & {arrival.key for arrival in read_inbox(library)}
    commit_catalogs(library)
    assert json.loads(library.public.get("catalog/free.json").body)[0]["sha256"] == (
        first.entry.sha256
    )


def test_news_that_nobody_completes_is_dropped_after_a_day(library, monkeypatch):
    sidecar, _ = make_track()
    announce(library.public, sidecar.entry.ref, sidecar.to_bytes())
    commit_catalogs(library)
    assert len(read_inbox(library)) == 1
    inbox.settle(library, read_inbox(library), {}, NOW + PATIENCE * 2)
    assert read_inbox(library) == ()


@pytest.mark.parametrize("lost_reply", [False, True])
def test_a_crash_while_the_inbox_is_cleared_changes_nothing(library, lost_reply):
    publish(library)
    store = FaultyStore(library.public, 1, lost_reply, only=("delete",))
    with pytest.raises(Unavailable):
        commit_catalogs(replace(library, public=store, premium=store))
    before = {
        key: value for key, value in contents(library.public)[0].items() if "inbox" not in key
    }
    assert not commit_catalogs(library).changed
    assert contents(library.public)[0] == before


class TestWindow:
    """Above the limit the files list the newest tracks, and the root says so."""

    @pytest.fixture
    def narrow(self, library):
        library = replace(library, most_listed=3)
        for day in range(1, 4):
            publish(library, f"2025-0{day}-15")
            publish(library, f"2025-0{day}-15", "night", tier="premium", category="Study")
        return library

    def test_all_files_list_the_same_newest_tracks(self, narrow):
        commit = commit_catalogs(narrow)
        everything = json.loads(narrow.public.get("catalog/all.json").body)
        assert [entry["id"] for entry in everything] == [
            "free-2025-03-15-deep_work_daily",
            "premium-2025-03-15-night",
            "free-2025-02-15-deep_work_daily",
        ]
        assert (commit.counts["free"], commit.counts["premium"]) == (2, 1)
        assert commit.counts["by-category/deep-work"] == 2
        assert validate_catalogs(narrow, deep=True).violations == ()

    def test_the_root_says_so_and_points_to_the_shards(self, narrow):
        root = commit_catalogs(narrow).root
        assert root.window is not None
        assert (root.window.limit, root.window.total, root.window.complete) == (3, 6, False)
        assert sum(shard.count for shard in root.shards) == 6

    def test_a_limit_at_the_number_of_tracks_leaves_the_files_complete(self, narrow):
        root = commit_catalogs(replace(narrow, most_listed=6)).root
        assert root.window is not None
        assert root.window.complete
        assert root.files["all"].count == 6

    def test_another_limit_takes_effect_without_news(self, narrow):
        commit_catalogs(narrow)
        commit = commit_catalogs(replace(narrow, most_listed=100))
        assert (commit.changed, commit.counts["all"]) == (True, 6)
        assert not commit_catalogs(replace(narrow, most_listed=100)).changed
