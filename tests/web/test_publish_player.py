"""The player as objects of a bucket."""

import json
from pathlib import Path

import pytest

from soundflow_assets.cli.main import run
from soundflow_assets.player import PAGE_KEY, player_files, publish_player
from soundflow_assets.storage.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "bucket")


def test_every_file_lies_in_the_bucket_with_its_type(store: LocalStore) -> None:
    done = publish_player(store)
    assert len(done.written) == len(player_files())
    assert done.written[-1] == PAGE_KEY  # last: whoever opens it finds the rest
    kinds = {key: store.head(key).content_type for key in done.written}
    assert "application/octet-stream" not in kinds.values()
    assert kinds["player/js/main.js"].startswith("text/javascript")
    assert kinds["player/manifest.webmanifest"] == "application/manifest+json"
    assert {store.head(key).cache_control for key in done.written} == {"no-cache"}


def test_publishing_again_writes_nothing(store: LocalStore) -> None:
    first = publish_player(store)
    again = publish_player(store)
    assert (again.written, again.removed, again.unchanged) == ((), (), len(first.written))


def test_a_changed_file_is_written_and_one_of_an_older_player_removed(store: LocalStore) -> None:
    publish_player(store)
    store.put("player/js/main.js", b"// of yesterday")
    store.put("player/js/gone.js", b"// nobody asks for it")
    store.put("audio/free/not-ours.txt", b"stays")
    done = publish_player(store)
    assert (done.written, done.removed) == (("player/js/main.js",), ("player/js/gone.js",))
    assert store.get("audio/free/not-ours.txt").body == b"stays"


def test_a_service_is_named_in_the_configuration(store: LocalStore) -> None:
    publish_player(store, "https://api.example.com/")
    config = json.loads(store.get("player/config.json").body)
    assert config["apiBase"] == "https://api.example.com"
    publish_player(store)
    assert json.loads(store.get("player/config.json").body)["apiBase"] is None


@pytest.mark.parametrize("address", ["api.example.com", "ftp://x", "https://x/?a=b", ""])
def test_an_address_that_is_none_is_refused_and_nothing_written(
    address: str,
    store: LocalStore,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(store.root))
    assert run(["web", "publish", "--api-base", address, "--source", "local"]) == 2
    assert "expected an address like https://api.example.com" in capsys.readouterr().err
    assert list(store.list()) == []


def test_the_command_says_where_the_player_is(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(store.root))
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", "https://music.example")
    assert run(["web", "publish", "--source", "local", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["address"] == "https://music.example/player/index.html"
    assert PAGE_KEY in report["written"]
