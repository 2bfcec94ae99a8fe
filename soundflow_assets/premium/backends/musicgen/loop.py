"""One window of codes: prefill, then step after step without a word to the host.

Guidance runs the unconditioned half as further rows of the same batch, so that weights are read
once for both. On a GPU a step is captured as a CUDA graph, one for each reach of the cache, because
attention reads as much of the cache as it is told to, whatever the position.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from soundflow_assets.premium.backends.musicgen.decoder import (
    Cache,
    Weights,
    embed,
    forward,
    logits,
)
from soundflow_assets.premium.backends.musicgen.pattern import OPEN, delayed, undelayed

Tensor = Any
REACH = 256  # positions by which a captured step's view of the cache grows
CHUNK = 50  # steps between two looks at the clock and the cancellation: one second of music
_WARM_UP = 3  # runs before a capture, as CUDA graphs ask for


class Loop:
    """Generates windows of one shape for a batch; holds cache, buffers and captured steps."""

    def __init__(
        self,
        weights: Weights,
        batch: int,
        length: int,
        *,
        guided: bool,
        top_k: int,
        lead: int = 0,
        captured: bool | None = None,
    ) -> None:
        """Make room for `batch` sequences of up to `length` columns.

        Parameters
        ----------
        guided
            Whether unconditioned rows run along.
        top_k
            Among how many codes is drawn; 0 for the most likely each time.
        lead
            Positions of a condition that stands before the sequence.
        captured
            Insists on CUDA graphs, or forbids them; they are used on a GPU by default.
        """
        self.weights, self.batch, self.guided, self.lead = weights, batch, guided, lead
        self.cache = Cache(weights, batch * (2 if guided else 1), lead + length)
        device = weights.device
        self.captured = device.type == "cuda" if captured is None else captured
        shape = (batch, weights.codebooks, length)
        self.pattern = torch.zeros(shape, dtype=torch.int64, device=device)
        self.written = torch.zeros(shape, dtype=torch.int64, device=device)
        self.at = torch.zeros(1, dtype=torch.int64, device=device)
        self.guidance = torch.ones(batch, 1, 1, device=device)
        self.heat = torch.ones(batch, 1, 1, device=device)
        drawn = min(top_k, weights.vocabulary)
        # Exponential draws, a column each; they decide the sampling.
        self.noise: Tensor = (
            torch.ones((length, batch, weights.codebooks, drawn), device=device) if drawn else None
        )
        self._graphs: dict[int, Any] = {}

    def window(
        self,
        prompt: Tensor,
        frames: int,
        prefix: Tensor | None = None,
        tell: Callable[[int], None] = lambda step: None,
    ) -> Tensor:
        """Return codes (batch, codebooks, frames) that begin with `prompt`.

        Parameters
        ----------
        prompt
            int64 (batch, codebooks, given); given may be 0.
        frames
            Of the whole window.
        prefix
            (rows, lead, width), the condition that stands before the sequence, if there is one.
        tell
            Called with the number of steps done every `CHUNK` steps; may raise to stop.
        """
        weights = self.weights
        pattern = delayed(prompt, frames, weights.channels, weights.pad)
        width = pattern.shape[2]
        self.pattern[:, :, :width] = pattern
        self.written[:, :, :width] = pattern
        first = prompt.shape[2]  # the last column that is known in full
        self.prefill(first, prefix)
        pending: Any = None
        for step, position in enumerate(range(first + 1, width - 1), start=1):
            self._step(position)
            if step % CHUNK == 0:
                # Wait for the chunk before this one: the device never runs dry.
                if pending is not None:
                    pending.synchronize()
                pending = self._event()
                tell(step)
        return undelayed(self.written[:, :, :width], frames, weights.channels)

    def prefill(self, last: int, prefix: Tensor | None) -> None:
        """Run the condition and columns 0 to `last` at once, and write column last + 1."""
        self.at.fill_(last)
        embedded = self._rows(self.written[:, :, : last + 1])
        if prefix is not None:
            embedded = torch.cat([prefix, embedded], dim=1)
        reach = self.lead + last + 1
        at = torch.arange(reach, device=self.weights.device)
        self._write(forward(self.weights, self.cache, embedded, at, reach))

    def _step(self, column: int) -> None:
        reach = min(self.cache.length, -(-(self.lead + column + 1) // REACH) * REACH)
        if not self.captured:
            self.advance(reach)
            return
        if reach not in self._graphs:
            self._graphs[reach] = self._capture(reach)
        self._graphs[reach].replay()

    def advance(self, reach: int) -> None:
        """Read column `at`, write column `at` + 1, and move on; asks the host nothing."""
        embedded = self._rows(self.written.index_select(2, self.at))
        self._write(forward(self.weights, self.cache, embedded, self.at + self.lead, reach))

    def _capture(self, reach: int) -> Any:
        """Capture `advance`; what the warm-up runs change is put back."""
        kept_at, kept_written = self.at.clone(), self.written.clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP):
                self.at.copy_(kept_at)
                self.advance(reach)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.advance(reach)
        self.at.copy_(kept_at)
        self.written.copy_(kept_written)
        return graph

    def _rows(self, codes: Tensor) -> Tensor:
        embedded = embed(self.weights, codes)
        return torch.cat([embedded, embedded]) if self.guided else embedded

    def _write(self, hidden: Tensor) -> None:
        """Choose the codes of column at + 1 from hidden states, where the pattern is open."""
        scores = logits(self.weights, hidden)
        if self.guided:
            asked, plain = scores.chunk(2)
            scores = plain + (asked - plain) * self.guidance
        self.at.add_(1)
        fixed = self.pattern.index_select(2, self.at)[:, :, 0]
        chosen = torch.where(fixed == OPEN, self._choose(scores), fixed)
        self.written.index_copy_(2, self.at, chosen[:, :, None])

    def _choose(self, scores: Tensor) -> Tensor:
        """Return a code a codebook: the most likely, or one drawn among the `top_k` likeliest.

        Dividing probabilities by exponential draws and taking the largest is a multinomial draw
        (the exponential race), with no random state inside the step.
        """
        if self.noise is None:
            return scores.argmax(dim=-1)
        best, names = scores.topk(self.noise.shape[3], dim=-1)
        odds = torch.softmax(best / self.heat, dim=-1)
        race = odds / self.noise.index_select(0, self.at)[0]
        return names.gather(2, race.argmax(dim=-1, keepdim=True))[:, :, 0]

    def _event(self) -> Any:
        if self.weights.device.type != "cuda":
            return None
        event = torch.cuda.Event()
        event.record()
        return event
