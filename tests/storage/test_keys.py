"""Every key comes from one place, and only from names that are safe."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.errors import BadInput
from soundflow_assets.storage import keys
from soundflow_assets.storage.keys import TrackRef

DAY = dt.date(2025, 1, 15)
IDS = st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True)
REFS = st.builds(TrackRef, st.sampled_from(keys.TIERS), st.dates(), IDS)


def test_keys_are_those_of_the_guide():
    ref = TrackRef("free", DAY, "deep_work_daily")
    assert ref.audio_key == "audio/free/2025-01-15/free-2025-01-15-deep_work_daily.mp3"
    assert ref.sidecar_key == "audio/free/2025-01-15/free-2025-01-15-deep_work_daily.json"
    assert ref.companion_key("peaks.json") == ref.stem + ".peaks.json"
    assert keys.request_key("custom_focus_1") == "requests/premium/custom_focus_1.json"
    assert [keys.category_slug(category) for category in keys.CATEGORIES] == [
        "deep-work",
        "study",
        "relax",
        "nature",
        "flow-state",
    ]
    assert keys.category_catalog_key("flow-state") == "catalog/by-category/flow-state.json"


@given(REFS)
def test_an_id_and_a_sidecars_key_lead_back_to_the_track(ref):
    assert TrackRef.parse(ref.id) == ref
    assert keys.sidecar_ref(ref.sidecar_key) == ref
    assert keys.sidecar_ref(ref.audio_key) is None
    assert keys.sidecar_ref(ref.companion_key("peaks.json")) is None


@given(REFS, st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
def test_a_track_owns_its_keys_and_their_revisions_and_no_others(ref, sha256):
    other = TrackRef(ref.tier, ref.date, "another")
    for key in (ref.audio_key, ref.sidecar_key, ref.companion_key("cover.png")):
        assert keys.check_key(key) == key
        revised = keys.revised_key(key, sha256)
        assert ref.owns(key)
        assert ref.owns(revised)
        assert revised.endswith(key.partition(".")[2])
        assert other.owns(key) == (other == ref)


@pytest.mark.parametrize(
    "bad", ["", "Deep", "a b", "../x", "a/b", "a.b", "x" * 65, "ä", "a\n", "\x00"]
)
def test_an_id_that_could_leave_its_folder_is_refused(bad):
    for make in (lambda: TrackRef("free", DAY, bad), lambda: keys.request_key(bad)):
        with pytest.raises(BadInput, match="track id"):
            make()
    with pytest.raises(BadInput):
        TrackRef.parse(f"free-2025-01-15-{bad}")


@pytest.mark.parametrize(
    "bad", ["free-2025-13-01-x", "free-2025-02-30-x", "gold-2025-01-15-x", "x", "free-20250115-x"]
)
def test_what_is_no_public_id_is_refused(bad):
    with pytest.raises(BadInput, match="expected free- or premium-"):
        TrackRef.parse(bad)


@pytest.mark.parametrize("ending", ["json", "", ".mp3", "a/b", "MP3", "..", "a..b"])
def test_endings_that_are_no_companions_are_refused(ending):
    with pytest.raises(BadInput, match="ending"):
        TrackRef("free", DAY, "x").companion_key(ending)


@pytest.mark.parametrize("category", ["", "Deep/Work", "Tief­arbeit", "..", "a" * 65])
def test_a_category_without_a_slug_is_refused(category):
    with pytest.raises(BadInput, match="category"):
        keys.category_slug(category)
    with pytest.raises(BadInput, match="slug"):
        keys.category_catalog_key(category + "/")


def test_a_sidecar_in_the_wrong_folder_is_no_sidecar():
    assert keys.sidecar_ref("audio/free/2025-01-16/free-2025-01-15-x.json") is None
    assert keys.sidecar_ref("audio/free/2025-01-15/notes.json") is None
