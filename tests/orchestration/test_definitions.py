"""The graph is exactly what it is meant to be; whoever adds to it says so here."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from soundflow_assets.build import build_definitions, executor_for
from soundflow_assets.errors import BadInput
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.assets import free, premium
from soundflow_assets.orchestration.checks import catalogs
from soundflow_assets.orchestration.partitions import daily_tracks
from soundflow_assets.orchestration.schedules import daily_free_schedule
from soundflow_assets.settings import load_settings

PROJECT = Path(__file__).parents[2]
FREE = {
    "free/deep_work_daily",
    "free/study_daily",
    "free/relax_daily",
    "free/nature_daily",
    "free/flow_state_daily",
}
CATALOGS = {
    "catalog/free",
    "catalog/premium",
    "catalog/all",
    "catalog/by-category/deep-work",
    "catalog/by-category/study",
    "catalog/by-category/relax",
    "catalog/by-category/nature",
    "catalog/by-category/flow-state",
}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions(settings=load_settings({}))


def test_the_graph_has_five_tracks_premium_and_eight_catalogs(definitions: dg.Definitions) -> None:
    keys = {key.to_user_string() for key in definitions.resolve_asset_graph().get_all_asset_keys()}
    assert keys == FREE | {"premium/track"} | CATALOGS


def test_catalogs_follow_from_every_track(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for name in CATALOGS:
        parents = graph.get(dg.AssetKey(name.split("/"))).parent_keys
        assert {key.to_user_string() for key in parents} == FREE | {"premium/track"}


def test_every_track_and_the_catalogs_have_their_checks(definitions: dg.Definitions) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    found = {(key.asset_key.to_user_string(), key.name) for key in keys}
    tracks = {(track, check) for track in FREE for check in free.CHECKS}
    listed = {(f"catalog/{catalog}", check) for check, (catalog, _) in catalogs.CHECKS.items()}
    generated = {("premium/track", check) for check in premium.CHECKS}
    assert found == tracks | generated | listed


def test_jobs_schedules_and_sensors_are_these(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {
        "daily_free",
        "rebuild_catalogs",
        "make_song",
        "premium_on_demand",
        "premium_batch",
        "premium_never_empty",
    }
    assert {one.name: one.cron_schedule for one in repository.schedule_defs} == {
        "daily_free_at_0210_utc": "10 2 * * *",
        "catalog_sweep_at_0340_utc": "40 3 * * *",
        "premium_never_empty_at_0220_utc": "20 2 * * *",
    }
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "run_failure_alert",
        "premium_watch",
        "premium_requests",
        "premium_brought",
        "catalog_automation",
    }


def test_everything_that_ticks_is_running_from_the_start(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    for schedule in repository.schedule_defs:
        if schedule.name == "premium_never_empty_at_0220_utc":  # whoever wants it asks for it
            assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
            continue
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    for sensor in repository.sensor_defs:
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_catalogs_take_turns(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get(asset_keys.catalog("all")).pools == {asset_keys.CATALOG_POOL}


def test_premium_tracks_take_turns_on_the_gpu(definitions: dg.Definitions) -> None:
    node = definitions.resolve_asset_graph().get(asset_keys.PREMIUM_TRACK)
    assert node.pools == {asset_keys.GPU_POOL}
    tags = node.assets_def.op.tags
    assert tags["dagster-celery/queue"] == "gpu"
    assert "nvidia.com/gpu" in str(tags["dagster-k8s/config"])


@pytest.mark.parametrize("day", ["2025-01-01", "2025-03-30", "2026-12-31"])
def test_the_tick_of_day_d_makes_day_d(definitions: dg.Definitions, day: str) -> None:
    tick = dt.datetime.fromisoformat(f"{day}T02:10:00+00:00")
    context = dg.build_schedule_context(
        scheduled_execution_time=tick, repository_def=definitions.get_repository_def()
    )
    request = daily_free_schedule(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == request.run_key == day
    assert day in daily_tracks.get_partition_keys(current_time=tick)


def test_a_new_category_in_the_plan_is_a_new_asset(tmp_path: Path) -> None:
    plan = (PROJECT / "generator_configs" / "free_daily_plan.yaml").read_text(encoding="utf-8")
    assert "nature_daily" in plan
    changed = plan.replace("nature_daily", "night_daily").replace("Nature", "Night")
    (tmp_path / "free_daily_plan.yaml").write_text(
        changed.replace("\n  nature:", "\n  night:"), encoding="utf-8"
    )
    settings = load_settings({"SOUNDFLOW_CONFIGS": str(tmp_path)})
    graph = build_definitions(settings=settings).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert "free/night_daily" in keys
    assert "catalog/by-category/night" in keys
    assert keys > CATALOGS


def test_executors_are_chosen_by_name() -> None:
    assert executor_for("in_process") is dg.in_process_executor
    assert executor_for("multiprocess") is dg.multiprocess_executor


@pytest.mark.parametrize(
    ("name", "package"), [("k8s", "dagster-k8s"), ("celery", "dagster-celery")]
)
def test_an_executor_that_is_not_installed_says_what_to_install(name: str, package: str) -> None:
    with pytest.raises(BadInput, match=f"SOUNDFLOW_EXECUTOR={name}.*{package}"):
        executor_for(name)  # type: ignore[arg-type]


def test_the_workspace_loads(tmp_path: Path) -> None:
    """What `make dev` loads, as Dagster itself sees it, with no warning of ours."""
    environ = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT,
        env={**environ, "DAGSTER_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "PreviewWarning" not in done.stderr
    assert "BetaWarning" not in done.stderr
