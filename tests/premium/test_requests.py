"""Requests: every wrong field has its sentence, and what is stored is stored once."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.brief import brief_of
from soundflow_assets.premium.request import PremiumRequest, make_request
from soundflow_assets.premium.requests import (
    put_by_people,
    read_request,
    store_request,
    stored_requests,
)
from soundflow_assets.settings import load_settings
from soundflow_assets.storage.keys import CATEGORIES, request_key
from soundflow_assets.storage.local import LocalStore

DAY = dt.date(2026, 3, 1)


def asked(**changes: Any) -> PremiumRequest:
    fields = {"track_id": "custom_focus_1", "category": "Deep Work", "date": DAY}
    return make_request(fields | changes)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("category", "Polka", "allowed: Deep Work, Study, Relax, Nature, Flow State"),
        ("model", "musicgen-huge", "allowed: musicgen-stereo-large"),
        ("gpu_provider", "aws", "allowed: local, manual, modal, replicate, runpod"),
        ("duration", 5, "expected 10 to 900 seconds"),
        ("duration", 901, "expected 10 to 900 seconds"),
        ("duration", float("nan"), "expected 10 to 900 seconds"),
        ("track_id", "../../etc/passwd", "expected 1 to 64 of a-z"),
        ("track_id", "a" * 65, "expected 1 to 64"),
        ("track_id", "", "expected 1 to 64"),
        ("key", "H", "unknown key 'H'"),
        ("bpm", -1, "bpm"),
        ("prompt", "x" * 2001, "prompt"),
        ("tempo", 3, "there is no such field; allowed: track_id"),
        ("finishing", {"sidechain": 2}, "finishing.sidechain"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(field: str, value: object, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        asked(**{field: value})
    assert said in str(refused.value)
    assert field in str(refused.value)


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        asked(category="Polka", duration=1, gpu_provider="aws")
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize("spelled", ["deep work", "deep-work", "deep_work", "Deep Work"])
def test_a_category_may_be_spelled_as_its_slug(spelled: str) -> None:
    assert asked(category=spelled).category == "Deep Work"


def test_a_request_reads_back_as_it_was_stored(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    request = asked(prompt="soft rain and piano", finishing={"exciter": 0.5})
    assert store_request(store, request) == request
    assert read_request(store, "custom_focus_1", DAY) == request
    assert [found for found, _ in stored_requests(store)] == ["custom_focus_1"]


def test_the_same_request_on_another_day_is_the_same_track(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    first = store_request(store, asked())
    assert store_request(store, asked(date=dt.date(2026, 3, 9))) == first


def test_another_request_under_a_taken_id_is_refused_unless_it_is_a_revision(
    tmp_path: Path,
) -> None:
    store = LocalStore(tmp_path)
    first = store_request(store, asked())
    with pytest.raises(BadInput, match=r"is taken.*differing: seed.*ask for revision 2"):
        store_request(store, asked(seed=7))
    second = store_request(store, asked(seed=7, revision=2))
    assert read_request(store, "custom_focus_1", DAY) == second
    kept = json.loads(store.get("requests/premium/custom_focus_1.r1.json").body)
    assert PremiumRequest.model_validate(kept) == first
    assert [found for found, _ in stored_requests(store)] == ["custom_focus_1"]
    with pytest.raises(BadInput, match="ask for revision 3"):
        store_request(store, asked())


def test_a_request_put_there_by_hand_is_completed_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(request_key("hand_made"), b'{"category": "Study", "duration": 30}')
    read = read_request(store, "hand_made", DAY)
    assert (read.date, read.duration, read.track_id) == (DAY, 30.0, "hand_made")
    # A later day does not move it: the date was written down.
    assert read_request(store, "hand_made", dt.date(2027, 1, 1)) == read


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "not JSON"),
        (b"[1]", "expected a JSON object"),
        (b'{"category": "Polka"}', "unknown category 'Polka'"),
        (b"{}", "category: Field required"),
        (b'{"category": "Study", "track_id": "other"}', "the object's name says another"),
    ],
)
def test_a_wrong_request_object_is_named(tmp_path: Path, body: bytes, said: str) -> None:
    store = LocalStore(tmp_path)
    store.put(request_key("hand_made"), body)
    with pytest.raises(BadInput, match=said) as refused:
        read_request(store, "hand_made", DAY)
    assert "requests/premium/hand_made.json" in str(refused.value)
    assert store.get(request_key("hand_made")).body == body


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_alone_is_a_whole_brief(category: str) -> None:
    brief = brief_of(asked(category=category), load_settings({}))
    assert brief.prompt.category == category
    assert brief.rendered.text
    assert brief == brief_of(asked(category=category), load_settings({}))
    assert brief.seed != brief_of(asked(category=category, revision=2), load_settings({})).seed


def test_own_words_keep_tempo_and_key_of_the_request() -> None:
    brief = brief_of(asked(prompt="jazz piano, 90 bpm", bpm=100, key="Eb"), load_settings({}))
    assert (brief.bpm, brief.key) == (100, "Eb")
    assert "100 bpm" in brief.rendered.text
    assert brief.title == "Custom Focus 1"


def test_verbatim_prompts_are_left_alone() -> None:
    words = "exactly these words, 90 bpm"
    brief = brief_of(asked(prompt=words, enhance="off"), load_settings({}))
    assert brief.rendered.text == words
    assert brief.bpm == 90


def test_a_commercial_channel_refuses_noncommercial_weights_unless_acknowledged() -> None:
    commercial = load_settings({"SOUNDFLOW_PREMIUM_CHANNEL": "commercial"})
    with pytest.raises(BadInput, match=r"CC-BY-NC 4\.0.*acestep-v15-xl-turbo"):
        brief_of(asked(), commercial)
    assert brief_of(asked(acknowledge_noncommercial=True), commercial).model.license == (
        "CC-BY-NC-4.0"
    )
    assert brief_of(asked(model="acestep-v15-xl-turbo"), commercial).model.commercial


def test_a_folder_whose_licence_is_unknown_is_not_commercial(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "musicgen"}')
    commercial = load_settings({"SOUNDFLOW_PREMIUM_CHANNEL": "commercial"})
    with pytest.raises(BadInput, match="names no licence"):
        brief_of(asked(model=str(tmp_path)), commercial)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
    assert brief_of(asked(model=str(tmp_path)), commercial).model.license == "MIT"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"neither config\.json nor model_index\.json"):
        asked(model=str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(BadInput, match="model_type 'bert'; allowed: musicgen"):
        asked(model=str(tmp_path))


def test_an_object_that_was_overwritten_by_hand_needs_a_new_revision(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(request_key("hand_made"), b'{"category": "Study"}')
    read_request(store, "hand_made", DAY)
    store.put(request_key("hand_made"), b'{"category": "Relax"}')
    with pytest.raises(BadInput, match=r"is taken.*differing: category.*ask for revision 2"):
        read_request(store, "hand_made", DAY)
    store.put(request_key("hand_made"), b'{"category": "Relax", "revision": 2}')
    assert read_request(store, "hand_made", DAY).category == "Relax"


def test_who_put_a_request_there_is_known(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store_request(store, asked())
    store.put(request_key("hand_made"), b'{"category": "Study"}')
    assert not put_by_people(store, "custom_focus_1")
    assert put_by_people(store, "hand_made")
    read_request(store, "hand_made", DAY)
    assert not put_by_people(store, "hand_made")
