"""MusicGen as a backend: batches, windows, seeds, memory, progress.

The decoder runs in bfloat16 on a GPU and float32 on a CPU; text encoder and codec stay in float32,
and so do logits: guidance magnifies their differences.
"""

from __future__ import annotations

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
from soundflow_assets.premium.backends.musicgen.codec import decoded
from soundflow_assets.premium.backends.musicgen.condition import check_length, conditioned
from soundflow_assets.premium.backends.musicgen.decoder import Weights
from soundflow_assets.premium.backends.musicgen.loop import Loop
from soundflow_assets.premium.backends.musicgen.pattern import columns
from soundflow_assets.premium.backends.musicgen.weights import Loaded, load_musicgen
from soundflow_assets.premium.backends.musicgen.windows import WINDOW_S, Window, steps, windows
from soundflow_assets.premium.models import Model

Tensor = Any
_TRIAL_STEPS = 6
_CODEC_SHARE = 0.05  # of the work, as progress counts it


class MusicGen:
    """A MusicGen checkpoint, loaded once."""

    def __init__(
        self,
        loaded: Loaded,
        device: str | None = None,
        dtype: Any = None,
        captured: bool | None = None,
    ) -> None:
        """Put a loaded model on `device`; the GPU where there is one."""
        name = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.device = torch.device(name)
        on_gpu = self.device.type == "cuda"
        self.revision = loaded.revision
        self._captured = captured
        self._model, self._tokenizer = loaded.model, loaded.tokenizer
        precision = dtype or (torch.bfloat16 if on_gpu else torch.float32)
        self.weights = Weights(loaded.model.decoder, self.device, precision)
        # From here on ours are used; theirs would take the same memory again.
        loaded.model.decoder.model.decoder.layers = torch.nn.ModuleList()
        loaded.model.text_encoder.to(self.device)
        for part in ("enc_to_dec_proj", "audio_enc_to_dec_proj"):
            if hasattr(loaded.model, part):
                getattr(loaded.model, part).to(self.device)
        self.codec = loaded.model.audio_encoder.to(self.device)
        config = self.codec.config
        self.sample_rate = int(config.sampling_rate)
        hop = 1
        for ratio in config.upsampling_ratios:
            hop *= int(ratio)
        self.hop = hop
        self.frame_rate = self.sample_rate / hop
        self._loop: tuple[tuple[Any, ...], Loop] | None = None

    @property
    def version(self) -> str:
        """Library and version, for the track's record."""
        import transformers

        return f"soundflow musicgen loop, transformers {transformers.__version__}"

    @property
    def on_cpu(self) -> bool:
        """Whether it runs without a GPU."""
        return bool(self.device.type == "cpu")

    def check(self, task: Task) -> None:
        """Refuse a prompt that the text encoder would cut off."""
        check_length(self._tokenizer, task.text)

    def estimate_s(self, tasks: Sequence[Task]) -> float:
        """Return about how many seconds decoding will take, from a few trial steps."""
        with torch.inference_mode():
            return self._estimated_s(tasks)

    def _estimated_s(self, tasks: Sequence[Task]) -> float:
        loop, prefix = self._prepared(tasks)
        weights = self.weights
        loop.pattern.fill_(weights.pad)
        loop.written.fill_(weights.pad)
        loop.prefill(0, prefix)
        reach = loop.cache.length
        loop.advance(reach)
        started = time.perf_counter()
        for _ in range(_TRIAL_STEPS):
            loop.advance(reach)
        self._settle()
        each = (time.perf_counter() - started) / _TRIAL_STEPS
        return each * steps(self._frames(tasks), self.frame_rate, self._late())

    def generate(
        self,
        tasks: Sequence[Task],
        on_progress: Progress = lambda share: None,
        cancelled: Cancelled = lambda: False,
    ) -> list[Take]:
        """Generate all tasks; in smaller batches where the memory does not hold them at once.

        Raises
        ------
        BadInput
            For a prompt over the model's limit.
        Failed
            When not even one task fits into memory, with the figures.
        Stopped
            When cancelled.
        """
        for task in tasks:
            self.check(task)
        if len({(task.top_k, task.guidance > 1.0) for task in tasks}) > 1:
            raise BadInput("a batch shares top_k, and either all of it or none is guided")
        size = len(tasks)
        takes: list[Take] = []
        while len(takes) < len(tasks):
            batch = list(tasks[len(takes) : len(takes) + size])
            done, share = len(takes) / len(tasks), len(batch) / len(tasks)

            def told(part: float, done: float = done, share: float = share) -> None:
                on_progress(done + share * part)

            try:
                with torch.inference_mode():
                    takes += self._batch(batch, told, cancelled)
            except torch.OutOfMemoryError as error:
                self._forget()
                if len(batch) == 1:
                    raise Failed(self._out_of_memory(batch[0])) from error
                size = max(1, len(batch) // 2)
        return takes

    def _batch(self, tasks: list[Task], on_progress: Progress, cancelled: Cancelled) -> list[Take]:
        started = time.perf_counter()
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        frames, weights = self._frames(tasks), self.weights
        total = steps(frames, self.frame_rate, self._late())
        loop, prefix = self._prepared(tasks)
        shape = (len(tasks), weights.codebooks, frames)
        codes: Tensor = torch.zeros(shape, dtype=torch.int64, device=self.device)
        done = 0
        for number, window in enumerate(windows(frames, self.frame_rate)):
            self._draw(loop, tasks, number, window)

            def tell(step: int, done: int = done) -> None:
                if cancelled():
                    raise Stopped("generation was cancelled")
                on_progress((1.0 - _CODEC_SHARE) * (done + step) / total)

            tell(0)
            given = codes[:, :, window.start : window.start + window.given]
            codes[:, :, window.start : window.stop] = loop.window(
                given, window.frames, prefix, tell
            )
            done += window.frames - window.given + self._late()
        self._settle()
        decoding_s = time.perf_counter() - started
        takes = []
        for index, task in enumerate(tasks):
            if cancelled():
                raise Stopped("generation was cancelled")
            own = codes[index, :, : self._frames([task])]
            audio = decoded(self.codec, own, weights.channels)
            samples = round(task.duration_s * self.sample_rate)
            takes.append((task, exact(audio, samples)))
            on_progress(1.0 - _CODEC_SHARE * (1.0 - (index + 1) / len(tasks)))
        seconds = time.perf_counter() - started
        facts = self._facts(tasks, total, decoding_s, seconds)
        return [
            Take(audio, self.sample_rate, facts | {"audio_s": task.duration_s})
            for task, audio in takes
        ]

    def _prepared(self, tasks: Sequence[Task]) -> tuple[Loop, Tensor | None]:
        """Return a loop for these tasks with its condition set; the last one where it fits."""
        weights = self.weights
        guided = tasks[0].guidance > 1.0
        texts = [task.text for task in tasks]
        condition = conditioned(self._model, self._tokenizer, texts, guided=guided)
        lead = 0 if condition.prefix is None else condition.prefix.shape[1]
        longest = min(self._frames(tasks), round(WINDOW_S * self.frame_rate))
        length = columns(longest, weights.codebooks, weights.channels)
        words = condition.states.shape[1]
        key = (len(tasks), length, guided, tasks[0].top_k, lead, words)
        if self._loop is None or self._loop[0] != key:
            self._forget()
            loop = Loop(
                weights,
                len(tasks),
                length,
                guided=guided,
                top_k=tasks[0].top_k,
                lead=lead,
                captured=self._captured,
            )
            self._loop = (key, loop)
        loop = self._loop[1]
        if condition.prefix is None:
            loop.cache.condition(weights, condition.states.to(weights.dtype), condition.mask)
        for row, task in enumerate(tasks):
            loop.guidance[row] = task.guidance
            loop.heat[row] = task.temperature
        prefix = None if condition.prefix is None else condition.prefix.to(weights.dtype)
        return loop, prefix

    def _draw(self, loop: Loop, tasks: Sequence[Task], number: int, window: Window) -> None:
        """Draw a window's noise, each task's from its own seed: batches change nobody's music."""
        if loop.noise is None:
            return
        width = columns(window.frames, self.weights.codebooks, self.weights.channels)
        for row, task in enumerate(tasks):
            source = torch.Generator().manual_seed(seed_of("musicgen", task.seed, number))
            noise = torch.empty(loop.noise[:width, row].shape).exponential_(generator=source)
            loop.noise[:width, row] = noise.clamp_(min=1e-20).to(self.device)

    def _frames(self, tasks: Sequence[Task]) -> int:
        longest = max(task.duration_s for task in tasks)
        return -(-round(longest * self.sample_rate) // self.hop)

    def _late(self) -> int:
        return self.weights.codebooks // self.weights.channels - 1

    def _settle(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _forget(self) -> None:
        self._loop = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _out_of_memory(self, task: Task) -> str:
        return (
            f"out of memory: one track of {task.duration_s:g} s does not fit; "
            f"{memory_of(self.device)}; use a smaller model"
        )

    def _facts(
        self, tasks: Sequence[Task], total: int, decoding_s: float, seconds: float
    ) -> dict[str, float | str]:
        return {
            **device_facts(self.device),
            "batch": len(tasks),
            "steps": total,
            "steps_per_s": round(total / decoding_s, 2),
            "generation_s": round(seconds, 3),
            "s_per_audio_s": round(seconds / sum(task.duration_s for task in tasks), 4),
        }


def open_musicgen(model: Model, device: str | None = None) -> MusicGen:
    """Load a model; errors as in `load_musicgen`."""
    return MusicGen(load_musicgen(model), device)
