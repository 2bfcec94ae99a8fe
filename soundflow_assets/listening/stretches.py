"""Sound of any length in bounded memory: a programme as overlapping stretches.

A stretch owns half a minute and brings along a second of what comes before and after it, so that a
filter has settled and a window is full where the owned part begins and ends: measured stretch by
stretch, a programme gives the numbers it gives as a whole.

Frames (windows of a short-time spectrum) belong to the stretch in which they begin; only frames
that lie wholly within the programme count, except that a programme shorter than one window is
padded with silence and makes a single frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio

OWNED = 30 * SAMPLE_RATE  # a multiple of the loudness cells
MARGIN = SAMPLE_RATE
_FRAMES_AT_ONCE = 256
Windows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """`audio` (2, samples) begins at sample `origin` of the programme; [first, last) is owned."""

    audio: Audio
    origin: int
    first: int
    last: int


class Stretcher:
    """Cuts a programme that comes in blocks (2, n) at 44.1 kHz into its stretches."""

    def __init__(self) -> None:
        self._held: Audio = np.zeros((2, 0), dtype=np.float32)
        self._origin = self._first = 0

    def feed(self, block: Audio) -> Iterator[Stretch]:
        """Take the next samples; yield the stretches that are complete with them."""
        self._held = np.concatenate((self._held, block), axis=1)
        while self._end() >= self._first + OWNED + MARGIN:
            yield self._next(self._first + OWNED)

    def finish(self) -> Iterator[Stretch]:
        """Yield what is left."""
        while self._first < self._end():
            yield self._next(min(self._end(), self._first + OWNED))

    def _end(self) -> int:
        return self._origin + int(self._held.shape[1])

    def _next(self, last: int) -> Stretch:
        audio = self._held[:, : last + MARGIN - self._origin]
        stretch = Stretch(audio, self._origin, self._first, last)
        kept = max(self._origin, last - MARGIN)
        self._held = self._held[:, kept - self._origin :]
        self._origin, self._first = kept, last
        return stretch


def windows(stretch: Stretch, signal: npt.NDArray[np.float32], size: int, hop: int) -> Windows:
    """Return the owned frames of `signal`, which runs as `stretch.audio` does; a view (n, size)."""
    if stretch.origin == 0 and len(signal) < size:
        return np.pad(signal, (0, size - len(signal)))[None]
    start = -(-stretch.first // hop) * hop - stretch.origin
    count = -(-stretch.last // hop) - -(-stretch.first // hop)
    views = np.lib.stride_tricks.sliding_window_view(signal, size)[start::hop]
    return views[:count]


def spectra(frames: Windows) -> Iterator[npt.NDArray[np.complex64]]:
    """Yield Hann-windowed spectra (frames, size // 2 + 1) of `frames`, some at a time."""
    window = np.hanning(frames.shape[1]).astype(np.float32)
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        block = frames[start : start + _FRAMES_AT_ONCE] * window
        yield np.fft.rfft(block, axis=1).astype(np.complex64)
