"""Runs made by the command line: recorded where asked, and cleared up after a kill."""

import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.instance import PROCESS_TAG, open_instance
from soundflow_assets.orchestration.open_databases import OpenEventLog

PROJECT = Path(__file__).parents[2]
DAGSTERS_OWN = "telemetry: {enabled: false}\n"

# A run that takes the catalogs' place in the pool and then sleeps in it.
SLEEPER = textwrap.dedent(
    """
    import sys, time
    import dagster as dg
    from soundflow_assets.orchestration import asset_keys
    from soundflow_assets.orchestration.instance import open_instance

    @dg.asset(pool=asset_keys.CATALOG_POOL)
    def sleeper(context):
        open(sys.argv[1], "w").close()
        time.sleep(120)

    with open_instance() as opened:
        dg.materialize([sleeper], instance=opened.instance, tags=opened.tags)
    """
)


@dg.asset(pool=asset_keys.CATALOG_POOL)
def waiting() -> None:
    """Needs the same place in the pool."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    yield folder


def started_sleeper(mark: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(mark)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert process.poll() is None, "the sleeper ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def statuses() -> list[dg.DagsterRunStatus]:
    with open_instance() as opened:
        return [run.status for run in opened.instance.get_runs()]


def test_a_killed_run_is_buried_and_its_pool_slot_freed(home: Path, tmp_path: Path) -> None:
    process = started_sleeper(tmp_path / "mark")
    process.kill()
    process.wait()
    with open_instance() as opened:
        [dead] = opened.instance.get_runs()
        assert dead.status is dg.DagsterRunStatus.FAILURE
        # Would wait for ever if the dead run still held its place.
        result = dg.materialize([waiting], instance=opened.instance, tags=opened.tags)
        assert result.success


def test_a_living_run_of_another_process_is_left_alone(home: Path, tmp_path: Path) -> None:
    process = started_sleeper(tmp_path / "mark")
    try:
        assert statuses() == [dg.DagsterRunStatus.STARTED]
    finally:
        process.kill()
        process.wait()


def test_an_interrupted_run_ends_by_itself(home: Path, tmp_path: Path) -> None:
    process = started_sleeper(tmp_path / "mark")
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    assert process.returncode != 0
    [status] = statuses()
    assert status in (dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE)


def test_runs_of_other_origin_are_not_touched(home: Path) -> None:
    with open_instance() as opened:
        run = opened.instance.create_run_for_job(
            dg.Definitions([waiting]).resolve_implicit_global_asset_job_def()
        )
        opened.instance.report_run_canceling(run)
        assert PROCESS_TAG not in run.tags
    assert statuses() == [dg.DagsterRunStatus.CANCELING]


# One as the command line and the service do, one as the daemon and the UI.
OURS = """
    from soundflow_assets.orchestration.instance import open_instance as opening
    opened = lambda one: one.instance
"""
DAGSTERS = """
    import dagster as dg
    opening, opened = dg.DagsterInstance.get, lambda one: one
"""
OPENS = """
    import soundflow_assets.orchestration.open_databases  # by all, so that none is ahead
    print("ready", flush=True)
    input()
    with opening() as one:
        instance = opened(one)
        instance.get_runs(), instance.all_instigator_state(), instance.get_asset_keys()
"""


def test_several_processes_may_open_a_new_home_at_once(home: Path) -> None:
    def started(way: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(way) + textwrap.dedent(OPENS)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    processes = [started(way) for way in (OURS, DAGSTERS, DAGSTERS, DAGSTERS)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    # Two revisions in one database would be found by the next one only.
    with dg.DagsterInstance.get() as instance:
        assert (instance.get_runs(), instance.all_instigator_state()) == ([], [])


def test_no_lock_files_are_left_behind(home: Path) -> None:
    with open_instance():
        pass
    assert [path.name for path in (home / ".soundflow").iterdir()] == ["opening.lock"]


def test_without_a_home_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance() as opened:
        assert opened.instance.is_ephemeral
        assert opened.tags == {}


def test_a_relative_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "here")
    with pytest.raises(BadInput, match="absolute"), open_instance():
        pass


def test_an_unusable_home_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(Failed, match="DAGSTER_HOME"), open_instance():
        pass


@pytest.mark.parametrize("named", [True, False])
def test_runs_lie_where_dagster_itself_reads_them(home: Path, named: bool) -> None:
    """Whether the home's `dagster.yaml` names our storages, or is somebody's own."""
    if not named:
        (home / "dagster.yaml").write_text(DAGSTERS_OWN, encoding="utf-8")
    with open_instance() as opened:
        assert isinstance(opened.instance.event_log_storage, OpenEventLog)
        dg.materialize([waiting], instance=opened.instance, tags=opened.tags)
        seen_meanwhile = recorded_by_dagster(home)
    assert seen_meanwhile == recorded_by_dagster(home) == (dg.DagsterRunStatus.SUCCESS, True)


def test_sqlite_in_another_folder_is_kept_there(home: Path, tmp_path: Path) -> None:
    elsewhere = f"storage:\n  sqlite:\n    base_dir: {tmp_path}/elsewhere\n"
    (home / "dagster.yaml").write_text(elsewhere, encoding="utf-8")
    with open_instance() as opened:
        dg.materialize([waiting], instance=opened.instance, tags=opened.tags)
    assert recorded_by_dagster(home, elsewhere) == (dg.DagsterRunStatus.SUCCESS, True)
    assert not (home / "history").exists()


def test_a_process_that_lives_on_keeps_few_databases_open(home: Path) -> None:
    with open_instance() as opened:
        for _ in range(12):
            dg.materialize([waiting], instance=opened.instance, tags=opened.tags)
        files = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()]
        held = {name for name in files if name.startswith(str(home)) and name.endswith(".db")}
        assert 1 < len(held) <= 10, "eight, the table of runs, and the schedules"
        runs = opened.instance.get_runs()
        assert len(runs) == 12
        assert all(opened.instance.all_logs(run.run_id) for run in runs)


def test_the_event_log_knows_its_tables(home: Path) -> None:
    with open_instance() as opened:
        events = opened.instance.event_log_storage
        assert [events.has_table(name) for name in ("asset_keys", "elsewhere")] == [True, False]


def recorded_by_dagster(
    home: Path, configuration: str = DAGSTERS_OWN
) -> tuple[dg.DagsterRunStatus, bool]:
    """Return how the only run stands in Dagster's own storage, and whether its asset is there."""
    (home / "dagster.yaml").write_text(configuration, encoding="utf-8")
    with dg.DagsterInstance.get() as instance:
        assert not isinstance(instance.event_log_storage, OpenEventLog)
        [run] = instance.get_runs()
        return run.status, instance.get_latest_materialization_event(waiting.key) is not None
