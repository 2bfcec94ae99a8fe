"""Fixed second-order filters over one sound from its first sample on, eight samples at a time.

What `filters.svf` does sample by sample, written as a difference equation and looked ahead of (see
`recursion.resonated`), so that neighbours do not wait for each other. Float64: both ways differ by
rounding alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
from soundflow_assets.synthesis.kernels.recursion import resonance_of, resonated
from soundflow_assets.synthesis.kernels.shuffles import behind

Floats = npt.NDArray[np.float64]

LOW, BAND, HIGH = 0, 1, 2
MEMORIES = 6  # in eights: what came in, and the past of `resonated`
FILTER = 3 + 8  # numerator, and the coefficients of `resonated`


@njit(cache=True, error_model="numpy")
def second_order(kind: int, cutoff_hz: float, k: float) -> Floats:
    """Return a low-, high- or band-pass (FILTER,) of damping `k`, 1/Q; a band's peak is 1/k.

    The trapezoidal filter's bilinear transform: with g = tan(π·f/sr) and s = (1 - z⁻¹)/(g·(1 +
    z⁻¹)), all are over s² + k·s + 1: low-pass 1, band-pass s, high-pass s².
    """
    g = svf_g(cutoff_hz)
    norm = 1.0 / (1.0 + g * (g + k))
    found = np.empty(FILTER)
    if kind == LOW:
        found[0], found[1], found[2] = g * g * norm, 2.0 * g * g * norm, g * g * norm
    elif kind == BAND:
        found[0], found[1], found[2] = g * norm, 0.0, -g * norm
    else:
        found[0], found[1], found[2] = norm, -2.0 * norm, norm
    found[3:] = resonance_of(2.0 * (g * g - 1.0) * norm, (1.0 + g * (g - k)) * norm)
    return found


@njit(cache=True)
def run_second_order(sound: Floats, samples: int, coefficients: Floats, memory: Floats) -> None:
    """Filter `sound` up to `samples`, a multiple of 8, in place.

    `memory` (MEMORIES, LANES) is carried from stretch to stretch, zeros before the first.
    """
    b0, b1, b2 = coefficients[0], coefficients[1], coefficients[2]
    reach = coefficients[3:]
    before = load(memory[0], 0)
    past = (
        load(memory[1], 0), load(memory[2], 0), load(memory[3], 0),
        load(memory[4], 0), load(memory[5], 0),
    )  # fmt: skip
    for n in range(0, samples, LANES):
        x = load(sound, n)
        heard = b0 * x + b1 * behind(before, x, 1) + b2 * behind(before, x, 2)
        before = x
        y, past = resonated(heard, past, reach)
        store(sound, n, y)
    store(memory[0], 0, before)
    store(memory[1], 0, past[0])
    store(memory[2], 0, past[1])
    store(memory[3], 0, past[2])
    store(memory[4], 0, past[3])
    store(memory[5], 0, past[4])
