"""Filters whose cutoff may move at any moment: state-variable, one-pole, four-pole ladder.

The state-variable filter is the trapezoidal one of Andrew Simper ("Solving the continuous SVF
equations using trapezoidal integration and equivalent currents", Cytomic 2013): g = tan(π·fc/sr),
k = 1/Q; it stays stable and in tune while both move. The ladder solves its feedback without delay
(Zavalishin, "The Art of VA Filter Design", ch. 5). Sample functions are inlined into the kernels
that own the state; `whole` has filters that work on whole buffers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dtan_pi

HIGHEST = 0.45  # of the sample rate: no cutoff is set above
QUIETEST = 1e-18  # keeps memories out of the denormal numbers, which are slow
QUIETEST_SINGLE = np.float32(QUIETEST)


@njit(cache=True, inline="always")
def svf_g(cutoff_hz: float) -> float:
    """Return the integrator gain g of `cutoff_hz`, kept within 5 Hz and 0.45 of the rate."""
    return dtan_pi(min(max(cutoff_hz, 5.0), HIGHEST * SAMPLE_RATE) / SAMPLE_RATE)


@njit(cache=True, inline="always")
def svf(x: float, ic1: float, ic2: float, g: float, k: float) -> tuple[float, float, float, float]:
    """Advance one sample: return (low-pass, band-pass, next ic1, next ic2).

    High-pass is x - k·band - low; a band-pass of unit peak is k·band.
    """
    a1 = 1.0 / (1.0 + g * (g + k))
    a2 = g * a1
    v3 = x - ic2
    band = a1 * ic1 + a2 * v3
    low = ic2 + a2 * ic1 + g * a2 * v3
    return low, band, 2.0 * band - ic1, 2.0 * low - ic2


@njit(cache=True, inline="always")
def svf_gains(g: Any, k: Any) -> tuple[Any, Any, Any]:
    """Return what `svf_step` multiplies with: of g and k, numbers or lanes of float64."""
    a1 = 1.0 / (1.0 + g * (g + k))
    push = 2.0 * g * a1
    return 2.0 * a1 - 1.0, push, g * push


@njit(cache=True, inline="always")
def single_gains(g: float, k: float) -> tuple[np.float32, np.float32, np.float32]:
    """Return `svf_gains` of numbers as float32."""
    turn, push, pull = svf_gains(g, k)
    return np.float32(turn), np.float32(push), np.float32(pull)


@njit(cache=True, inline="always")
def svf_step(x: Any, ic1: Any, ic2: Any, gains: Any) -> tuple[Any, Any, Any, Any]:
    """Do as `svf`, numbers or lanes: its two states as they follow from each other and from x.

    So they wait for each other as little as they can. In float32 rounding is 100 dB under what
    comes out, for corners from 100 Hz on.
    """
    turn, push, pull = gains
    half = np.float32(0.5)
    v = x - ic2
    first = turn * ic1 + push * v
    second = (ic2 + push * ic1) + pull * v
    return half * (ic2 + second), half * (ic1 + first), first, second


@njit(cache=True, inline="always")
def one_pole(x: float, state: float, g: float) -> tuple[float, float]:
    """Advance a trapezoidal one-pole: return (low-pass, next state); high-pass is x - low."""
    v = (x - state) * g / (1.0 + g)
    low = v + state
    return low, low + v
