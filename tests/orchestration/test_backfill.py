"""A month at once: launched as the asset graph launches it, run by the daemon, side by side."""

import datetime as dt
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from configured import configs_with

from soundflow_assets.catalog.library import open_library
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.orchestration.instance import open_instance
from soundflow_assets.settings import load_settings

PROJECT = Path(__file__).parents[2]
FIRST = dt.date(2025, 3, 1)
DAYS = [FIRST + dt.timedelta(days=number) for number in range(30)]
POISONED = DAYS[9]
TRACKS = ("study_daily", "relax_daily")
A_HANDFUL = 6
LAUNCH = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home with the project's settings, and a plan of short tracks."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", folder)
    configs = configs_with(tmp_path)
    plan = yaml.safe_load((configs / "free_daily_plan.yaml").read_text(encoding="utf-8"))
    plan["defaults"] |= {"duration_sec": 10, "outputs": []}
    (configs / "free_daily_plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    for name in list(os.environ):
        if name.startswith(("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "bucket"))
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(configs))
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", "https://music.example")
    return folder


@pytest.fixture
def daemon(home: Path) -> Iterator[None]:
    """What `make dev` runs beside the UI: schedules, sensors, automation, backfills, the queue."""
    with (home / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [tool("dagster-daemon"), "run", "-w", str(PROJECT / "workspace.yaml")],
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def launch(days: list[dt.date]) -> None:
    """Ask for a backfill as the asset graph of the UI does."""
    params = {
        "assetSelection": [{"path": ["free", track]} for track in TRACKS],
        "partitionNames": [day.isoformat() for day in days],
        "fromFailure": False,
    }
    answer = subprocess.run(
        [
            tool("dagster-graphql"), "-w", str(PROJECT / "workspace.yaml"),
            "-t", LAUNCH, "-v", json.dumps({"params": params}),
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "LaunchBackfillSuccess" in answer.stdout, answer.stdout


def runs_of(instance: dg.DagsterInstance) -> tuple[list[dg.RunRecord], list[dg.RunRecord]]:
    """Return the runs of days and those that made the catalogs."""
    records = instance.get_run_records()
    days = [one for one in records if "dagster/partition" in one.dagster_run.tags]
    return days, [one for one in records if one not in days]


def wait_for(instance: dg.DagsterInstance, runs: int, done: Any, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        days, rebuilds = runs_of(instance)
        every = [one.dagster_run for one in (*days, *rebuilds)]
        if len(days) == runs and all(run.is_finished for run in every) and done():
            return
        time.sleep(2)
    told = [(one.dagster_run.tags.get("dagster/partition"), one.dagster_run.status) for one in days]
    raise AssertionError(f"{len(days)} of {runs} runs after {limit_s:g} s: {told}")


def listed(days: list[dt.date]) -> bool:
    """Whether exactly the tracks of these days are in the catalogs."""
    library = open_library(load_settings())
    try:
        entries = json.loads(library.public.get("catalog/all.json").body)
    except Exception:
        return False
    return {entry["id"] for entry in entries} == {
        f"free-{day}-{track}" for day in days for track in TRACKS
    }


@pytest.mark.slow
def test_a_month_is_backfilled_and_a_poisoned_date_fails_alone(
    home: Path, daemon: None, tmp_path: Path
) -> None:
    poison = tmp_path / "bucket/audio/free" / POISONED.isoformat()
    poison.parent.mkdir(parents=True)
    poison.write_text("a file where the day's folder has to be", encoding="utf-8")
    launch(DAYS)
    good = [day for day in DAYS if day != POISONED]
    with open_instance() as opened:
        wait_for(opened.instance, 30, lambda: listed(good), 2400)
        days, rebuilds = runs_of(opened.instance)
    failed = [
        one.dagster_run.tags["dagster/partition"] for one in days if not one.dagster_run.is_success
    ]
    assert failed == [POISONED.isoformat()]
    assert 1 <= len(rebuilds) <= A_HANDFUL
    spans = sorted((one.start_time, one.end_time) for one in days)
    assert any(following < end for (_, end), (following, _) in itertools.pairwise(spans))
    library = open_library(load_settings())
    assert validate_catalogs(library, deep=True).violations == ()

    poison.unlink()
    launch([POISONED])
    with open_instance() as opened:
        wait_for(opened.instance, 31, lambda: listed(DAYS), 900)
    assert validate_catalogs(library, deep=True).violations == ()
