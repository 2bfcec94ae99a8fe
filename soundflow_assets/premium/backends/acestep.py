"""ACE-Step 1.5 through diffusers: weights under MIT, whole tracks of up to ten minutes in one pass.

The commercial-safe choice. Turbo weights take eight steps and no guidance; tempo, key and metre are
conditions of their own beside the caption. Sound is 48 kHz stereo.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import torch

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.premium.backends.gpu import device_facts, memory_of
from soundflow_assets.premium.backends.interface import (
    Cancelled,
    Progress,
    Stopped,
    Take,
    Task,
    exact,
)
from soundflow_assets.premium.backends.musicgen.weights import damaged, find_weights, needed
from soundflow_assets.premium.models import Model

LONGEST_S = 600.0  # what the model was trained for
MOST_TOKENS = 256
STEPS = {True: 8, False: 27}  # turbo, or not
_INSTRUMENTAL = "[Instrumental]"


class AceStep:
    """An ACE-Step pipeline, loaded once."""

    def __init__(self, pipeline: Any, revision: str, device: str | None = None) -> None:
        """Put a loaded pipeline on `device`; the GPU where there is one."""
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        precision = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        self.pipeline = pipeline.to(self.device, precision)
        # Its bars would go to the terminal of whoever runs Dagster.
        self.pipeline.set_progress_bar_config(disable=True)
        self.revision = revision

    @property
    def version(self) -> str:
        """Library and version, for the track's record."""
        import diffusers

        return f"diffusers {diffusers.__version__} AceStepPipeline"

    @property
    def on_cpu(self) -> bool:
        """Whether it runs without a GPU."""
        return bool(self.device.type == "cpu")

    def check(self, task: Task) -> None:
        """Refuse a length or a caption beyond what the model was trained for."""
        if task.duration_s > LONGEST_S:
            raise BadInput(
                f"duration: {task.duration_s:g}: ACE-Step makes at most {LONGEST_S:g} s in a pass"
            )
        tokens = len(self.pipeline.tokenizer(task.text)["input_ids"])
        if tokens > MOST_TOKENS:
            raise BadInput(
                f"prompt: {tokens} tokens; the model takes at most {MOST_TOKENS}; shorten it"
            )

    def estimate_s(self, tasks: Sequence[Task]) -> float | None:
        """Return None: nothing is known before the first step."""
        return None

    def generate(
        self,
        tasks: Sequence[Task],
        on_progress: Progress = lambda share: None,
        cancelled: Cancelled = lambda: False,
    ) -> list[Take]:
        """Generate one after the other: a pass of minutes fills a GPU by itself."""
        takes = []
        for number, task in enumerate(tasks):
            self.check(task)

            def told(part: float, number: int = number) -> None:
                on_progress((number + part) / len(tasks))

            try:
                takes.append(self._taken(task, told, cancelled))
            except torch.OutOfMemoryError as error:
                raise Failed(
                    f"out of memory: {task.duration_s:g} s do not fit; "
                    f"{memory_of(self.device)}; ask for a shorter track"
                ) from error
        return takes

    def _taken(self, task: Task, told: Progress, cancelled: Cancelled) -> Take:
        started = time.perf_counter()
        if not self.on_cpu:
            torch.cuda.reset_peak_memory_stats(self.device)
        steps = STEPS[bool(self.pipeline.is_turbo)]

        def on_step(_pipe: Any, step: int, _at: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if cancelled():
                raise Stopped("generation was cancelled")
            told(0.9 * (step + 1) / steps)
            return tensors

        fields = {
            name: task.fields[name]
            for name in ("bpm", "keyscale", "timesignature")
            if name in task.fields
        }
        source = torch.Generator().manual_seed(seed_of("acestep", task.seed))
        with torch.inference_mode():
            made = self.pipeline(
                prompt=task.text,
                lyrics=_INSTRUMENTAL if "[instrumental]" in task.text else "",
                # A latent covers 40 ms; the last one is cut off again below.
                audio_duration=math.ceil(task.duration_s * 25.0 + 1.0) / 25.0,
                num_inference_steps=steps,
                generator=source,
                callback_on_step_end=on_step,
                **fields,
            )
        audio = made.audios[0].float().cpu().numpy()
        rate = int(self.pipeline.sample_rate)
        told(1.0)
        seconds = time.perf_counter() - started
        facts: dict[str, float | str] = {
            **device_facts(self.device),
            "batch": 1,
            "steps": steps,
            "generation_s": round(seconds, 3),
            "s_per_audio_s": round(seconds / task.duration_s, 4),
            "audio_s": task.duration_s,
        }
        return Take(exact(audio, round(task.duration_s * rate)), rate, facts)


def open_acestep(model: Model, device: str | None = None) -> AceStep:
    """Load a pipeline from its folder or the local cache of the hub.

    Raises
    ------
    BadInput
        When the library is missing, or the weights are missing or damaged.
    """
    try:
        import diffusers
    except ImportError:
        raise needed("diffusers", "acestep") from None
    folder, revision = find_weights(model)
    try:
        pipeline = diffusers.AceStepPipeline.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise damaged(folder, error) from None
    return AceStep(pipeline, revision, device)
