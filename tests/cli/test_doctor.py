"""The doctor says what is wrong and what to do, and leaves nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Answer, Soundflow

from soundflow_assets.delivery.ffmpeg import ffmpeg_path


@pytest.fixture(autouse=True)
def ffmpeg_is_looked_for_anew() -> Iterator[None]:
    ffmpeg_path.cache_clear()
    yield
    ffmpeg_path.cache_clear()


def states(answer: Answer) -> dict[str, str]:
    return {one["check"]: one["state"] for one in answer.json["findings"]}


def test_a_sound_installation_has_no_problem(soundflow: Soundflow, bucket: Path) -> None:
    answer = soundflow("doctor", "--json")
    assert answer.code == 0, answer.out
    assert states(answer).keys() >= {
        "settings", "configuration", "bucket", "public address", "ffmpeg", "dagster",
        "dagster home", "disk", "kernel cache",
    }  # fmt: skip
    left = [path for path in bucket.rglob("*") if path.is_file() and path.parent.name != "locks"]
    assert left == []


def test_what_is_wrong_is_a_problem_with_exit_code_2(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "file" / "bucket"))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("DAGSTER_HOME", "relative")
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(tmp_path / "nowhere"))
    answer = soundflow("doctor", "--json")
    assert answer.code == 2
    wrong = {check for check, state in states(answer).items() if state == "problem"}
    assert wrong == {"bucket", "ffmpeg", "dagster home", "configuration"}
    told = soundflow("doctor")
    assert told.out.count("PROBLEM") == 4


def test_half_set_storage_is_found_and_the_rest_still_checked(
    soundflow: Soundflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_BUCKET", "music")
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", "swordfish")
    answer = soundflow("doctor", "--json")
    assert answer.code == 2
    assert states(answer)["settings"] == "problem"
    assert states(answer)["dagster"] == "ok"
    assert "swordfish" not in answer.out + answer.err


def test_a_home_without_settings_is_noted(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    assert states(soundflow("doctor", "--json"))["dagster home"] == "note"
