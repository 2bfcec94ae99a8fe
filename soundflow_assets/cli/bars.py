"""Progress for people: a bar a track on a terminal, a line a track anywhere else.

Everything goes to stderr, so that stdout holds the report and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from soundflow_assets.progress import Stage, StageEvent

LINE_EVERY_S = 30.0
# Roughly what each stage weighs in time, so that the bar moves evenly.
_WEIGHTS: dict[Stage, float] = {
    "plan": 1, "compose": 2, "render": 45, "mix": 4, "master": 6, "encode": 38, "upload": 4,
}  # fmt: skip
_TOTAL = sum(_WEIGHTS.values())
_STARTS = {
    stage: sum(list(_WEIGHTS.values())[:index]) / _TOTAL for index, stage in enumerate(_WEIGHTS)
}


def overall(event: StageEvent) -> float:
    """Return the share of a track that is done, 0 to 1."""
    return min(1.0, _STARTS[event.stage] + _WEIGHTS[event.stage] / _TOTAL * event.progress)


def listener(quiet: bool = False) -> Bars | Lines:
    """Return bars on a terminal, lines elsewhere, nothing when `quiet`."""
    if quiet:
        return Lines(silent=True)
    return Bars() if sys.stderr.isatty() else Lines(silent=False)


class Bars:
    """One bar a track, while it is open."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[track]:<20}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[stage]:<8}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}
        self._furthest: dict[str, float] = {}
        self._all: TaskID | None = None

    def expect(self, tracks: int) -> None:
        """Show a bar of all tracks above theirs, where there are several."""
        if tracks > 1:
            self._all = self._progress.add_task("", total=tracks, track="all tracks", stage="")

    def rows(self) -> list[tuple[str, float, float | None]]:
        """Return name, what is done and the whole of every bar."""
        return [(task.fields["track"], task.completed, task.total) for task in self._progress.tasks]

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: StageEvent) -> None:
        """Move the track's bar."""
        track = event.track_id
        if track not in self._tasks:
            self._tasks[track] = self._progress.add_task("", total=1.0, track=track, stage="")
        # A track that is mastered a second time does not move its bar back.
        done = max(self._furthest.get(track, 0.0), overall(event))
        self._furthest[track] = done
        over = event.stage == "upload" and event.progress >= 1.0
        self._progress.update(
            self._tasks[track], completed=done, stage="done" if over else event.stage
        )
        if self._all is not None:
            self._progress.update(self._all, completed=sum(self._furthest.values()))


class Lines:
    """One line a finished track, and one every half a minute of a track that takes longer."""

    def __init__(self, *, silent: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._silent = silent
        self._clock = clock
        self._begun: dict[str, float] = {}
        self._told: dict[str, float] = {}
        self._expected = self._published = 0

    def expect(self, tracks: int) -> None:
        """Say of each finished track how many there are and when the last will be done."""
        self._expected = tracks

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def __call__(self, event: StageEvent) -> None:
        """Tell where the track is, and that it is done."""
        if self._silent:
            return
        track = event.track_id
        if event.stage == "upload" and event.progress >= 1.0:
            self._published += 1
            print(f"{track}: published{self._of_all()}", file=sys.stderr)
            return
        now, done = self._clock(), overall(event)
        begun = self._begun.setdefault(track, now)
        if now - self._told.setdefault(track, begun) < LINE_EVERY_S:
            return
        self._told[track] = now
        left = _time((now - begun) * (1.0 - done) / max(done, 0.01))
        print(f"{track}: {event.stage}, {done:.0%}, about {left} left", file=sys.stderr)

    def _of_all(self) -> str:
        if self._expected < 2 or not self._begun:
            return ""
        passed_s = self._clock() - min(self._begun.values())
        left_s = passed_s * (self._expected / self._published - 1.0)
        left = f", about {_time(left_s)} left" if self._published < self._expected else ""
        return f" ({self._published} of {self._expected} in {_time(passed_s)}{left})"


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
