"""Second-order filters in series over a programme: two channels of four cuts, side by side.

A section is the trapezoidal state-variable filter of `filters`, whose output is any mixture of its
input, band-pass and low-pass, written with as few operations as it takes: with v = x - ic2,

    ic1' = turn·ic1 + push·v
    ic2' = ic2 + push·ic1 + pull·v
    y = of_x·x + of_1·ic1 + of_2·ic2

A recursion waits for its own last sample, so two sections go through the samples together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import CUTS, Places, Row, read_cuts, write_cuts
from soundflow_assets.synthesis.kernels.filters import QUIETEST, svf_g
from soundflow_assets.synthesis.kernels.lanes import LANES, load, narrowed, splat, store, widened
from soundflow_assets.synthesis.kernels.mixing import CONTROL
from soundflow_assets.synthesis.kernels.shuffles import crossed

Floats = npt.NDArray[np.float64]

# Samples a cut begins early: 0.28 s, in which a high-pass of 28 Hz (Butterworth) forgets 34 nepers,
# all that a float64 can tell.
WARM_UP = 12_288
_SIGNS = np.repeat(np.array([1.0, -1.0]), CUTS)  # of a channel in its own sum or difference


@njit(cache=True, error_model="numpy")
def section(cutoff_hz: float, k: float, direct: float, band: float, low: float) -> Floats:
    """Return the coefficients (6,) of direct·x + band·(band-pass) + low·(low-pass); k is 1/Q.

    The band-pass has a peak of 1/k, as that of `filters.svf`.
    """
    g = svf_g(cutoff_hz)
    a1 = 1.0 / (1.0 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
    return np.array(
        [
            2.0 * a1 - 1.0,
            2.0 * a2,
            2.0 * a3,
            direct + band * a2 + low * a3,
            band * a1 + low * a2,
            low - band * a2 - low * a3,
        ]
    )


def in_lanes(first: Floats, second: Floats) -> Floats:
    """Return coefficients (6, LANES) of a section that differs between the two channels."""
    return np.repeat(np.stack((first, second), axis=1), CUTS, axis=1)


@njit(cache=True, error_model="numpy")
def run_sections(audio: Audio, sections: Floats, mid_side: bool, state: Floats) -> Floats:
    """Filter the next stretch (2, samples) of a programme in place.

    Where stretches are cut is nothing that a float32 can tell.

    Parameters
    ----------
    sections : float64 (an even number, 6, LANES), as `in_lanes` returns them.
    mid_side : whether the first channel of the sections is left + right, the second left - right;
        what comes out is mid + side and mid - side.
    state : float64 (sections, 2, 2), memories of both channels, zeros before the first stretch.

    Returns
    -------
    The sum of the squares of each `CONTROL` samples of what came out, both channels.
    """
    samples = audio.shape[1]
    powers = np.zeros((samples + CONTROL - 1) // CONTROL)
    memory = np.zeros((sections.shape[0], 2, LANES))
    span = samples // (CUTS * CONTROL) * CONTROL
    first = 0
    if span >= WARM_UP:
        places = np.arange(CUTS) * span
        before = places - WARM_UP
        before[0] = before[1]  # goes along: it has memories
        _run(audio, before, WARM_UP, sections, mid_side, memory, False, powers)
        memory[:, :, 0] = state[:, :, 0]
        memory[:, :, CUTS] = state[:, :, 1]
        _run(audio, places, span, sections, mid_side, memory, True, powers)
        state[:, :, 0] = memory[:, :, CUTS - 1]
        state[:, :, 1] = memory[:, :, LANES - 1]
        first = CUTS * span
    for cut in range(CUTS):  # what is left is one piece, which all of them work on
        memory[:, :, cut] = state[:, :, 0]
        memory[:, :, CUTS + cut] = state[:, :, 1]
    left = np.full(CUTS, first)
    _run(audio, left, samples - first, sections, mid_side, memory, True, powers)
    state[:, :, 0] = memory[:, :, 0]
    state[:, :, 1] = memory[:, :, CUTS]
    return powers


@njit(cache=True, error_model="numpy")
def _run(
    audio: Audio,
    starts: Places,
    length: int,
    sections: Floats,
    mid_side: bool,
    memory: Floats,
    writes: bool,
    powers: Floats,
) -> None:
    """Filter `length` samples of each cut, and write them and their powers if it `writes`."""
    row = np.empty(CONTROL * LANES, dtype=np.float32)
    wide = np.empty(CONTROL * LANES)
    squares = np.empty(LANES)
    places = starts.copy()
    stops = starts + length
    for _ in range(0, length, CONTROL):
        read_cuts(audio, places, CONTROL, row)
        _widen(row, mid_side, wide)
        for s in range(0, sections.shape[0], 2):
            _two_sections(wide, sections[s], sections[s + 1], memory[s], memory[s + 1])
        if writes:
            _narrow(wide, mid_side, row, squares)
            write_cuts(row, audio, places, stops, CONTROL)
            for cut in range(CUTS):
                powers[places[cut] // CONTROL] = squares[cut] + squares[CUTS + cut]
        for cut in range(CUTS):
            places[cut] += CONTROL


@njit(cache=True, error_model="numpy")
def _widen(row: Row, mid_side: bool, wide: Floats) -> None:
    """Take a step of all cuts to float64, if asked as sums and differences of the channels."""
    sign = load(_SIGNS, 0)
    for n in range(0, CONTROL * LANES, LANES):
        x = widened(load(row, n))
        if mid_side:
            x = crossed(x) + sign * x
        store(wide, n, x)


@njit(cache=True, error_model="numpy")
def _narrow(wide: Floats, mid_side: bool, row: Row, squares: Floats) -> None:
    """Undo `_widen`, and write the sum of the squares of each lane (LANES,)."""
    sign = load(_SIGNS, 0)
    total = splat(0.0)
    for n in range(0, CONTROL * LANES, LANES):
        x = load(wide, n)
        if mid_side:
            x = crossed(x) + sign * x
        total = total + x * x
        store(row, n, narrowed(x))
    store(squares, 0, total)


@njit(cache=True, error_model="numpy")
def _two_sections(
    wide: Floats, one: Floats, other: Floats, memory: Floats, next_memory: Floats
) -> None:
    """Run a step of all cuts through two sections (6, LANES), in place.

    In silence every memory would fade into the denormal numbers: each is touched at every step.
    """
    turn, push, pull = load(one[0], 0), load(one[1], 0), load(one[2], 0)
    of_x, of_1, of_2 = load(one[3], 0), load(one[4], 0), load(one[5], 0)
    turn_2, push_2, pull_2 = load(other[0], 0), load(other[1], 0), load(other[2], 0)
    of_y, of_3, of_4 = load(other[3], 0), load(other[4], 0), load(other[5], 0)
    a, b = load(memory[0], 0) + QUIETEST, load(memory[1], 0) + QUIETEST
    c, d = load(next_memory[0], 0) + QUIETEST, load(next_memory[1], 0) + QUIETEST
    for n in range(0, CONTROL * LANES, LANES):
        x = load(wide, n)
        y = of_x * x + of_1 * a + of_2 * b
        v = x - b
        b = b + push * a + pull * v
        a = turn * a + push * v
        store(wide, n, of_y * y + of_3 * c + of_4 * d)
        v = y - d
        d = d + push_2 * c + pull_2 * v
        c = turn_2 * c + push_2 * v
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(next_memory[0], 0, c)
    store(next_memory[1], 0, d)
