"""What the generation routes answer: projects, stages, and the finished track."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from soundflow_assets.orchestration.generation.desk import Project
from soundflow_assets.orchestration.generation.project import (
    ProjectEvent,
    Status,
    stages_of,
)
from soundflow_assets.progress import Stage

Progress = Annotated[float, Field(ge=0, le=1)]


class Accepted(BaseModel):
    """A wish that was taken: where to see how it goes."""

    project_id: Annotated[str, Field(examples=["5f0c1fc8-4d39-4a52-8a5c-0d9f4c1f1a2b"])]
    status: Status
    status_url: str
    aggregate_url: str
    events_url: str


class ProjectStatus(BaseModel):
    """How far a project is."""

    project_id: str
    status: Status
    stage: Annotated[Stage | None, Field(description="the one at work, or that failed")] = None
    progress: Annotated[Progress, Field(description="of the whole")] = 0.0
    error: str | None = None
    created_at: dt.datetime


class StageDocument(BaseModel):
    """One stage; times are null where it has not come to that."""

    stage: Stage
    status: Literal["pending", "running", "completed", "failed"]
    progress: Progress
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    duration_seconds: float | None


class Section(BaseModel):
    """A section of the form."""

    name: str
    startSec: float  # noqa: N815
    endSec: float  # noqa: N815
    energy: float


class MadeTrack(BaseModel):
    """The finished track; addresses may be relative to the service."""

    id: str
    title: str
    category: str
    genre: str
    bpm: float
    key: str
    durationSec: float  # noqa: N815
    date: dt.date
    seed: str
    bytes: int
    loudnessLufs: float  # noqa: N815
    truePeakDbtp: float  # noqa: N815
    pcmSha256: str  # noqa: N815
    engineVersion: str  # noqa: N815
    license: str
    sections: list[Section]
    objectKey: str  # noqa: N815
    peaksKey: str  # noqa: N815
    coverKey: str  # noqa: N815
    midiKey: str  # noqa: N815
    url: str
    peaksUrl: str  # noqa: N815
    coverUrl: str  # noqa: N815
    midiUrl: str  # noqa: N815


class Aggregate(ProjectStatus):
    """Everything there is to know of a project."""

    request: Annotated[dict[str, Any], Field(description="what was asked for, with the seed drawn")]
    stages: list[StageDocument]
    result: MadeTrack | None = None


def status_of(project: Project, events: Sequence[ProjectEvent]) -> ProjectStatus:
    """Return how far a project is, by its run and its events."""
    last = events[-1] if events else None
    at_work = [state.stage for state in stages_of(events) if state.status in ("running", "failed")]
    error = last.error if last is not None else None
    if project.status == "failed" and error is None:
        error = "the track could not be made"
    return ProjectStatus(
        project_id=project.id,
        status=project.status,
        stage=at_work[-1] if at_work else None,
        progress=1.0 if project.status == "completed" else (last.overall if last else 0.0),
        error=error,
        created_at=project.created_at,
    )


def aggregate_of(project: Project, events: Sequence[ProjectEvent], media_base: str) -> Aggregate:
    """Return everything there is to know of a project."""
    result = next((event.result for event in events if event.result is not None), None)
    return Aggregate(
        **status_of(project, events).model_dump(),
        request=project.request,
        stages=[
            StageDocument(
                stage=state.stage,
                status=state.status,
                progress=state.progress,
                started_at=state.started_at,
                ended_at=state.ended_at,
                duration_seconds=state.duration_s,
            )
            for state in stages_of(events)
        ],
        result=MadeTrack(**with_addresses(result, media_base)) if result is not None else None,
    )


def with_addresses(result: dict[str, Any], media_base: str) -> dict[str, Any]:
    """Return a finished track with the addresses of its files beside their keys."""
    return {
        **result,
        "url": media_base + result["objectKey"],
        "peaksUrl": media_base + result["peaksKey"],
        "coverUrl": media_base + result["coverKey"],
        "midiUrl": media_base + result["midiKey"],
    }


def event_document(event: ProjectEvent, project_id: str, media_base: str) -> dict[str, Any]:
    """Return an event as listeners get it."""
    told = event.document(project_id)
    if event.result is not None:
        told["result"] = with_addresses(event.result, media_base)
    return told
