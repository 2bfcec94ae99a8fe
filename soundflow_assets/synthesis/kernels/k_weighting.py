"""K-weighted energy of a programme, cell by cell (ITU-R BS.1770-4).

The weighting is two biquads in series, whose recursion is what costs time. So a sound is cut into
four, which run side by side with both channels of each: eight `lanes`. A cut begins `WARM_UP`
samples early, with empty filters; by then they have forgotten that (the high-pass, the slowest of
them, loses 24 nepers of its beginning in 0.1 s, twice that until it counts).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import CUTS, Places, read_cuts
from soundflow_assets.synthesis.kernels.filters import QUIETEST
from soundflow_assets.synthesis.kernels.lanes import LANES, load, splat, store, widened

Energies = npt.NDArray[np.float64]

CELL = 4410  # samples in 100 ms, the hop of the gating blocks
WEIGHTING_STATE = 9  # filter memories of both channels, and how long silence has lasted
WARM_UP = 2 * CELL
# After 1 s of silence the filters rest; after less it costs more to begin again than to go on.
REST = 10 * CELL
STEP = 48  # samples of each cut worked on at a time


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

    Where stretches are cut changes an energy by less than a billionth of it.

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
    longest, at_end = _silences(audio, cell, state[8])
    if per * cell < 2 * WARM_UP or longest > REST:
        _weigh_on(audio, cell, 0, state, out)
        return out
    state[8] = 0.0
    _weigh_cuts(audio, cell, 0, CUTS * per, per, state, out)
    _weigh_on(audio, cell, CUTS * per, state, out)
    state[8] = at_end
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
    a, b, c, d = state[0], state[1], state[2], state[3]
    e, f, g, h = state[4], state[5], state[6], state[7]
    quiet = int(state[8])
    for at in range(first, out.shape[0]):
        start = at * cell
        quiet = quiet + cell if _silent(audio, start, start + cell) else 0
        if quiet > REST:
            a = b = c = d = e = f = g = h = 0.0
            continue
        energy = 0.0
        for n in range(start, start + cell):
            z, a, b, c, d = weigh(audio[0, n] + QUIETEST, a, b, c, d)
            energy += z * z
            z, e, f, g, h = weigh(audio[1, n] + QUIETEST, e, f, g, h)
            energy += z * z
        out[at] = energy
    state[0], state[1], state[2], state[3] = a, b, c, d
    state[4], state[5], state[6], state[7] = e, f, g, h
    state[8] = quiet


@njit(cache=True, inline="always")
def weigh(x: Any, a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Advance the weighting by a sample, number or lanes: return it and the next memories.

    Transposed direct form II, shelf and then high-pass (numerator 1, -2, 1).
    """
    y = 1.5308412300503478 * x + a
    a = -2.6509799951547297 * x + 1.6636551132560204 * y + b
    b = 1.169079079921587 * x - 0.7125954280732254 * y
    z = y + c
    c = -2.0 * y + 1.989169673629796 * z + d
    d = y - 0.9891990357870393 * z
    return z, a, b, c, d


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
    memory = np.zeros((4, LANES))
    starts = np.empty(CUTS, dtype=np.int64)
    for cut in range(CUTS):
        # A cut that has nothing to do goes along with the last one that has.
        starts[cut] = min(first + cut * per, last - 1) * cell
    energies = np.empty(LANES)
    if last - first > per:
        warm = _warm_cells(cell) * cell
        _weigh_cells(audio, starts - warm, warm, memory, energies)
    memory[:, 0] = state[:4]
    memory[:, CUTS] = state[4:8]
    for at in range(min(per, last - first)):
        _weigh_cells(audio, starts + at * cell, cell, memory, energies)
        for cut in range(CUTS):
            here = first + cut * per + at
            if here < last:
                out[here] = energies[cut] + energies[CUTS + cut]
    state[:4] = memory[:, CUTS - 1]
    state[4:8] = memory[:, LANES - 1]


@njit(cache=True, error_model="numpy")
def _weigh_cells(
    audio: Audio,
    starts: Places,
    length: int,
    memory: Energies,
    energies: Energies,
) -> None:
    """Weigh `length` samples of all cuts and write their `energies` (LANES,): lefts, then rights.

    Samples outside of `audio` are silence.
    """
    row = np.empty(STEP * LANES, dtype=np.float32)
    a, b, c, d = load(memory[0], 0), load(memory[1], 0), load(memory[2], 0), load(memory[3], 0)
    energy = splat(0.0)
    for first in range(0, length, STEP):
        size = min(STEP, length - first)
        read_cuts(audio, starts + first, STEP, row)
        for n in range(size):
            x = widened(load(row, n * LANES)) + QUIETEST
            z, a, b, c, d = weigh(x, a, b, c, d)
            energy = energy + z * z
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(memory[2], 0, c)
    store(memory[3], 0, d)
    store(energies, 0, energy)
