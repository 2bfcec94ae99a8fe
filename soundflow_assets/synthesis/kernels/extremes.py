"""How far a sound goes: the largest magnitude of a stretch of samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load
from soundflow_assets.synthesis.kernels.shuffles import largest_of

Row = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def highest(row: Row, start: int, stop: int) -> float:
    """Return the largest magnitude in `row[start:stop]` of a contiguous row, 0.0 where it is empty.

    What is not a number counts for nothing.
    """
    length = stop - start
    most = row.dtype.type(0.0)
    if length >= LANES:
        x = load(row, start)
        up = larger(x, most - x)
        for n in range(start, stop - LANES + 1, LANES):
            x = load(row, n)
            up = larger(larger(x, most - x), up)
        most = largest_of(up)
    for n in range(stop - length % LANES, stop):
        most = max(most, abs(row[n]))
    return np.float64(most)
