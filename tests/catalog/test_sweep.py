"""What is deleted for good, when, and what never is."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from published_tracks import FaultyStore, contents, make_track, mp3, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.publish import read_sidecar
from soundflow_assets.catalog.sweep import GRACE, sweep
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.catalog.withdraw import restore, withdraw
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.store import Unavailable

ID = "free-2025-01-15-deep_work_daily"
NOW = dt.datetime.now(dt.UTC)
LATER = NOW + GRACE + dt.timedelta(days=1)


def listed(library):
    return [entry["id"] for entry in json.loads(library.public.get("catalog/all.json").body)]


def removed(library, now=LATER, folder="audio/", **options):
    swept = sweep(library, now=now, **options)
    return {key for key, _ in swept.removed if key.startswith(folder)}


def audio_keys(library, track=ID):
    return {info.key for info in library.public.list("audio/") if track in info.key}


@pytest.fixture
def withdrawn(library):
    publish(library)
    publish(library, "2025-01-16")
    commit_catalogs(library)
    withdraw(library, ID, "wrong cover", NOW)
    commit_catalogs(library)
    return library


def test_a_sound_library_has_nothing_to_sweep(two_buckets):
    publish(two_buckets)
    publish(two_buckets, tier="premium")
    commit_catalogs(two_buckets)
    before = contents(two_buckets.public, two_buckets.premium)
    assert removed(two_buckets) == set()
    assert contents(two_buckets.public, two_buckets.premium) == before


def test_a_removed_track_keeps_its_files_for_the_time_of_grace(withdrawn):
    assert removed(withdrawn, now=NOW + GRACE - dt.timedelta(days=1)) == set()
    restore(withdrawn, ID)
    commit_catalogs(withdrawn)
    assert ID in listed(withdrawn)
    assert validate_catalogs(withdrawn, deep=True).passed


def test_after_the_time_of_grace_its_files_go_and_the_record_stays(withdrawn):
    sidecar, files = make_track()
    assert removed(withdrawn) == set(files)
    assert audio_keys(withdrawn) == {sidecar.key}
    kept, _ = read_sidecar(withdrawn.public, sidecar.key)
    assert kept.withdrawn.why == "wrong cover"
    assert kept.withdrawn.swept_at == LATER
    assert listed(withdrawn) == ["free-2025-01-16-deep_work_daily"]
    assert validate_catalogs(withdrawn, deep=True).passed
    assert removed(withdrawn) == set()


def test_what_was_swept_is_not_restored_until_it_is_made_again(withdrawn):
    sweep(withdrawn, now=LATER)
    with pytest.raises(BadInput, match=r"swept on .* make the track again"):
        restore(withdrawn, ID)
    publish(withdrawn)
    commit_catalogs(withdrawn)
    assert ID not in listed(withdrawn)
    restore(withdrawn, ID)
    commit_catalogs(withdrawn)
    assert ID in listed(withdrawn)
    assert validate_catalogs(withdrawn, deep=True).passed


def test_a_track_whose_files_are_lost_is_not_restored(withdrawn):
    withdrawn.public.delete(make_track()[0].entry.cover_key)
    with pytest.raises(BadInput, match=r"cover\.png is not there"):
        restore(withdrawn, ID)


def test_superseded_files_go_and_the_current_ones_stay(library):
    first, files = make_track()
    publish(library)
    commit_catalogs(library)
    current = publish(library, audio=mp3(b"second")).sidecar
    commit_catalogs(library)
    assert removed(library, now=NOW + dt.timedelta(days=1)) == set()
    assert removed(library) >= {first.entry.object_key}
    assert audio_keys(library) == {current.key, *(file.key for file in current.files)}
    assert set(files) - audio_keys(library) == {first.entry.object_key}
    assert validate_catalogs(library, deep=True).passed


def test_shards_that_no_root_names_go(library):
    publish(library)
    commit_catalogs(library)
    (old,) = [info.key for info in library.public.list("catalog/shards/")]
    publish(library, "2025-01-16")
    commit_catalogs(library)
    assert removed(library, now=NOW + dt.timedelta(days=1), folder="") == set()
    assert removed(library, folder="") == {old}
    assert removed(library, folder="") == set()
    assert validate_catalogs(library, deep=True).passed


def test_a_track_id_that_looks_like_a_revision_is_a_track_of_its_own(library):
    publish(library, track_id="deep_work_daily")
    publish(library, track_id="deep_work_daily-r0123abcd")
    commit_catalogs(library)
    assert removed(library) == set()
    assert len(listed(library)) == 2


def test_files_without_a_sidecar_and_with_a_broken_one_are_left_alone(library):
    publish(library, "2025-01-14")
    publish(library, audio=mp3(b"second"))
    publish(library)
    commit_catalogs(library)
    sidecar, _ = make_track()
    library.public.put("audio/free/2025-01-14/free-2025-01-14-lost-r0123abcd.mp3", b"x")
    library.public.put(sidecar.key, b"{")
    before = audio_keys(library)
    swept = sweep(library, now=LATER)
    assert not [key for key, _ in swept.removed if key.startswith("audio/")]
    assert audio_keys(library) == before
    assert sidecar.key in swept.problems[0]


def test_a_dry_run_tells_and_removes_nothing(withdrawn):
    before = contents(withdrawn.public)
    assert removed(withdrawn, dry_run=True) == set(make_track()[1])
    assert contents(withdrawn.public) == before


@pytest.mark.parametrize("lost_reply", [False, True])
def test_a_crash_at_any_deletion_is_repaired_by_the_next_sweep(withdrawn, lost_reply):
    sidecar, files = make_track()
    for fail_at in range(1, len(files) + 1):
        store = FaultyStore(withdrawn.public, fail_at, lost_reply, only=("delete",))
        with pytest.raises(Unavailable):
            sweep(replace(withdrawn, public=store, premium=store), now=LATER)
        assert ID not in listed(withdrawn)
        with pytest.raises(BadInput, match="swept on"):
            restore(withdrawn, ID)
        publish(withdrawn)  # puts the files back; the track stays withdrawn
    sweep(withdrawn, now=LATER)
    assert audio_keys(withdrawn) == {sidecar.key}


def test_a_track_restored_while_a_sweep_looks_at_it_keeps_its_files(withdrawn):
    class Restoring(FaultyStore):
        done = False

        def get(self, key):
            found = self._store.get(key)
            if key == make_track()[0].key and not self.done:
                self.done = True
                restore(withdrawn, ID)
            return found

    store = Restoring(withdrawn.public, 0, False)
    assert removed(replace(withdrawn, public=store, premium=store)) == set()
    commit_catalogs(withdrawn)
    assert ID in listed(withdrawn)
    assert validate_catalogs(withdrawn, deep=True).passed
