"""What every backend can do: load once, then generate any number of tasks.

A backend knows nothing of requests, buckets or providers. What it returns is raw: its model's own
rate and level; `mastering.premium` makes it a track. Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.errors import Failed

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


class Stopped(Failed):
    """Generation was cancelled; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece to generate. `text` and `fields` are as the model's family takes them."""

    text: str
    duration_s: float
    seed: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    guidance: float = 3.0  # classifier-free; 1 is none
    temperature: float = 1.0
    top_k: int = 250  # 0: greedy


@dataclass(frozen=True, slots=True)
class Take:
    """What was generated: float32 (channels, samples), exactly as long as asked for.

    `facts` are numbers worth keeping: seconds, seconds per second of audio, peak memory, tokens.
    """

    audio: Audio
    sample_rate: int
    facts: Mapping[str, float | str] = field(default_factory=dict)


class Backend(Protocol):
    """A loaded model."""

    @property
    def version(self) -> str:
        """Library and version, for the track's record."""
        ...

    @property
    def revision(self) -> str:
        """Which weights: the hub's commit, or a hash of the folder's configuration."""
        ...

    @property
    def on_cpu(self) -> bool:
        """Whether it runs without a GPU."""
        ...

    def check(self, task: Task) -> None:
        """Refuse a task the model cannot take (`BadInput`), such as a prompt over its limit."""
        ...

    def estimate_s(self, tasks: Sequence[Task]) -> float | None:
        """Return about how many seconds the tasks will take here; None where nothing is known."""
        ...

    def generate(
        self,
        tasks: Sequence[Task],
        on_progress: Progress = lambda share: None,
        cancelled: Cancelled = lambda: False,
    ) -> list[Take]:
        """Generate all tasks, as one batch where the model can; `Stopped` when cancelled."""
        ...


def exact(audio: Audio, samples: int) -> Audio:
    """Return `audio` (channels, n) cut or, by less than a model frame, padded to `samples`."""
    if audio.shape[1] >= samples:
        return np.ascontiguousarray(audio[:, :samples])
    return np.pad(audio, ((0, 0), (0, samples - audio.shape[1])))
