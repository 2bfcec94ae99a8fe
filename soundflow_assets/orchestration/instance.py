"""The Dagster instance for runs that the command line makes in its own process.

With DAGSTER_HOME set, runs are recorded there and show in the UI; without it they leave no trace
but the bucket. A killed process cannot say that its run is over: the run would look alive for ever,
and its place in a pool would stay taken, so that the next run waits for nobody. Each such process
therefore holds a lock file, and whoever opens the instance next clears up after the dead.
See https://docs.dagster.io/deployment/oss/dagster-yaml
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.orchestration.locks import is_held, locked
from soundflow_assets.orchestration.open_databases import instance_of

HOME_VARIABLE = "DAGSTER_HOME"  # Dagster's own; ours are in `settings`
PROCESS_TAG = "soundflow/process"
_FOLDER = ".soundflow"
_ALIVE = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
_OVER = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]


@dataclass(frozen=True, slots=True)
class OpenInstance:
    """An instance, and the tags that say which process its runs live in."""

    instance: dg.DagsterInstance
    tags: dict[str, str]


def dagster_home() -> Path | None:
    """Return the folder that DAGSTER_HOME names; `BadInput` if Dagster would not take it."""
    text = os.environ.get(HOME_VARIABLE, "").strip()
    if not text:
        return None
    home = Path(text)
    if not home.is_absolute():
        raise BadInput(f"{HOME_VARIABLE}={text!r}: expected an absolute path")
    return home


@contextmanager
def open_instance() -> Iterator[OpenInstance]:
    """Open the instance of DAGSTER_HOME, or one in memory where there is none."""
    home = dagster_home()
    with ExitStack() as stack:
        if home is None:
            yield OpenInstance(stack.enter_context(dg.DagsterInstance.ephemeral()), {})
            return
        try:
            locks = home / _FOLDER
            locks.mkdir(parents=True, exist_ok=True)
            process = uuid.uuid4().hex
            own = locks / f"{process}.lock"
            stack.enter_context(locked(own))
            stack.callback(own.unlink, missing_ok=True)
            # Storages that an operator names may not take turns to create their tables, as ours do.
            with locked(locks / "opening.lock"):
                instance = stack.enter_context(instance_of(home))
                _bury_the_dead(instance, locks)
        except OSError as error:
            raise Failed(
                f"{HOME_VARIABLE}={home}: cannot be written: {error.strerror or error}"
            ) from error
        yield OpenInstance(instance, {PROCESS_TAG: process})


def _bury_the_dead(instance: dg.DagsterInstance, locks: Path) -> None:
    """Fail runs whose process is gone, and free the pool slots of all runs that are over."""
    for run in instance.get_runs(RunsFilter(statuses=_ALIVE)):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and not is_held(locks / f"{process}.lock"):
            instance.report_run_failed(run, "The process that made this run was killed.")
    storage = instance.event_log_storage
    holders = (
        storage.get_concurrency_run_ids() if storage.supports_global_concurrency_limits else []
    )
    if holders:
        for run in instance.get_runs(RunsFilter(run_ids=list(holders), statuses=_OVER)):
            storage.free_concurrency_slots_for_run(run.run_id)
    for path in locks.glob("*.lock"):
        if path.name != "opening.lock" and not is_held(path):
            path.unlink(missing_ok=True)
