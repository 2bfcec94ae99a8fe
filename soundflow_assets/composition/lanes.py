"""A kit's lanes as written: a grid's bars, and where its steps stand in them."""

from __future__ import annotations

from functools import lru_cache

from soundflow_assets.plans.drums import Lane


def lane_bars(lane: Lane, steps: int, index: int) -> tuple[str, ...]:
    """Return a lane's grid `index` as one string of `steps` marks per bar."""
    return _bars(lane.grids[index % len(lane.grids)], steps)


@lru_cache(maxsize=1024)
def _bars(grid: str, steps: int) -> tuple[str, ...]:
    marks = grid.replace(" ", "").replace("|", "")
    return tuple(marks[at : at + steps] for at in range(0, len(marks), steps))


@lru_cache(maxsize=8)
def step_beats(steps: int) -> tuple[float, ...]:
    """Return the written place of each step of a bar in quarter notes from its start.

    On a triplet grid the last third of a beat is the swung eighth and is written as the half; the
    swing then puts it where the tempo wants it.
    """
    if steps == 16:
        return tuple(step / 4.0 for step in range(steps))
    return tuple(step // 3 + (0.0, 0.25, 0.5)[step % 3] for step in range(steps))
