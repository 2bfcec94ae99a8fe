"""MusicGen through audiocraft, the package of its authors, where somebody prefers it.

Its pins (torch 2.1.0, av 11, numpy below 2 in places) exclude every current torch, so it is no
extra of this project but a second environment that `make audiocraft` builds: the package without
its dependencies, and current ones beside it. Imported only when it is asked for.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
from collections.abc import Sequence
from typing import Any

import torch

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.premium.backends.interface import (
    Cancelled,
    Progress,
    Stopped,
    Take,
    Task,
    exact,
)
from soundflow_assets.premium.backends.musicgen.windows import STRIDE_S
from soundflow_assets.premium.models import Model

DEBUG = "debug"  # its built-in model of 64 thousand parameters: mono, without weights
_INSTALL = (
    "make audiocraft builds an environment with it (.venv-audiocraft); run soundflow from there"
)


def check_installed() -> None:
    """Refuse to go on without the package (`BadInput`)."""
    if importlib.util.find_spec("audiocraft") is None:
        raise BadInput(f"backend: audiocraft is not installed; {_INSTALL}")


class Audiocraft:
    """audiocraft's MusicGen, loaded once."""

    def __init__(self, model: Any, revision: str) -> None:
        """Take a loaded `audiocraft.models.MusicGen`."""
        self.model = model
        self.revision = revision

    @property
    def version(self) -> str:
        """Library and version, for the track's record."""
        return f"audiocraft {importlib.metadata.version('audiocraft')}"

    @property
    def on_cpu(self) -> bool:
        """Whether it runs without a GPU."""
        return "cpu" in str(self.model.device)

    def check(self, task: Task) -> None:
        """Refuse an empty prompt; audiocraft itself cuts nothing off."""
        if not task.text.strip():
            raise BadInput("prompt: it is empty; say what the music should be")

    def estimate_s(self, tasks: Sequence[Task]) -> float | None:
        """Return None: nothing is known before the first step."""
        return None

    def generate(
        self,
        tasks: Sequence[Task],
        on_progress: Progress = lambda share: None,
        cancelled: Cancelled = lambda: False,
    ) -> list[Take]:
        """Generate one after the other: audiocraft has one random state for a whole batch."""
        takes = []
        for number, task in enumerate(tasks):
            self.check(task)

            def told(done: int, total: int, number: int = number) -> None:
                if cancelled():
                    raise Stopped("generation was cancelled")
                on_progress(min(1.0, (number + done / max(1, total)) / len(tasks)))

            takes.append(self._taken(task, told))
        on_progress(1.0)
        return takes

    def _taken(self, task: Task, told: Any) -> Take:
        started = time.perf_counter()
        self.model.set_generation_params(
            duration=task.duration_s,
            use_sampling=task.top_k > 0,
            top_k=task.top_k,
            temperature=task.temperature,
            cfg_coef=task.guidance,
            extend_stride=STRIDE_S,
        )
        self.model.set_custom_progress_callback(told)
        devices = [] if self.on_cpu else [self.model.device]
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed_of("audiocraft", task.seed))
            made = self.model.generate([task.text], progress=True)  # without it, no callback
        audio = made[0].float().cpu().numpy()
        rate = int(self.model.sample_rate)
        seconds = time.perf_counter() - started
        facts: dict[str, float | str] = {
            "device": str(self.model.device),
            "batch": 1,
            "generation_s": round(seconds, 3),
            "s_per_audio_s": round(seconds / task.duration_s, 4),
            "audio_s": task.duration_s,
        }
        return Take(exact(audio, round(task.duration_s * rate)), rate, facts)


def open_audiocraft(model: Model, device: str | None = None) -> Audiocraft:
    """Load a model by audiocraft.

    Raises
    ------
    BadInput
        When the package is missing, or the model cannot be loaded.
    """
    check_installed()
    from audiocraft.models import MusicGen

    try:
        loaded = MusicGen.get_pretrained(model.hub_id, device=device)
    except Exception as error:
        first = str(error).strip().splitlines() or [""]
        raise BadInput(
            f"model: {model.hub_id}: audiocraft cannot load it "
            f"({type(error).__name__}: {first[0][:200]})"
        ) from None
    return Audiocraft(loaded, "")
