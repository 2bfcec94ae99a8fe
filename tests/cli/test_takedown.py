"""Taking tracks out of the catalogs from the command line."""

import json
from pathlib import Path

import pytest
from command_line import Soundflow
from published_tracks import publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.storage.local import LocalStore

ID = "free-2025-01-15-deep_work_daily"


@pytest.fixture
def stored(bucket: Path) -> Library:
    library = Library(LocalStore(bucket), LocalStore(bucket), bucket.absolute().as_uri())
    publish(library, url=f"{library.public_base_url}/audio/free/2025-01-15/{ID}.mp3")
    commit_catalogs(library)
    return library


def listed(soundflow: Soundflow) -> list[str]:
    return [track["id"] for track in soundflow("catalog", "show", "--json").json["tracks"]]


def test_a_track_is_removed_with_a_reason_and_restored(
    soundflow: Soundflow, stored: Library
) -> None:
    answer = soundflow("catalog", "remove", ID, "--why", "wrong cover", "--json")
    assert (answer.code, answer.json["why"], answer.json["id"]) == (0, "wrong cover", ID)
    assert listed(soundflow) == []
    sidecar = json.loads(stored.public.get(f"audio/free/2025-01-15/{ID}.json").body)
    assert sidecar["withdrawn"]["why"] == "wrong cover"
    again = soundflow("catalog", "remove", ID, "--why", "another reason")
    assert "wrong cover" in again.out
    assert soundflow("catalog", "restore", ID).code == 0
    assert listed(soundflow) == [ID]
    assert soundflow("catalog", "validate").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["remove", "../etc", "--why", "x"], "expected free- or premium-"),
        (["remove", "free-2025-01-15-nobody", "--why", "x"], "no such track"),
        (["remove", ID, "--why", " "], "why: 0 characters, expected 1 to 500"),
        (["remove", ID], "--why"),
        (["restore", "free-2025-01-15-nobody"], "no such track"),
        (["sweep", "--older-than", "0"], "0 is not in the range"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    soundflow: Soundflow, stored: Library, arguments: list[str], said: str
) -> None:
    answer = soundflow("catalog", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert listed(soundflow) == [ID]


def test_a_sweep_tells_what_it_would_do_and_spares_what_is_young(
    soundflow: Soundflow, stored: Library
) -> None:
    soundflow("catalog", "remove", ID, "--why", "wrong")
    answer = soundflow("catalog", "sweep", "--dry-run", "--json")
    assert answer.json == {"dry_run": True, "removed": [], "freed_bytes": 0, "problems": []}
    assert "0 objects, 0.0 MB removed" in soundflow("catalog", "sweep").out
    assert stored.public.head(f"audio/free/2025-01-15/{ID}.mp3")


def test_show_says_where_the_catalogs_end(
    soundflow: Soundflow, stored: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "newest" not in soundflow("catalog", "show").out
    publish(stored, "2025-01-16")
    monkeypatch.setenv("SOUNDFLOW_CATALOG_LIMIT", "1")
    soundflow("catalog", "rebuild")
    told = soundflow("catalog", "show").out
    assert "1 of 1 tracks" in told
    assert "the catalogs list the newest 1 of 2 tracks" in told
