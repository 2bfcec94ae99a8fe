"""The desk where wishes are handed in: each becomes a run, and runs are read back as projects.

Two kinds of worker take runs. A daemon takes them from Dagster's queue; where none lives, a process
of our own is started for each (`dispatch`). Which of them a run is for is a tag of the run, so it
is known after any restart. Nothing is kept in memory.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import (
    DEFAULT_DAGSTER_ENTRY_POINT,
    JobPythonOrigin,
    RepositoryPythonOrigin,
)
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from soundflow_assets.errors import Failed
from soundflow_assets.orchestration.generation.job import JOB, OP
from soundflow_assets.orchestration.generation.project import (
    RELEVANT,
    ProjectEvent,
    Reader,
    Status,
)
from soundflow_assets.orchestration.generation.request import MAX_SEED, SongRequest
from soundflow_assets.orchestration.generation.worker import ATTRIBUTE, MODULE

LOCATION = "soundflow"  # its name in workspace.yaml
WORKER_TAG = "soundflow/worker"
KEY_TAG = "soundflow/idempotency_key"
DAEMON_ALIVE_S = 90.0  # a daemon writes every 30 s
_COORDINATOR = "QUEUED_RUN_COORDINATOR"
_BATCH = 1000
UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
_STATUS: dict[DagsterRunStatus, Status] = {
    DagsterRunStatus.QUEUED: "queued",
    DagsterRunStatus.NOT_STARTED: "queued",
    DagsterRunStatus.STARTING: "starting",
    DagsterRunStatus.STARTED: "running",
    DagsterRunStatus.CANCELING: "running",
    DagsterRunStatus.SUCCESS: "completed",
    DagsterRunStatus.FAILURE: "failed",
    DagsterRunStatus.CANCELED: "failed",
}
TakenBy = Literal["daemon", "process"]


class NoDaemon(Failed):
    """A daemon is to take the run, and none lives."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project's head: what was asked for, when, and how far it is."""

    id: str
    status: Status
    request: dict[str, Any]
    created_at: dt.datetime


class Desk:
    """Hands wishes to Dagster and reads projects from its event log."""

    def __init__(self, instance: dg.DagsterInstance, job: dg.JobDefinition) -> None:
        self.instance = instance
        self._job = job

    def submit(
        self, wish: SongRequest, date: dt.date, worker: TakenBy, key: str | None = None
    ) -> Project:
        """Record a wish as a run that a worker will take; `key` is how it is found again.

        Raises
        ------
        NoDaemon
            When a daemon is to take it and none lives.
        """
        if worker == "daemon" and not self.daemon_lives():
            raise NoDaemon("no Dagster daemon takes runs: start one with `make dev`")
        seed = secrets.randbelow(MAX_SEED) if wish.seed is None else wish.seed
        config = {**wish.model_dump(exclude_none=True), "seed": seed, "date": date.isoformat()}
        tags = {**self._job.tags, WORKER_TAG: worker, **({KEY_TAG: key} if key else {})}
        run = self.instance.create_run_for_job(
            job_def=self._job,
            run_id=str(uuid.uuid4()),
            run_config={"ops": {OP: {"config": config}}},
            tags=tags,
            remote_job_origin=_remote_origin(),
            job_code_origin=_python_origin(),
        )
        if worker == "daemon":
            # The queue takes the run from the instance: no workspace is looked at.
            self.instance.run_coordinator.submit_run(SubmitRunContext(run, workspace=None))  # type: ignore[arg-type]
        return self.project(run.run_id) or _project(run, time.time())

    def project(self, project_id: str) -> Project | None:
        """Return a project's head, None where there is none with this id."""
        records = self.instance.get_run_records(RunsFilter(run_ids=[project_id], job_name=JOB))
        if not records:
            return None
        return _project(records[0].dagster_run, records[0].create_timestamp.timestamp())

    def by_key(self, key: str) -> Project | None:
        """Return the project that was asked for under this idempotency key."""
        runs = self.instance.get_runs(RunsFilter(job_name=JOB, tags={KEY_TAG: key}), limit=1)
        return self.project(runs[0].run_id) if runs else None

    def unfinished(self) -> Sequence[dg.DagsterRun]:
        """Return the runs that are not over, oldest first."""
        return self.instance.get_runs(RunsFilter(job_name=JOB, statuses=UNFINISHED), ascending=True)

    def read(
        self, project_id: str, reader: Reader, cursor: str | None = None
    ) -> tuple[list[ProjectEvent], str | None]:
        """Return the events behind `cursor`, and the cursor behind them."""
        events: list[ProjectEvent] = []
        while True:
            found = self.instance.get_records_for_run(project_id, cursor, RELEVANT, _BATCH)
            events += reader.read(found.records)
            cursor = found.cursor or cursor
            if not found.has_more:
                return events, cursor

    def daemon_lives(self) -> bool:
        """Whether a daemon that takes runs from the queue has been heard of lately."""
        if not isinstance(self.instance.run_coordinator, QueuedRunCoordinator):
            return False
        beat = self.instance.get_daemon_heartbeats().get(_COORDINATOR)
        return beat is not None and time.time() - beat.timestamp < DAEMON_ALIVE_S


def _project(run: dg.DagsterRun, created: float) -> Project:
    config: Any = run.run_config
    for name in ("ops", OP, "config"):
        config = config.get(name, {})
    at = dt.datetime.fromtimestamp(created, tz=dt.UTC)
    return Project(run.run_id, _STATUS[run.status], json.loads(json.dumps(config)), at)


def _remote_origin() -> RemoteJobOrigin:
    """Return how a daemon finds the job: by location, repository and name."""
    target = LoadableTargetOrigin(module_name=MODULE)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), JOB)


def _python_origin() -> JobPythonOrigin:
    pointer = ModuleCodePointer(MODULE, ATTRIBUTE, None)
    repository = RepositoryPythonOrigin(
        executable_path=sys.executable,
        code_pointer=pointer,
        entry_point=DEFAULT_DAGSTER_ENTRY_POINT,
    )
    return JobPythonOrigin(JOB, repository)
