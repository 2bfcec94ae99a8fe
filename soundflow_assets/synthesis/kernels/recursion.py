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
from soundflow_assets.synthesis.kernels.lanes import splat
from soundflow_assets.synthesis.kernels.shuffles import behind

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


@njit(cache=True)
def resonance_of(a1: float, a2: float) -> npt.NDArray[np.float64]:
    """Return the coefficients of `resonated`: (8,), two for each reach of 1, 2, 4 and 8 samples.

    Scattered look-ahead (Parhi & Messerschmitt, IEEE Trans. ASSP 37, 1989): a filter over
    1 + a1·z⁻¹ + a2·z⁻² is one by 1 - a1·z⁻¹ + a2·z⁻² over 1 + (2·a2 - a1²)·z⁻² + a2²·z⁻⁴.
    """
    reach = np.empty(8)
    for doubling in range(4):
        reach[2 * doubling], reach[2 * doubling + 1] = a1, a2
        a1, a2 = 2.0 * a2 - a1 * a1, a2 * a2
    return reach


@njit(cache=True, inline="always")
def resonated(x: Any, past: Any, reach: npt.NDArray[np.float64]) -> Any:
    """Return the next eight samples of y[n] = x[n] - a1·y[n-1] - a2·y[n-2], float64, and the past.

    The past is the last eight of x, of its sums of three and of nine, and of y, and the eight of y
    before those; all zeros at first.
    """
    x1, threes1, nines1, y1, y2 = past
    threes = x - reach[0] * behind(x1, x, 1) + reach[1] * behind(x1, x, 2)
    nines = threes - reach[2] * behind(threes1, threes, 2) + reach[3] * behind(threes1, threes, 4)
    into = nines - reach[4] * behind(nines1, nines, 4) + reach[5] * nines1
    y = into - reach[6] * y1 - reach[7] * y2
    return y, (x, threes, nines, y, y1)
