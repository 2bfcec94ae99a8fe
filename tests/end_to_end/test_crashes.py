"""Killed in the middle of each stage: nothing half-made is listed, and the next run repairs."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from week import MONDAY, library_in

from soundflow_assets.orchestration.scratch import PREFIX, scratch_folder
from soundflow_assets.progress import STAGES

TRACK = f"free-{MONDAY}-study_daily"

# One day's track and the catalogs as `soundflow daily` makes them: undisturbed, then in one child
# for each moment, killed there, then again in some of the same places. A child of a process that
# has everything loaded is a second's work; a process of its own would be five.
DRIVER = textwrap.dedent(
    """
    import datetime as dt, json, os, signal, sys, tempfile
    from pathlib import Path
    from soundflow_assets.build import build_definitions
    from soundflow_assets.orchestration.instance import open_instance
    from soundflow_assets.orchestration.launch import make_catalogs, make_day
    from soundflow_assets.orchestration.resources.progress import Audience

    root, date, moments = Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2]), sys.argv[3]

    def make(name, stage=None, share=0.0):
        folder = root / name
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        os.environ["SOUNDFLOW_BUCKET"] = str(folder / "bucket")
        tempfile.tempdir = str(folder / "tmp")

        def on_event(event):
            if event.stage == stage and event.progress >= share:
                os.kill(os.getpid(), signal.SIGKILL)

        definitions = build_definitions(resource_overrides={"audience": Audience(on_event)})
        with open_instance() as opened:
            day = make_day(definitions, opened, date, ["study_daily"], 10.0)
            return day.succeeded and make_catalogs(definitions, opened).succeeded

    def in_child(*arguments):
        child = os.fork()
        if child == 0:
            os._exit(0 if make(*arguments) else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    print(json.dumps([0 if make("undisturbed") else 1]))
    moments, again = json.loads(moments)
    print(json.dumps([in_child(name, stage, share) for name, stage, share in moments]), flush=True)
    sys.stdin.readline()
    print(json.dumps([in_child(name) for name in again]))
    """
)

# Halfway through the upload some files are in the bucket and the sidecar is not.
MOMENTS = [
    (f"{stage}-{share:g}", stage, share)
    for stage, share in [*((stage, 0.0) for stage in STAGES), ("render", 0.5), ("upload", 0.4)]
]
REPAIRED = ["render-0.5", "encode-0", "upload-0.4"]


def state(folder: Path) -> dict[str, str]:
    """Return every object of the bucket with its hash."""
    return {info.key: info.etag for info in library_in(folder / "bucket").public.list()}


@pytest.mark.slow
def test_a_kill_in_any_stage_lists_nothing_and_the_next_run_repairs(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name[:3] != "R2_"}
    kept.pop("DAGSTER_HOME", None)
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path), str(MONDAY), json.dumps([MOMENTS, REPAIRED])],
        # The address of a local bucket is its folder, which differs between them.
        env={**kept, "FREE_PUBLIC_BASE_URL": "https://music.example"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert driver.stdin is not None
    assert driver.stdout is not None
    assert json.loads(driver.stdout.readline()) == [0]
    assert json.loads(driver.stdout.readline()) == [-signal.SIGKILL] * len(MOMENTS)
    for name, _, _ in MOMENTS:
        assert not [key for key in state(tmp_path / name) if key.endswith(f"{TRACK}.json")]
    assert state(tmp_path / "upload-0.4"), "the upload was killed before it had begun"
    driver.stdin.write("go on\n")
    driver.stdin.flush()
    assert json.loads(driver.stdout.readline()) == [0] * len(REPAIRED)
    assert driver.wait(timeout=60) == 0
    for name in REPAIRED:
        assert state(tmp_path / name) == state(tmp_path / "undisturbed")


def test_what_a_killed_process_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    dead = tmp_path / f"{PREFIX}dead"
    (dead / "files").mkdir(parents=True)
    os.utime(dead, (0, 0))
    with scratch_folder() as alive:
        os.utime(alive.parent, (0, 0))
        assert not dead.exists()
        with scratch_folder():
            assert alive.is_dir()
    assert list(tmp_path.iterdir()) == []
