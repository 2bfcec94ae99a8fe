"""One event shape for progress everywhere: command line, Dagster event log, service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["plan", "compose", "render", "mix", "master", "encode", "upload"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class StageEvent:
    """`progress` runs from 0 (started) to 1 (done) within `stage`."""

    track_id: str
    stage: Stage
    progress: float


ProgressCallback = Callable[[StageEvent], None]


def silent(_event: StageEvent) -> None:
    """Report nothing."""
