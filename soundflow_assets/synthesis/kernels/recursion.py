"""First-order recursions eight samples at a time: y[n] = x[n] + k·y[n-1].

Written out, y[n] is x[n] + k·x[n-1] + … + k⁷·x[n-7] + k⁸·y[n-8]. The sum doubles its reach three
times (Hillis & Steele, "Data parallel algorithms", CACM 29, 1986), and eight samples wait only for
the eight before them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import behind, splat

Powers = npt.NDArray[np.float32]  # (4,)


@njit(cache=True)
def powers_of(k: float) -> Powers:
    """Return k, k², k⁴, k⁸."""
    powers = np.empty(4, dtype=np.float32)
    for doubling in range(4):
        powers[doubling] = k
        k *= k
    return powers


@njit(cache=True, inline="always")
def silence() -> Any:
    """Return the past of a recursion that has heard nothing."""
    nothing = splat(np.float32(0.0))
    return nothing, nothing, nothing, nothing


@njit(cache=True, inline="always")
def recursed(x: Any, past: Any, powers: Powers) -> Any:
    """Return the next eight samples of a recursion, and what is past for the eight after them.

    The past is the last eight of x, of its sums of two and of four, and of y.
    """
    pairs = x + powers[0] * behind(past[0], x, 1)
    fours = pairs + powers[1] * behind(past[1], pairs, 2)
    eights = fours + powers[2] * behind(past[2], fours, 4)
    y = eights + powers[3] * past[3]
    return y, (x, pairs, fours, y)
