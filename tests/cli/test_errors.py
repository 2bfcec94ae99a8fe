"""Whatever goes wrong is one sentence on stderr and an exit code; never a traceback."""

from pathlib import Path

import pytest
from command_line import Soundflow

DATE = "2025-01-15"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "nonsense"),
        (["daily", "--date", "15.01.2025"], "YYYY-MM-DD"),
        (["daily", "--date", "2024-12-31"], "2025-01-01"),
        (["daily", "--date", "2999-01-01"], "today in UTC"),
        (["daily", "--category", "Deep Wrok"], "known: Deep Work, Study, Relax, Nature"),
        (["daily", "--duration", "7200"], "allowed: 10 to 3600"),
        (["daily", "--duration", "-3"], "allowed: 10 to 3600"),
        (["render"], "--category or --genre"),
        (["render", "--genre", "polka"], "known: ambient, bass"),
        (["render", "--category", "Study", "--seed", "-1"], "--seed"),
        (["measure", "nowhere.mp3"], "nowhere.mp3"),
        (["catalog", "validate", "--tier", "gold"], "gold"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_in_one_sentence(
    soundflow: Soundflow, arguments: list[str], says: str, bucket: Path
) -> None:
    answer = soundflow(*arguments)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert not bucket.exists()


def test_half_set_storage_names_what_is_missing(
    soundflow: Soundflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_ENDPOINT", "https://account.r2.cloudflarestorage.com")
    answer = soundflow("daily", "--date", DATE)
    assert answer.code == 2
    assert "R2_SECRET_ACCESS_KEY" in answer.err


def test_broken_configuration_names_file_and_field(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "free_daily_plan.yaml").write_text("version: 1\ntracks: {}\n")
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(folder))
    answer = soundflow("daily", "--date", DATE)
    assert answer.code == 2
    assert "free_daily_plan.yaml: tracks" in answer.err


def test_json_holds_one_object_also_when_refused(soundflow: Soundflow) -> None:
    answer = soundflow("daily", "--date", "never", "--json")
    assert answer.json["exit_code"] == answer.code == 2
    assert "never" in answer.json["error"]


def test_debug_shows_where_an_error_arose_wherever_it_stands(soundflow: Soundflow) -> None:
    for arguments in (["--debug", "render"], ["render", "--debug"]):
        answer = soundflow(*arguments)
        assert "Traceback" in answer.err
        assert answer.code == 2


def test_help_needs_no_environment(soundflow: Soundflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("R2_ENDPOINT", "half set")
    for arguments in (["--help"], ["daily", "--help"], ["catalog", "--help"], ["--version"]):
        answer = soundflow(*arguments)
        assert answer.code == 0
        assert "soundflow" in answer.out
