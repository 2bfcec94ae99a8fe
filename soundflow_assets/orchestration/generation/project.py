"""A project: what a run's event log says of the making of one track, as events and as stages.

Everything here is a function of the log, so a service that has just started knows as much as one
that has watched from the beginning. An event's number is its place in that sequence, by which a
listener who was away goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg

from soundflow_assets.orchestration.failures import REFUSED
from soundflow_assets.progress import STAGES, Stage

Kind = Literal[
    "stage.started", "stage.progress", "stage.completed", "project.completed", "project.failed"
]
Status = Literal["queued", "starting", "running", "completed", "failed"]
_EVENTS = dg.DagsterEventType
RELEVANT = {
    _EVENTS.ASSET_OBSERVATION,
    _EVENTS.ASSET_MATERIALIZATION,
    _EVENTS.STEP_FAILURE,
    _EVENTS.RUN_SUCCESS,
    _EVENTS.RUN_FAILURE,
    _EVENTS.RUN_CANCELED,
}
# How much of the whole each stage is, from the CPU seconds of tracks of three minutes.
WEIGHTS: dict[Stage, float] = {
    "plan": 0.02, "compose": 0.06, "render": 0.46, "mix": 0.04, "master": 0.10, "encode": 0.30,
    "upload": 0.02,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProjectEvent:
    """One thing that happened. `overall` is the progress of the whole, 0 to 1, and never falls."""

    number: int
    type: Kind
    at: dt.datetime
    overall: float
    stage: Stage | None = None
    progress: float | None = None
    error: str | None = None
    result: dict[str, Any] | None = None

    def document(self, project_id: str) -> dict[str, Any]:
        """Return the event as it is sent."""
        told = {
            "type": self.type,
            "id": self.number,
            "project_id": project_id,
            "timestamp": self.at.isoformat(timespec="milliseconds"),
            "stage": self.stage,
            "progress": self.progress,
            "overall": round(self.overall, 4),
            "error": self.error,
            "result": self.result,
        }
        return {name: value for name, value in told.items() if value is not None}

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.type in ("project.completed", "project.failed")


@dataclass(frozen=True, slots=True)
class StageState:
    """How far one stage is; `duration_s` is without the pauses of a stage that came twice."""

    stage: Stage
    status: Literal["pending", "running", "completed", "failed"] = "pending"
    progress: float = 0.0
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    duration_s: float | None = None


class Reader:
    """Turns the records of one run's log, in their order, into events."""

    def __init__(self) -> None:
        self._number = 0
        self._reached: dict[Stage, float] = {}
        self._open: Stage | None = None
        self._result: dict[str, Any] | None = None
        self._error: str | None = None

    def read(self, records: Sequence[dg.EventLogRecord]) -> list[ProjectEvent]:
        """Return the events of these further records."""
        return [event for record in records if (event := self._one(record)) is not None]

    def _one(self, record: dg.EventLogRecord) -> ProjectEvent | None:
        entry = record.event_log_entry
        told = entry.dagster_event
        if told is None or told.event_type not in RELEVANT:
            return None
        at = dt.datetime.fromtimestamp(entry.timestamp, tz=dt.UTC)
        kind = told.event_type
        if kind is _EVENTS.ASSET_OBSERVATION:
            return self._staged(told, at)
        if kind is _EVENTS.ASSET_MATERIALIZATION:
            metadata = told.step_materialization_data.materialization.metadata
            value = metadata["entry"].value
            self._result = dict(value) if isinstance(value, Mapping) else None
            return None
        if kind is _EVENTS.STEP_FAILURE:
            self._error = _sentence(told, entry.run_id)
            return None
        if kind is _EVENTS.RUN_SUCCESS and self._result is not None:
            return self._event("project.completed", at, result=self._result)
        why = self._error or told.message or "the run was ended from outside"
        return self._event("project.failed", at, stage=self._open, error=why)

    def _staged(self, told: dg.DagsterEvent, at: dt.datetime) -> ProjectEvent:
        metadata = told.asset_observation_data.asset_observation.metadata
        name, progress = str(metadata["stage"].value), float(metadata["progress"].value)  # type: ignore[arg-type]
        stage = next(one for one in STAGES if one == name)
        kind: Kind = "stage.progress"
        if progress == 0.0:
            kind, self._open = "stage.started", stage
        elif progress == 1.0:
            kind, self._open = "stage.completed", None
        self._reached[stage] = max(progress, self._reached.get(stage, 0.0))
        return self._event(kind, at, stage=stage, progress=progress)

    def _event(self, kind: Kind, at: dt.datetime, **more: Any) -> ProjectEvent:
        self._number += 1
        done = sum(WEIGHTS[stage] * share for stage, share in self._reached.items())
        overall = 1.0 if kind == "project.completed" else min(done, 0.999)
        return ProjectEvent(self._number, kind, at, overall, **more)


def stages_of(events: Sequence[ProjectEvent]) -> list[StageState]:
    """Return the state of every stage after these events, in the order of work."""
    return [_stage(stage, events) for stage in STAGES]


def _stage(stage: Stage, events: Sequence[ProjectEvent]) -> StageState:
    started = ended = began = None
    duration_s, progress = 0.0, 0.0
    status: Literal["pending", "running", "completed", "failed"] = "pending"
    for event in events:
        if event.stage != stage:
            continue
        if event.type == "stage.started":
            started, began, ended, status = started or event.at, event.at, None, "running"
        elif event.type == "stage.completed" and began is not None:
            duration_s += (event.at - began).total_seconds()
            ended, status = event.at, "completed"
        elif event.type == "project.failed" and status == "running":
            ended, status = event.at, "failed"
        progress = max(progress, event.progress or 0.0)
    whole = round(duration_s, 3) if status == "completed" else None
    return StageState(stage, status, progress, started, ended, whole)


def _sentence(event: dg.DagsterEvent, run_id: str) -> str:
    """Return why a step failed, as far as it concerns who asked for the track."""
    data = event.step_failure_data
    spoken = data.user_failure_data
    if spoken is not None and spoken.description:
        refused = spoken.metadata.get(REFUSED)
        if refused is not None and refused.value:
            return spoken.description
    # Other sentences name folders and hosts, which are the operator's.
    return f"the track could not be made; the log of run {run_id} says why"
