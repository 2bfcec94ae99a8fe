"""A track becomes public whole, once, and is never overwritten."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from published_tracks import FaultyStore, contents, make_track, mp3, publish

from soundflow_assets.catalog.publish import FOR_EVER, PRIVATE, publish_track
from soundflow_assets.catalog.sidecar import Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.store import Unavailable


def stored_sidecar(library, sidecar) -> Sidecar:
    return parse_sidecar(library.store(sidecar.entry.tier).get(sidecar.key).body, sidecar.key)


def test_a_track_is_stored_with_its_sidecar_last(library):
    sidecar, files = make_track()
    result = publish(library)
    assert result.outcome == "created"
    assert result.written[0] == sidecar.entry.object_key
    assert result.written[-1] == sidecar.key
    assert set(result.written) == {*files, sidecar.key}
    assert stored_sidecar(library, sidecar) == sidecar


def test_audio_may_be_cached_for_ever_and_its_sidecar_not(library):
    sidecar, _ = make_track()
    publish(library)
    audio = library.public.head(sidecar.entry.object_key)
    assert (audio.content_type, audio.cache_control) == ("audio/mpeg", FOR_EVER)
    assert library.public.head(sidecar.key).cache_control == "public, max-age=60"


def test_nothing_of_a_premium_track_may_be_cached_or_lies_in_the_public_bucket(two_buckets):
    publish(two_buckets, tier="premium")
    assert list(two_buckets.public.list()) == []
    stored = [two_buckets.premium.head(info.key) for info in two_buckets.premium.list("audio/")]
    assert len(stored) == 4
    assert {info.cache_control for info in stored} == {PRIVATE}


def test_publishing_again_writes_nothing(library):
    publish(library)
    before = contents(library.public)
    result = publish(library)
    assert (result.outcome, result.written) == ("unchanged", ())
    assert contents(library.public) == before


def test_other_bytes_get_an_address_of_their_own_and_the_old_ones_stay(library):
    first, _ = make_track()
    publish(library)
    result = publish(library, audio=b"other audio")
    entry = result.sidecar.entry
    assert result.outcome == "revised"
    assert entry.object_key == first.entry.object_key.replace(".mp3", f"-r{entry.sha256[:8]}.mp3")
    assert entry.url == f"https://media.example/{entry.object_key}"
    assert entry.cover_key == first.entry.cover_key
    assert library.public.get(entry.object_key).body == b"other audio"
    assert library.public.get(first.entry.object_key).body == mp3(entry.id.encode())
    assert stored_sidecar(library, first) == result.sidecar


def test_only_the_file_that_changed_moves(library):
    publish(library)
    result = publish(library, cover=b"another cover")
    assert [key for key in result.written if "-r" in key] == [result.sidecar.entry.cover_key]
    assert result.sidecar.entry.object_key.endswith("deep_work_daily.mp3")


def test_going_back_to_the_first_bytes_goes_back_to_the_first_address(library):
    first = publish(library)
    publish(library, audio=b"other audio")
    again = publish(library)
    assert again.outcome == "revised"
    assert again.sidecar == first.sidecar


def test_files_other_than_described_are_refused_before_anything_is_stored(library):
    sidecar, files = make_track()
    wrong = {**files, sidecar.entry.object_key: (b"not the audio", "audio/mpeg")}
    fewer = dict(list(files.items())[:2])
    for given in (wrong, fewer):
        with pytest.raises(BadInput):
            publish_track(library.public, sidecar, given)
    assert list(library.public.list()) == []


def test_paths_are_published_like_bytes(library, tmp_path):
    sidecar, files = make_track()
    paths = {}
    for number, (key, (body, content_type)) in enumerate(files.items()):
        path = tmp_path / str(number)
        path.write_bytes(body)
        paths[key] = (path, content_type)
    publish_track(library.public, sidecar, paths)
    assert {key: library.public.get(key).body for key in files} == {
        key: body for key, (body, _) in files.items()
    }


def test_a_broken_sidecar_is_repaired_by_publishing_again(library):
    sidecar, _ = make_track()
    publish(library)
    library.public.put(sidecar.key, b'{"entry": tru')
    assert publish(library).outcome == "revised"
    assert stored_sidecar(library, sidecar) == sidecar


def test_progress_rises_from_nothing_to_all(library):
    shares = []
    sidecar, files = make_track()
    publish_track(library.public, sidecar, files, shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_the_same_track_published_by_eight_at_once_is_published_once(library):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: publish(library), range(8)))
    assert sorted(result.outcome for result in results) == ["created"] + ["unchanged"] * 7
    assert len(list(library.public.list("audio/"))) == 4


def test_eight_versions_published_at_once_leave_one_whole_track(library):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: publish(library, audio=b"version %d" % n), range(8)))
    sidecar = stored_sidecar(library, make_track()[0])
    for file in sidecar.files:
        assert library.public.head(file.key).sha256 == file.sha256


@pytest.mark.parametrize("lost_reply", [False, True])
@pytest.mark.parametrize("revising", [False, True])
def test_whatever_call_fails_the_next_run_ends_in_the_same_state(tmp_path, lost_reply, revising):
    def prepared(name):
        store = LocalStore(tmp_path / name)
        if revising:
            publish_track(store, *make_track())
        return store

    wanted = make_track(audio=b"the new audio")
    undisturbed = FaultyStore(prepared("undisturbed"), 0, False)
    publish_track(undisturbed, *wanted)
    assert undisturbed.calls >= 7
    for fail_at in range(1, undisturbed.calls + 1):
        store = prepared(f"run {fail_at}")
        with pytest.raises(Unavailable):
            publish_track(FaultyStore(store, fail_at, lost_reply), *wanted)
        sidecars = list(store.list(wanted[0].key))
        if sidecars:
            for file in parse_sidecar(store.get(wanted[0].key).body, wanted[0].key).files:
                assert store.head(file.key).sha256 == file.sha256
        publish_track(store, *wanted)
        assert contents(store) == contents(undisturbed)


def test_an_object_that_is_damaged_in_the_bucket_is_not_counted_as_published(library):
    sidecar, _ = make_track()
    key = sidecar.entry.object_key
    library.public.put(key, b"damaged")
    library.public.put(key.replace(".mp3", f"-r{sidecar.entry.sha256[:8]}.mp3"), b"damaged too")
    with pytest.raises(Failed, match="neither it nor its revision holds"):
        publish(library)
