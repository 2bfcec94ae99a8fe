"""One event shape for progress everywhere: command line, Dagster event log, service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class StageClock:
    """Tells the listener where the work is, and adds up the CPU seconds of each stage."""

    track_id: str
    on_event: ProgressCallback = silent
    cpu_s: dict[Stage, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[Callable[[float], None]]:
        """Announce a stage; yields what takes the share of it that is done."""
        started = time.process_time()
        self.on_event(StageEvent(self.track_id, stage, 0.0))

        def on_progress(share: float) -> None:
            if 0.0 < share < 1.0:
                self.on_event(StageEvent(self.track_id, stage, share))

        yield on_progress
        self.cpu_s[stage] = round(self.cpu_s.get(stage, 0.0) + time.process_time() - started, 3)
        self.on_event(StageEvent(self.track_id, stage, 1.0))
