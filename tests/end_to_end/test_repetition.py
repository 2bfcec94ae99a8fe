"""The same day again: in another process, at the same time, under another hash seed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from week import library_in

DATE = "2025-01-15"
RENDER = (
    *("render", "--category", "Study", "--date", DATE, "--duration", "10"),
    *("--midi", "--score", "--json"),
)
DAILY = (
    *("daily", "--date", DATE, "--category", "Study", "--category", "Nature"),
    *("--duration", "10", "--json"),
)


def started(folder: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("R2_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from soundflow_assets.cli.main import main; main()", *arguments],
        env={**kept, **environ},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    report = json.loads(out)
    assert isinstance(report, dict)
    return report


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_processes_with_different_hash_seeds_make_the_same_bytes(tmp_path: Path) -> None:
    one = started(tmp_path / "a", *RENDER, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LANG="C")
    two = started(tmp_path / "b", *RENDER, PYTHONHASHSEED="2", TZ="America/Lima", LANG="C.UTF-8")
    first, second = finished(one), finished(two)
    assert first["pcm_sha256"] == second["pcm_sha256"]
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert len(hashes(tmp_path / "a")) == 6


@pytest.mark.slow
def test_the_same_day_twice_at_once_is_the_same_day_once(tmp_path: Path) -> None:
    places = {
        "DAGSTER_HOME": str(tmp_path / "home"),
        "SOUNDFLOW_BUCKET": str(tmp_path / "bucket"),
    }
    both = [started(tmp_path, *DAILY, **places) for _ in range(2)]
    reports = [finished(process) for process in both]
    assert [report["failed_checks"] for report in reports] == [[], []]
    library = library_in(tmp_path / "bucket")
    keys = [info.key for info in library.public.list("audio/")]
    assert len(keys) == 12  # two tracks: audio, sidecar, peaks, cover, score, plan; no revision
    catalog = json.loads(library.public.get("catalog/all.json").body)
    assert [entry["category"] for entry in catalog] == ["Nature", "Study"]
