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

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.cuts import Row
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.k_weighting import CELL as CELL
from soundflow_assets.synthesis.kernels.k_weighting import Energies as Energies
from soundflow_assets.synthesis.kernels.k_weighting import weighted_energies as weighted_energies
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load, splat
from soundflow_assets.synthesis.kernels.math import dexp2, dlog2
from soundflow_assets.synthesis.kernels.shuffles import largest_of

FINE_CELL = 45  # about a millisecond, a divisor of CELL
CELLS_PER_BLOCK = 4
CELLS_SHORT_TERM = 30
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
EVEN, ODD = 0.5 * (QUARTER + QUARTER[::-1]), 0.5 * (QUARTER - QUARTER[::-1])
OVERSHOOT = 2.372  # Σ|HALF|: no interpolated value exceeds the largest sample it sees by more


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
        start, stop = b * size, min(samples, (b + 1) * size)
        out[b] = max(highest(audio[0], start, stop), highest(audio[1], start, stop))
    return out


@njit(cache=True, error_model="numpy")
def _interpolated_peak(row: Row, start: int, size: int) -> float:
    """Return the largest interpolated magnitude after `size` samples of `row`, eight at a time.

    Phases 1 and 3 are the sum and the difference of an even and an odd part, so that the larger of
    their magnitudes is the sum of the magnitudes of the parts.

    `start` is where the first tap of the first of them lies; `size` is at least 8. The last eight
    instants may be asked for twice.
    """
    most = splat(np.float32(0.0))
    zero = splat(np.float32(0.0))
    for i in range(0, size, LANES):
        at = start + min(i, size - LANES)
        even, odd, middle = zero, zero, zero
        for k in range(TAPS // 2):
            early, late = load(row, at + k), load(row, at + TAPS - 1 - k)
            both = early + late
            even = even + EVEN[k] * both
            odd = odd + ODD[k] * (early - late)
            middle = middle + HALF[k] * both
        quarters = larger(even, zero - even) + larger(odd, zero - odd)
        most = larger(larger(middle, zero - middle), larger(quarters, most))
    return np.float64(largest_of(most))


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
    window = np.empty(size + TAPS - 1, dtype=np.float32)
    for b in range(first_block, last_block):
        near = max(peaks[max(0, b - 1)], peaks[b], peaks[min(blocks - 1, b + 1)])
        if near * OVERSHOOT < threshold:
            continue
        first = b * size - AHEAD + 1 - offset
        for channel in range(2):
            if first >= 0 and first + window.shape[0] <= samples:
                out[b] = max(out[b], _interpolated_peak(audio[channel], first, size))
                continue
            for n in range(window.shape[0]):
                inside = 0 <= first + n < samples
                window[n] = audio[channel, first + n] if inside else np.float32(0.0)
            out[b] = max(out[b], _interpolated_peak(window, 0, size))


def loudness_of(audio: Audio) -> float:
    """Return the integrated loudness of `audio` (2, samples) in LUFS."""
    return float(integrated_loudness(weighted_energies(audio, CELL)))


def true_peak_of(audio: Audio, size: int = 64) -> float:
    """Return the largest interpolated magnitude of `audio` (2, samples), 1.0 = full scale."""
    peaks = block_peaks(audio, size)
    if not peaks.size:
        return 0.0
    return float(true_peaks(audio, peaks, size, float(peaks.max())).max())
