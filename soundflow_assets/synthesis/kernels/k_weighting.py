"""K-weighted energy of a programme, cell by cell (ITU-R BS.1770-4).

The weighting is two biquads in series, whose recursion is what costs time. So a sound is cut into
eight, which run side by side with both channels of each: sixteen `lanes`. A cut begins `WARM_UP`
samples early, with empty filters; by then they have forgotten that (the high-pass, the slowest of
them, loses 24 nepers of its beginning in 0.1 s, twice that until it counts).

Filtered in float32, summed in float64: an energy is off by less than a hundred thousandth of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import Places, read_wide
from soundflow_assets.synthesis.kernels.filters import QUIETEST_SINGLE
from soundflow_assets.synthesis.kernels.lanes import LANES, WIDE_LANES, load_wide, splat_wide, store

Energies = npt.NDArray[np.float64]
Memory = npt.NDArray[np.float32]

CELL = 4410  # samples in 100 ms, the hop of the gating blocks
MEMORIES = 4  # of both filters, one channel
WEIGHTING_STATE = 2 * MEMORIES + 1  # those of both channels, and how long silence has lasted
QUIET = 2 * MEMORIES  # where the latter stands
WARM_UP = 2 * CELL
# After 1 s of silence the filters rest; after less it costs more to begin again than to go on.
REST = 10 * CELL
CUTS = LANES
STEP = 256  # samples of each cut worked on at a time

# Shelf, in transposed direct form II: by sample and by what came out, now and one sample later.
_NOW = np.float32(1.5308412300503478)
_NEXT, _NEXT_OUT = np.float32(-2.6509799951547297), np.float32(1.6636551132560204)
_LAST, _LAST_OUT = np.float32(1.169079079921587), np.float32(-0.7125954280732254)
# High-pass (1, -2, 1) over (1, _A1, _A2) as the state-variable filter of `filters`, which loses
# nothing in float32: g² and 1 + gk + g² from the standard's coefficients, bilinear both.
_A1, _A2 = -1.989169673629796, 0.9891990357870393
_SQUARE, _SPAN = (1.0 + _A1 + _A2) / (1.0 - _A1 + _A2), 4.0 / (1.0 - _A1 + _A2)
_G = np.sqrt(_SQUARE)
_TURN, _PUSH = np.float32(2.0 / _SPAN - 1.0), np.float32(2.0 * _G / _SPAN)
_PULL, _SCALE = np.float32(2.0 * _SQUARE / _SPAN), np.float32(0.5 * _SPAN / _G)


@njit(cache=True, error_model="numpy")
def weighted_energies(audio: Audio, cell: int) -> Energies:
    """Return the K-weighted energy of each whole cell of `audio` (2, samples).

    Returns
    -------
    float64 (samples // cell,), the sum over both channels of the squared weighted samples. A cell
    in digital silence is not filtered once `REST` samples have been silent. NaN and infinity stay
    NaN or infinite, so that the caller finds them.
    """
    cells = audio.shape[1] // cell
    out = np.zeros(cells)
    quiet = 0
    first = 0  # of the cells heard since the last silence
    for c in range(cells):
        quiet = quiet + cell if _silent(audio, c * cell, (c + 1) * cell) else 0
        if quiet > REST:
            if first < c:
                _weigh(audio, cell, first, c, out)
            first = c + 1
    if first < cells:
        _weigh(audio, cell, first, cells, out)
    return out


@njit(cache=True, error_model="numpy")
def weighted_energies_on(audio: Audio, cell: int, state: Energies) -> Energies:
    """Return the K-weighted energy of each cell of the next stretch of a programme.

    Where stretches are cut changes an energy by less than a hundred thousandth of it.

    Parameters
    ----------
    audio : float32 (2, samples)
    cell : samples per cell; only whole cells are returned.
    state : (WEIGHTING_STATE,), carried from one stretch to the next, zeros before the first.

    Returns
    -------
    As `weighted_energies`.
    """
    cells = audio.shape[1] // cell
    out = np.zeros(cells)
    per = cells // CUTS
    longest, at_end = _silences(audio, cell, state[QUIET])
    if per * cell < 2 * WARM_UP or longest > REST:
        _weigh_on(audio, cell, 0, state, out)
        return out
    state[QUIET] = 0.0
    _weigh_cuts(audio, cell, 0, CUTS * per, per, state, out)
    _weigh_on(audio, cell, CUTS * per, state, out)
    state[QUIET] = at_end
    return out


@njit(cache=True, error_model="numpy")
def _silences(audio: Audio, cell: int, quiet: float) -> tuple[float, float]:
    """Return how long the longest silence of a stretch lasts, and the one it ends in.

    Before it, `quiet` samples were silent; the next stretch may go on with the last silence.
    """
    longest = 0.0
    for start in range(0, audio.shape[1] // cell * cell, cell):
        quiet = quiet + cell if _silent(audio, start, start + cell) else 0.0
        longest = max(longest, quiet)
    return longest, quiet


@njit(cache=True, error_model="numpy")
def _weigh_on(audio: Audio, cell: int, first: int, state: Energies, out: Energies) -> None:
    """Write `out[first:]`, cell after cell."""
    memory = state.astype(np.float32)
    quiet = int(state[QUIET])
    for at in range(first, out.shape[0]):
        start = at * cell
        quiet = quiet + cell if _silent(audio, start, start + cell) else 0
        if quiet > REST:
            memory[:] = np.float32(0.0)
            continue
        for channel in range(2):
            own = memory[channel * MEMORIES : (channel + 1) * MEMORIES]
            a, b, c, d = own[0], own[1], own[2], own[3]
            energy = 0.0
            for n in range(start, start + cell):
                z, a, b, c, d = weigh(audio[channel, n], a + QUIETEST_SINGLE, b, c, d)
                energy += np.float64(z) * np.float64(z)
            own[0], own[1], own[2], own[3] = a, b, c, d
            out[at] += energy
    state[:QUIET] = memory[:QUIET]
    state[QUIET] = quiet


@njit(cache=True, inline="always")
def weigh(x: Any, a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Advance the weighting by a sample, number or lanes: return it and the next memories.

    `a` and `b` are the shelf's, `c` and `d` the high-pass's, by whose step in `c` it is known.
    """
    y = _NOW * x + a
    a = (_NEXT * x + b) + _NEXT_OUT * y
    b = _LAST * x + _LAST_OUT * y
    v = y - d
    before = c
    d = (d + _PUSH * c) + _PULL * v
    c = _TURN * c + _PUSH * v
    return _SCALE * (c - before), a, b, c, d


@njit(cache=True, error_model="numpy")
def _silent(audio: Audio, start: int, stop: int) -> bool:
    """Tell whether both channels are zero from `start` to `stop`."""
    n = start
    while n < stop and audio[0, n] == 0.0 and audio[1, n] == 0.0:
        n += 1
    return n >= stop


@njit(cache=True, error_model="numpy")
def _weigh(audio: Audio, cell: int, first: int, last: int, out: Energies) -> None:
    """Write `out[first:last]`, of cells before which there was silence."""
    per = max((last - first + CUTS - 1) // CUTS, _warm_cells(cell))
    _weigh_cuts(audio, cell, first, last, per, np.zeros(WEIGHTING_STATE), out)


@njit(cache=True, inline="always")
def _warm_cells(cell: int) -> int:
    return (WARM_UP + cell - 1) // cell


@njit(cache=True, error_model="numpy")
def _weigh_cuts(
    audio: Audio, cell: int, first: int, last: int, per: int, state: Energies, out: Energies
) -> None:
    """Write `out[first:last]`, cut into pieces of `per` cells side by side.

    The first of them goes on from `state`; where all are of one length, the last one leaves it.
    """
    memory = np.zeros((MEMORIES, WIDE_LANES), dtype=np.float32)
    starts = np.empty(CUTS, dtype=np.int64)
    for cut in range(CUTS):
        # A cut that has nothing to do goes along with the last one that has.
        starts[cut] = min(first + cut * per, last - 1) * cell
    energies = np.empty(WIDE_LANES)
    if last - first > per:
        warm = _warm_cells(cell) * cell
        _weigh_cells(audio, starts - warm, warm, memory, energies)
    memory[:, 0] = state[:MEMORIES]
    memory[:, CUTS] = state[MEMORIES:QUIET]
    for at in range(min(per, last - first)):
        _weigh_cells(audio, starts + at * cell, cell, memory, energies)
        for cut in range(CUTS):
            here = first + cut * per + at
            if here < last:
                out[here] = energies[cut] + energies[CUTS + cut]
    state[:MEMORIES] = memory[:, CUTS - 1]
    state[MEMORIES:QUIET] = memory[:, WIDE_LANES - 1]


@njit(cache=True, error_model="numpy")
def _weigh_cells(
    audio: Audio,
    starts: Places,
    length: int,
    memory: Memory,
    energies: Energies,
) -> None:
    """Weigh `length` samples of all cuts and write their `energies`: lefts, then rights.

    Samples outside of `audio` are silence.
    """
    row = np.empty(STEP * WIDE_LANES, dtype=np.float32)
    squares = np.empty(WIDE_LANES, dtype=np.float32)
    energies[:] = 0.0
    a, b = load_wide(memory[0], 0), load_wide(memory[1], 0)
    c, d = load_wide(memory[2], 0), load_wide(memory[3], 0)
    for first in range(0, length, STEP):
        size = min(STEP, length - first)
        read_wide(audio, starts + first, (size + LANES - 1) // LANES * LANES, row)
        # In silence the memories would fade into the denormal numbers.
        a, c = a + QUIETEST_SINGLE, c + QUIETEST_SINGLE
        energy = splat_wide(np.float32(0.0))
        for n in range(size):
            z, a, b, c, d = weigh(load_wide(row, n * WIDE_LANES), a, b, c, d)
            energy = energy + z * z
        store(squares, 0, energy)
        for lane in range(WIDE_LANES):
            energies[lane] += np.float64(squares[lane])
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(memory[2], 0, c)
    store(memory[3], 0, d)
