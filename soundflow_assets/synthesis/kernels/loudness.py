"""Loudness and true peak after ITU-R BS.1770-4, at 44.1 kHz.

Notation of the standard: K-weighting is a high shelf followed by a high-pass; z is the mean square
of the weighted signal, summed over the channels; a gating block is 400 ms long and a new one starts
every 100 ms. The filter coefficients are the standard's analogue prototypes taken to 44.1 kHz by
the bilinear transform and written out, so that no processor computes them differently.

Energies are kept as sums over short cells. Because cells add, the loudness of several stems
sounding together is known from their separate energies (as far as they are uncorrelated), and the
loudness after a slowly moving gain is known without filtering again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dexp2, dlog2

Energies = npt.NDArray[np.float64]

CELL = 4410  # samples in 100 ms, the hop of the gating blocks
FINE_CELL = 45  # about a millisecond, a divisor of CELL
CELLS_PER_BLOCK = 4
CELLS_SHORT_TERM = 30
WEIGHTING_STATE = 9  # filter memories of both channels, and how long silence has lasted
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0

# Interpolator of the true-peak meter: Kaiser-windowed sinc (beta 5), 24 taps a phase. Phase 0 is
# the sample itself, phase 3 is phase 1 read backwards, phase 2 is symmetric.
TAPS = 24
AHEAD = 12  # taps after the interpolated instant
QUARTER = np.array(
    [
        -0.001650972, 0.003193637, -0.005480335, 0.008730319, -0.013233433, 0.019412559,
        -0.027964713, 0.040208869, -0.059082569, 0.092799786, -0.176061232, 0.900227828,
        0.297849127, -0.122962942, 0.073102591, -0.04851019, 0.033499933, -0.023330737,
        0.016078903, -0.01080302, 0.006968956, -0.004231493, 0.002341162, -0.001102034,
    ],
    dtype=np.float32,
)  # fmt: skip
HALF = np.array(
    [
        -0.001924082, 0.003884301, -0.006829796, 0.011053246, -0.016933967, 0.025010492,
        -0.036142393, 0.051898575, -0.075621094, 0.116048807, -0.205432892, 0.634988803,
        0.634988803, -0.205432892, 0.116048807, -0.075621094, 0.051898575, -0.036142393,
        0.025010492, -0.016933967, 0.011053246, -0.006829796, 0.003884301, -0.001924082,
    ],
    dtype=np.float32,
)  # fmt: skip
OVERSHOOT = 2.372  # Σ|HALF|: no interpolated value exceeds the largest sample it sees by more


@njit(cache=True, error_model="numpy")
def weighted_energies(audio: Audio, cell: int) -> Energies:
    """Return the K-weighted energy of each whole cell of `audio` (2, samples)."""
    return weighted_energies_on(audio, cell, np.zeros(WEIGHTING_STATE))


@njit(cache=True, error_model="numpy")
def weighted_energies_on(audio: Audio, cell: int, state: Energies) -> Energies:
    """Return the K-weighted energy of each cell of the next stretch of a programme.

    Parameters
    ----------
    audio : float32 (2, samples)
    cell : samples per cell; only whole cells are returned.
    state : (WEIGHTING_STATE,), carried from one stretch to the next, zeros before the first.

    Returns
    -------
    float64 (samples // cell,), the sum over both channels of the squared weighted samples. A cell
    in digital silence whose predecessor was silent too is not filtered. NaN and infinity stay NaN
    or infinite, so that the caller finds them.
    """
    cells = audio.shape[1] // cell
    out = np.zeros(cells)
    l1, l2, l3, l4 = state[0], state[1], state[2], state[3]
    r1, r2, r3, r4 = state[4], state[5], state[6], state[7]
    quiet = int(state[8])
    for c in range(cells):
        start = c * cell
        silent = True
        for n in range(start, start + cell):
            if audio[0, n] != 0.0 or audio[1, n] != 0.0:
                silent = False
                break
        quiet = quiet + cell if silent else 0
        if quiet > CELL:
            l1 = l2 = l3 = l4 = r1 = r2 = r3 = r4 = 0.0
            continue
        energy = 0.0
        for n in range(start, start + cell):
            # Transposed direct form II: shelf, then high-pass (numerator 1, -2, 1).
            x = np.float64(audio[0, n])
            y = 1.5308412300503478 * x + l1
            l1 = -2.6509799951547297 * x + 1.6636551132560204 * y + l2
            l2 = 1.169079079921587 * x - 0.7125954280732254 * y
            z = y + l3
            l3 = -2.0 * y + 1.989169673629796 * z + l4
            l4 = y - 0.9891990357870393 * z
            energy += z * z
            x = np.float64(audio[1, n])
            y = 1.5308412300503478 * x + r1
            r1 = -2.6509799951547297 * x + 1.6636551132560204 * y + r2
            r2 = 1.169079079921587 * x - 0.7125954280732254 * y
            z = y + r3
            r3 = -2.0 * y + 1.989169673629796 * z + r4
            r4 = y - 0.9891990357870393 * z
            energy += z * z
        out[c] = energy
    state[0], state[1], state[2], state[3] = l1, l2, l3, l4
    state[4], state[5], state[6], state[7] = r1, r2, r3, r4
    state[8] = quiet
    return out


@njit(cache=True, error_model="numpy")
def integrated_loudness(energies: Energies) -> float:
    """Return the gated loudness in LUFS of 100 ms cell energies; -inf for silence (eq. 2, 5-7)."""
    blocks = energies.shape[0] - CELLS_PER_BLOCK + 1
    if blocks < 1:
        return -np.inf
    size = CELL * CELLS_PER_BLOCK
    gate = dexp2((ABSOLUTE_GATE_LUFS + 0.691) * 0.33219280948873623)
    loudness = -np.inf
    for _ in range(2):  # first behind the absolute gate, then behind the relative one
        total = 0.0
        count = 0
        for b in range(blocks):
            z = (energies[b] + energies[b + 1] + energies[b + 2] + energies[b + 3]) / size
            if z > gate:
                total += z
                count += 1
        if count == 0:
            return -np.inf
        loudness = -0.691 + 3.010299956639812 * dlog2(total / count)
        gate = max(gate, total / count * 0.1)  # RELATIVE_GATE_LU
    return loudness


@njit(cache=True, error_model="numpy")
def sliding_loudness(energies: Energies, cells: int) -> Energies:
    """Return loudness in LUFS over windows of `cells` 100 ms cells, one a cell, -inf in silence.

    4 cells give the momentary loudness of the standard, 30 the short-term loudness.
    """
    windows = max(0, energies.shape[0] - cells + 1)
    out = np.empty(windows)
    for w in range(windows):
        total = 0.0
        for c in range(w, w + cells):
            total += energies[c]
        if total > 0.0:
            out[w] = -0.691 + 3.010299956639812 * dlog2(total / (cells * CELL))
        else:
            out[w] = -np.inf
    return out


@njit(cache=True, error_model="numpy")
def fold_energies(energies: Energies, gains: Energies) -> Energies:
    """Return 100 ms energies from those of `FINE_CELL` samples, after a moving gain.

    `gains` (cells + 1,) holds the gain at the edges of the fine cells.
    """
    cells = energies.shape[0]
    per = CELL // FINE_CELL
    out = np.zeros(cells // per)
    for c in range(out.shape[0]):
        total = 0.0
        for n in range(c * per, c * per + per):
            gain = 0.5 * (gains[n] + gains[n + 1])
            total += energies[n] * gain * gain
        out[c] = total
    return out


@njit(cache=True, error_model="numpy")
def block_peaks(audio: Audio, size: int) -> Energies:
    """Return the largest sample magnitude of either channel in each block of `size` samples."""
    samples = audio.shape[1]
    blocks = (samples + size - 1) // size
    out = np.zeros(blocks)
    for b in range(blocks):
        peak = np.float32(0.0)
        for channel in range(2):
            for n in range(b * size, min(samples, (b + 1) * size)):
                peak = max(peak, abs(audio[channel, n]))
        out[b] = peak
    return out


@njit(cache=True, error_model="numpy")
def _interpolated_peak(window: Audio, phases: Audio) -> float:
    """Return the largest interpolated magnitude in `window` (samples + TAPS - 1,).

    `phases` (3, samples) is scratch. Taps run outside, instants inside: no sum is carried from one
    instant to the next, so the compiler may use whole vectors without reordering any sum.
    """
    size = phases.shape[1]
    first, second, third = phases[0], phases[1], phases[2]
    first[:] = np.float32(0.0)
    second[:] = np.float32(0.0)
    third[:] = np.float32(0.0)
    for k in range(TAPS):
        a, b, c = QUARTER[k], HALF[k], QUARTER[TAPS - 1 - k]
        seen = window[k : k + size]
        for i in range(size):
            first[i] += a * seen[i]
            second[i] += b * seen[i]
            third[i] += c * seen[i]
    peak = np.float32(0.0)
    for i in range(size):
        peak = max(peak, abs(first[i]), abs(second[i]), abs(third[i]))
    return np.float64(peak)


@njit(cache=True, error_model="numpy")
def true_peaks(audio: Audio, peaks: Energies, size: int, threshold: float) -> Energies:
    """Return block peaks at four times the rate, exact wherever they may pass `threshold`.

    `peaks` are `block_peaks(audio, size)` with `size` >= 12. Blocks whose neighbourhood is so low
    that no interpolated value can reach the threshold keep their sample peak.
    """
    out = peaks.copy()
    raise_to_true_peaks(out, audio, 0, peaks, size, threshold, 0, peaks.shape[0])
    return out


@njit(cache=True, error_model="numpy")
def raise_to_true_peaks(
    out: Energies,
    audio: Audio,
    offset: int,
    peaks: Energies,
    size: int,
    threshold: float,
    first_block: int,
    last_block: int,
) -> None:
    """Raise `out[first_block:last_block]` from sample peaks to true peaks, as `true_peaks` does.

    `audio` holds those blocks and `AHEAD` samples more on either side, where the programme has
    them; its column 0 is sample `offset` of the programme. `peaks` are those of the whole.
    """
    blocks = peaks.shape[0]
    samples = audio.shape[1]
    phases = np.empty((3, size), dtype=np.float32)
    window = np.empty(size + TAPS - 1, dtype=np.float32)
    for b in range(first_block, last_block):
        near = max(peaks[max(0, b - 1)], peaks[b], peaks[min(blocks - 1, b + 1)])
        if near * OVERSHOOT < threshold:
            continue
        first = b * size - AHEAD + 1 - offset
        for channel in range(2):
            for n in range(window.shape[0]):
                inside = 0 <= first + n < samples
                window[n] = audio[channel, first + n] if inside else np.float32(0.0)
            out[b] = max(out[b], _interpolated_peak(window, phases))


def loudness_of(audio: Audio) -> float:
    """Return the integrated loudness of `audio` (2, samples) in LUFS."""
    return float(integrated_loudness(weighted_energies(audio, CELL)))


def true_peak_of(audio: Audio, size: int = 64) -> float:
    """Return the largest interpolated magnitude of `audio` (2, samples), 1.0 = full scale."""
    peaks = block_peaks(audio, size)
    if not peaks.size:
        return 0.0
    return float(true_peaks(audio, peaks, size, float(peaks.max())).max())
