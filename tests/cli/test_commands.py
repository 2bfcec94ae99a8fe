"""The commands, on an empty local bucket, with tracks of ten seconds."""

import json
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from command_line import Soundflow
from configured import ONLY_BASS, SILENCE, configs_with

from soundflow_assets.delivery.decode import decode

DATE = "2025-01-15"
STUDY = f"free-{DATE}-study_daily"


def test_daily_makes_the_day_and_says_where_it_is(soundflow: Soundflow, bucket: Path) -> None:
    answer = soundflow("daily", "--date", DATE, "--category", "Study", "--duration", "10")
    assert answer.code == 0
    path = bucket / "audio" / "free" / DATE / f"{STUDY}.mp3"
    assert str(path) in answer.out
    assert decode(path).duration_s == 10.0
    assert "1 of 1 tracks, 8 catalogs" in answer.out
    assert answer.err == "study_daily: published\n"
    assert soundflow("catalog", "validate", "--deep").code == 0
    shown = soundflow("catalog", "show", "--category", "study", "--json").json
    assert [track["id"] for track in shown["tracks"]] == [STUDY]
    assert soundflow("catalog", "show", "--tier", "premium").out == "0 of 0 tracks\n"


def test_daily_reports_in_one_json_object(soundflow: Soundflow) -> None:
    answer = soundflow(
        "daily", "--date", DATE, "--category", "nature_daily", "--duration", "0:10", "--json"
    )
    assert answer.err == ""
    [track] = answer.json["tracks"]
    assert track["error"] is None
    assert track["duration_s"] == 10
    assert len(answer.json["catalogs"]) == 8
    assert Path(track["file"]).is_file()


