"""`soundflow verify` believes nothing but what it has made again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import Soundflow
from configured import configs_with
from week import library_in, make

from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import free_plan

DATE = "2025-01-15"
ID = f"free-{DATE}-study_daily"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bucket with one track."""
    bucket = tmp_path_factory.mktemp("published")
    plan = free_plan(load_configs(), dt.date.fromisoformat(DATE), "study_daily", 10.0)
    make(library_in(bucket), plan, tmp_path_factory.mktemp("made"))
    return bucket


@pytest.fixture
def folder(published: Path, bucket: Path) -> Path:
    """The folder of that track in a bucket of this test's own."""
    shutil.copytree(published, bucket)
    return bucket / "audio" / "free" / DATE


def changed(path: Path, **fields: Any) -> None:
    """Change fields of the entry in a sidecar."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["entry"] |= fields
    path.write_text(json.dumps(document), encoding="utf-8")


def same(report: dict[str, Any]) -> dict[str, bool]:
    return {what: hashes["same"] for what, hashes in report["sha256"].items()}


def test_a_published_track_is_what_it_says_by_id_and_by_file(
    soundflow: Soundflow, folder: Path
) -> None:
    answer = soundflow("verify", ID, "--json")
    assert answer.code == 0, answer.out
    assert answer.json["matches"] is True
    assert same(answer.json) == dict.fromkeys(("file", "plan", "pcm", "mp3"), True)
    assert all(hashes["recorded"] for hashes in answer.json["sha256"].values())
    assert answer.json["sentences"] == []
    by_file = soundflow("verify", folder / f"{ID}.mp3")
    assert by_file.code == 0
    assert f"{ID} is what it says it is" in by_file.out


def test_a_tampered_mp3_is_found_with_the_second_it_sounds_different_from(
    soundflow: Soundflow, folder: Path
) -> None:
    path = folder / f"{ID}.mp3"
    data = bytearray(path.read_bytes())
    middle = len(data) - 10 * 24_000 // 2  # 192 kbps: 24,000 bytes a second
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    answer = soundflow("verify", path, "--json")
    assert answer.code == 1
    assert same(answer.json) == {"file": False, "plan": True, "pcm": True, "mp3": True}
    assert answer.json["differs_from_s"] == pytest.approx(5.0, abs=0.2)
    assert "the MP3 is not the one that was published" in answer.json["sentences"]


def test_other_tags_are_told_from_other_sound(soundflow: Soundflow, folder: Path) -> None:
    path = folder / f"{ID}.mp3"
    path.write_bytes(path.read_bytes().replace(b"SoundFlow Study", b"SoundFlow Stuff", 1))
    answer = soundflow("verify", ID)
    assert answer.code == 1
    assert "only its tags differ" in answer.out
    assert f"{ID} is NOT what it says it is" in answer.out


def test_a_file_that_is_gone_or_no_audio_any_more_is_a_mismatch(
    soundflow: Soundflow, folder: Path
) -> None:
    path = folder / f"{ID}.mp3"
    path.write_text("<html>not found</html>")
    answer = soundflow("verify", path)
    assert answer.code == 1
    assert "cannot be compared by ear" in answer.out
    path.unlink()
    answer = soundflow("verify", folder / f"{ID}.json")
    assert answer.code == 1
    assert "the MP3 is not there" in answer.out


def test_a_sidecar_of_another_engine_version_says_so_where_hashes_differ(
    soundflow: Soundflow, folder: Path
) -> None:
    changed(folder / f"{ID}.json", engineVersion="0")
    answer = soundflow("verify", ID, "--json")
    assert answer.code == 0, "another version that sounds the same is no difference"
    assert answer.json["engine_version"]["recorded"] == "0"
    changed(folder / f"{ID}.json", pcmSha256="0" * 64)
    answer = soundflow("verify", ID, "--json")
    assert answer.code == 1
    assert same(answer.json) == {"file": True, "plan": True, "pcm": False, "mp3": True}
    first, second = answer.json["sentences"]
    assert first.startswith("it was made by engine version 0, and this is version ")
    assert second == "made again, its samples are others"


def test_another_plan_is_found_although_it_can_be_played(
    soundflow: Soundflow, folder: Path
) -> None:
    path = folder / f"{ID}.plan.json"
    plan = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(plan | {"target_lufs": -16.0}), encoding="utf-8")
    answer = soundflow("verify", ID, "--json")
    assert answer.code == 1
    assert same(answer.json) == {"file": True, "plan": False, "pcm": False, "mp3": False}
    assert answer.json["differs_from_s"] < 0.5


def test_without_its_plan_a_track_is_planned_anew_and_a_changed_configuration_shows(
    soundflow: Soundflow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / f"{ID}.plan.json").unlink()
    assert soundflow("verify", ID).code == 0
    synth = {"cutoff": 20, "resonance": 20, "drive": 20, "space": 20}
    monkeypatch.setenv(
        "SOUNDFLOW_CONFIGS", str(configs_with(tmp_path, study_daily={"synth": synth}))
    )
    answer = soundflow("verify", ID, "--json")
    assert answer.code == 1
    assert same(answer.json) == {"file": True, "plan": False, "pcm": False, "mp3": False}
    assert any("today's configuration" in one for one in answer.json["sentences"])


def test_what_render_made_is_verified_by_its_plan(soundflow: Soundflow, tmp_path: Path) -> None:
    what = ("render", "--genre", "house", "--date", DATE, "--duration", "10", "--seed", "5")
    files = soundflow(*what, "--score", "--out", tmp_path, "--json").json["files"]
    answer = soundflow("verify", files["mp3"], "--json")
    assert answer.code == 0, answer.out
    assert answer.json["sha256"]["mp3"]["recorded"] == answer.json["sha256"]["mp3"]["found"]
    assert answer.json["sha256"]["pcm"]["recorded"] is None, "a plan alone knows no hash"
    assert soundflow("verify", files["plan.json"]).code == 0
    Path(files["mp3"]).write_bytes(b"")
    assert soundflow("verify", files["plan.json"]).code == 1


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("free-2025-01-15-nothing", "no such track in"),
        ("nothing", "neither a file nor the id of a track"),
        ("alone.mp3", "neither a sidecar nor a plan.json lies beside it"),
        ("text.txt", "expected an MP3, a sidecar or a plan.json"),
        ("broken.mp3", "broken.json: "),
        ("old.mp3", "cannot read this plan: engine_version: Field required"),
    ],
)
def test_what_nothing_is_known_of_is_exit_code_2(
    soundflow: Soundflow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("alone.mp3", "broken.mp3", "old.mp3", "text.txt"):
        Path(name).touch()
    Path("broken.json").write_text("{}")
    Path("old.plan.json").write_text("{}")
    answer = soundflow("verify", what)
    assert answer.code == 2
    assert told in answer.err
