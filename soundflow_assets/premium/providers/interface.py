"""What every provider does: take briefs, give back sound, and clean up after itself.

What may pass by waiting is `Transient`; it is retried inside a provider as long as its time lasts.
Everything else is permanent and ends the run with its sentence. A run that is cancelled cancels its
jobs, so that nobody pays for sound that nobody hears.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from soundflow_assets.errors import Failed
from soundflow_assets.premium.backends.interface import Task
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound

Tell = Callable[[str, float], None]  # (track id, share that is done)


class Transient(Failed):
    """It may work later: the service is busy, the line broke, time ran out."""


class Permanent(Failed):
    """Trying again would fail again, or cost twice."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a provider tells of itself, and learns that it should stop."""

    tell: Tell = lambda track_id, share: None
    log: Callable[[str], None] = lambda sentence: None
    cancelled: Callable[[], bool] = lambda: False


class Provider(Protocol):
    """A place where tracks are generated."""

    def check(self, brief: Brief) -> None:
        """Refuse what cannot work there (`BadInput`): credentials, models, lengths."""
        ...

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Generate all briefs, which share a model; `folder` is for temporary files."""
        ...


def task_of(brief: Brief) -> Task:
    """Return what a model backend is told."""
    return Task(
        brief.rendered.text, brief.request.duration, brief.seed, dict(brief.rendered.fields)
    )


def window_seams(duration_s: float) -> tuple[float, ...]:
    """Return where a windowed model began to continue itself: 30 s, then every 18 s."""
    from soundflow_assets.premium.backends.musicgen.windows import STRIDE_S, WINDOW_S

    count = max(0, math.ceil((duration_s - WINDOW_S) / STRIDE_S))
    return tuple(WINDOW_S + STRIDE_S * number for number in range(count))