def test_daily_records_its_runs_where_dagster_lives(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    soundflow("daily", "--date", DATE, "--category", "Nature", "--duration", "10")
    with dg.DagsterInstance.get() as instance:
        jobs = {run.job_name: run.status for run in instance.get_runs()}
    assert jobs == dict.fromkeys(("daily_free", "rebuild_catalogs"), dg.DagsterRunStatus.SUCCESS)


def test_a_gate_that_refuses_is_exit_code_2_and_a_failure_1(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = configs_with(tmp_path, study_daily=ONLY_BASS, relax_daily=SILENCE)
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(folder))
    day = ("daily", "--date", DATE, "--duration", "10")
    refused = soundflow(*day, "--category", "Study")
    assert refused.code == 2
    assert "study_daily: free-2025-01-15-study_daily is not published" in refused.err
    assert "stereo: channels correlate by 1.000" in refused.err
    failed = soundflow(*day, "--category", "Relax")
    assert failed.code == 1
    assert "no stem sounds" in failed.err
    assert soundflow("catalog", "show", "--json").json["count"] == 0


def test_render_writes_the_track_and_its_insides(soundflow: Soundflow, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = soundflow(
        *("render", "--genre", "house", "--date", DATE, "--duration", "10", "--out", out),
        *("--stems", "--stems-archive", "--midi", "--score", "--json"),
    )
    assert answer.code == 0
    files = answer.json["files"]
    assert {"mp3", "mid", "plan.json", "score.json", "cover.png", "stems.zip"} <= files.keys()
    assert {"stems/drums.flac", "stems/music.flac", "stems/stems.json"} <= files.keys()
    assert all(Path(path).is_file() for path in files.values())
    assert not list(out.glob("stems-*"))
    assert json.loads(Path(files["plan.json"]).read_text(encoding="utf-8"))["genre"] == "house"
    mixed = decode(files["stems/music.flac"]).audio + decode(files["stems/bed.flac"]).audio
    assert mixed.shape == (2, 10 * 44100)
    # As loud as the desk works: level with each other, not each at full scale.
    assert 0.01 < float(np.sqrt(np.mean(np.square(mixed)))) < 0.5


def test_a_published_track_has_a_loop_that_its_entry_describes(
    soundflow: Soundflow, bucket: Path
) -> None:
    soundflow("daily", "--date", DATE, "--category", "Deep Work", "--duration", "90")
    [track] = soundflow("catalog", "show", "--category", "deep-work", "--json").json["tracks"]
    loop, path = track["loop"], bucket / track["loop"]["key"]
    assert path.name == f"free-{DATE}-deep_work_daily.loop.ogg"
    assert decode(path).samples == loop["endSample"] - loop["startSample"]
    assert loop["bars"] % 8 == 0
    assert loop["bytes"] == path.stat().st_size
    assert loop["durationSec"] == pytest.approx(decode(path).duration_s, abs=1e-6)
    assert soundflow("catalog", "validate", "--deep").code == 0


def test_a_track_too_short_for_the_loop_that_was_asked_for_is_exit_code_2(
    soundflow: Soundflow, tmp_path: Path
) -> None:
    what = ("render", "--genre", "house", "--date", DATE, "--duration", "10", "--loop")
    answer = soundflow(*what, "--out", tmp_path / "out")
    assert answer.code == 2
    assert "has no loop: nothing of 8 bars or more" in answer.err
    assert not list((tmp_path / "out").glob("*.ogg"))


def test_render_without_extras_leaves_three_files(soundflow: Soundflow, tmp_path: Path) -> None:
    answer = soundflow(
        "render",
        "--category",
        "Nature",
        "--date",
        DATE,
        "--duration",
        "10",
        "--out",
        tmp_path / "o",
    )
    assert answer.code == 0
    names = sorted(path.name for path in (tmp_path / "o").iterdir())
    stem = f"free-{DATE}-nature_daily"
    assert names == [f"{stem}.cover.png", f"{stem}.mp3", f"{stem}.peaks.json"]


def test_the_seed_decides_what_is_drawn(soundflow: Soundflow, tmp_path: Path) -> None:
    def hash_of(seed: int) -> str:
        answer = soundflow(
            *("render", "--genre", "ambient", "--date", DATE, "--duration", "10"),
            *("--seed", seed, "--out", tmp_path / "out", "--json"),
        )
        return str(answer.json["pcm_sha256"])

    assert hash_of(1) == hash_of(1) != hash_of(2)


def test_render_into_a_place_that_cannot_be(soundflow: Soundflow, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = soundflow("render", "--genre", "house", "--out", tmp_path / "file" / "out")
    assert answer.code == 2
    assert "--out" in answer.err


def test_measure_reports_each_file_and_names_the_unreadable(
    soundflow: Soundflow, tmp_path: Path
) -> None:
    tone = tmp_path / "tone.wav"
    _write_tone(tone)
    (tmp_path / "page.mp3").write_text("<html>not found</html>")
    answer = soundflow("measure", tone, tmp_path / "page.mp3", "--json")
    assert answer.code == 2
    good, bad = answer.json["files"]
    names = {one["name"]: one["value"] for one in good["indicators"]}
    assert names["duration"] == 2.0
    assert bad["error"]
    assert "page.mp3" in answer.err
    assert "integrated" in soundflow("measure", tone).out


def test_rebuild_repairs_catalogs_from_the_sidecars(soundflow: Soundflow, bucket: Path) -> None:
    soundflow("daily", "--date", DATE, "--category", "Nature", "--duration", "10")
    before = (bucket / "catalog" / "all.json").read_bytes()
    shutil.rmtree(bucket / "catalog")
    shutil.rmtree(bucket / ".soundflow" / "meta" / "catalog")
    assert soundflow("catalog", "validate").code == 2
    answer = soundflow("catalog", "rebuild", "--json")
    assert answer.code == 0
    assert answer.json["counts"]["all"] == 1
    assert (bucket / "catalog" / "all.json").read_bytes() == before
    assert soundflow("catalog", "validate").code == 0


def test_show_before_there_is_anything_says_what_to_do(soundflow: Soundflow) -> None:
    answer = soundflow("catalog", "show")
    assert answer.code == 1
    assert "soundflow catalog rebuild" in answer.err


def test_an_unknown_category_of_the_catalogs_lists_the_known(soundflow: Soundflow) -> None:
    soundflow("catalog", "rebuild")
    answer = soundflow("catalog", "show", "--category", "polka")
    assert answer.code == 2
    assert "deep-work, flow-state, nature, relax, study" in answer.err


def _write_tone(path: Path) -> None:
    times = np.arange(2 * 44100) / 44100
    tone = (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(np.repeat(tone, 2).tobytes())
