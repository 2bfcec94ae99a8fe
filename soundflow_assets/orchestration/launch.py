"""Runs in this process: one day of free tracks, a premium track, and the catalogs after it.

What `soundflow daily` and the tests call. The schedule and the UI launch the same jobs through the
daemon; nothing is done here that they could not do.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from soundflow_assets.errors import BadInput
from soundflow_assets.orchestration import asset_keys, partitions
from soundflow_assets.orchestration.failures import REFUSED
from soundflow_assets.orchestration.instance import OpenInstance
from soundflow_assets.orchestration.jobs import daily_free, premium_on_demand, rebuild_catalogs

NOT_REACHED = ("the run ended before it", False)
LAUNCHED_HERE = {"soundflow/launched_by": "command line"}


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How one step of a run ended. `error` is a sentence, empty when it succeeded."""

    key: dg.AssetKey
    metadata: Mapping[str, Any]
    error: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended: its assets, and the checks that failed (name and reason), not warnings."""

    run_id: str
    steps: tuple[StepOutcome, ...]
    failed_checks: tuple[str, ...]

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed."""
        return not any(step.error for step in self.steps) and not self.failed_checks


def check_date(date: dt.date, today: dt.date) -> dt.date:
    """Return `date` if the daily tracks have a slice for it; `today` is the date in UTC."""
    if not partitions.FIRST_DATE <= date <= today:
        raise BadInput(f"date {date}: expected {partitions.FIRST_DATE} to {today} (today in UTC)")
    return date


def make_day(
    definitions: dg.Definitions,
    opened: OpenInstance,
    date: dt.date,
    track_ids: Sequence[str],
    duration_s: float | None = None,
    log_level: int = logging.CRITICAL,
) -> RunOutcome:
    """Materialize the day's tracks; a track that fails does not keep the others from being made."""
    keys = [asset_keys.free_track(track_id) for track_id in track_ids]
    config: dict[str, Any] = _quiet(log_level)
    if duration_s is not None:
        config["ops"] = {
            key.to_python_identifier(): {"config": {"duration_s": duration_s}} for key in keys
        }
    result = definitions.resolve_job_def(daily_free.name).execute_in_process(
        instance=opened.instance,
        partition_key=date.isoformat(),
        asset_selection=keys,
        run_config=config,
        tags={**LAUNCHED_HERE, **opened.tags},
        raise_on_error=False,
    )
    return _outcome(result, {key: key.to_python_identifier() for key in keys})


def make_catalogs(
    definitions: dg.Definitions, opened: OpenInstance, log_level: int = logging.CRITICAL
) -> RunOutcome:
    """Rebuild and check the catalogs."""
    job = definitions.resolve_job_def(rebuild_catalogs.name)
    result = job.execute_in_process(
        instance=opened.instance,
        run_config=_quiet(log_level),
        tags={**LAUNCHED_HERE, **opened.tags},
        raise_on_error=False,
    )
    keys = sorted(job.asset_layer.executable_asset_keys)
    return _outcome(result, dict.fromkeys(keys, asset_keys.CATALOGS_STEP))


def make_premium_track(
    definitions: dg.Definitions,
    opened: OpenInstance,
    track_id: str,
    request: Mapping[str, Any],
    log_level: int = logging.CRITICAL,
) -> RunOutcome:
    """Materialize one premium track; an empty `request` makes the stored one again."""
    key = asset_keys.PREMIUM_TRACK
    partitions_name = str(partitions.premium_tracks.name)
    opened.instance.add_dynamic_partitions(partitions_name, [track_id])
    config = _quiet(log_level)
    if request:
        config["ops"] = {key.to_python_identifier(): {"config": dict(request)}}
    result = definitions.resolve_job_def(premium_on_demand.name).execute_in_process(
        instance=opened.instance,
        partition_key=track_id,
        run_config=config,
        tags={**LAUNCHED_HERE, **opened.tags},
        raise_on_error=False,
    )
    return _outcome(result, {key: key.to_python_identifier()})


def _quiet(log_level: int) -> dict[str, Any]:
    """Return the config that keeps Dagster's own log off the terminal."""
    return {"loggers": {"console": {"config": {"log_level": logging.getLevelName(log_level)}}}}


def _outcome(result: dg.ExecuteInProcessResult, steps: Mapping[dg.AssetKey, str]) -> RunOutcome:
    """Read a run's end from its events; `steps` names the step that makes each asset."""
    if any(map(_was_interrupted, result.all_events)):
        # Dagster has taken the signal as the end of this run; the process is to end as well.
        raise KeyboardInterrupt
    made: dict[dg.AssetKey, Mapping[str, Any]] = {}
    failures: dict[str, tuple[str, bool]] = {}
    checks: list[str] = []
    for event in result.all_events:
        if event.is_step_materialization:
            materialization = event.step_materialization_data.materialization
            made[materialization.asset_key] = {
                name: value.value for name, value in materialization.metadata.items()
            }
        elif event.is_step_failure and event.step_key is not None:
            failures[event.step_key] = _reason(event)
        elif event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR:
                place = evaluation.asset_key.to_user_string()
                checks.append(f"{place}: {evaluation.check_name}: {evaluation.description}")
    outcomes = []
    for key, step in steps.items():
        error, refused = ("", False) if key in made else failures.get(step, NOT_REACHED)
        outcomes.append(StepOutcome(key, made.get(key, {}), error, refused))
    return RunOutcome(result.run_id, tuple(outcomes), tuple(checks))


def _was_interrupted(event: dg.DagsterEvent) -> bool:
    """Whether a signal ended a step, or the run between two steps."""
    if not event.is_step_failure:
        return event.event_type is dg.DagsterEventType.RUN_CANCELED
    source = event.step_failure_data.error_source
    return source is not None and source.name == "INTERRUPT"


def _reason(event: dg.DagsterEvent) -> tuple[str, bool]:
    data = event.step_failure_data
    spoken = data.user_failure_data
    if spoken is not None and spoken.description:
        refused = spoken.metadata.get(REFUSED)
        return spoken.description, refused is not None and bool(refused.value)
    return (data.error.message.strip() if data.error else "unknown failure"), False
