"""Long pieces in windows: the model hears 30 s, so each window begins with the last 12 s of codes.

Continuation happens in the space of codes: what is carried over is bit for bit what was written,
with no second trip through the codec, so windows leave no seam in the sound. Window and stride are
those of the model's authors (audiocraft, `genmodel.py`: 30 s and 18 s).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WINDOW_S = 30.0
STRIDE_S = 18.0


@dataclass(frozen=True, slots=True)
class Window:
    """Frames `start` to `stop` of the piece; the first `given` of them are there already."""

    start: int
    stop: int
    given: int

    @property
    def frames(self) -> int:
        """Length, what is given included."""
        return self.stop - self.start


def windows(frames: int, rate: float) -> Iterator[Window]:
    """Yield the windows of a piece of `frames` codec frames at `rate` a second.

    >>> [(w.start, w.stop, w.given) for w in windows(2400, 50)]
    [(0, 1500, 0), (900, 2400, 600)]
    """
    longest, stride = round(WINDOW_S * rate), round(STRIDE_S * rate)
    start, done = 0, 0
    while done < frames:
        stop = min(start + longest, frames)
        yield Window(start, stop, done - start)
        done, start = stop, start + stride


def steps(frames: int, rate: float, late: int) -> int:
    """Return how many decoding steps a piece takes; `late` is the longest delay in frames."""
    return sum(window.frames - window.given + late for window in windows(frames, rate))
