"""A subtractive voice: a bank of drifting oscillators, a moving filter, an amplifier.

One kernel plays everything that is saws, pulses, triangles or sines through a filter; what makes
a pad of it or a bass is in the tables it is given. Nothing here knows an instrument's name.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.bank import (
    GRID,
    Bank,
    Numbers,
    motion,
    oscillate,
    phases_at,
)
from soundflow_assets.synthesis.kernels.cuts import CUTS, Places, Row, write_cuts
from soundflow_assets.synthesis.kernels.envelopes import ROUNDING, decay_factor, fallen
from soundflow_assets.synthesis.kernels.filters import HIGHEST, svf, svf_g
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    larger,
    load,
    narrowed,
    smaller,
    splat,
    store,
)
from soundflow_assets.synthesis.kernels.math import (
    ROOT_TWO,
    dexp2,
    exp2s,
    noise,
    sines,
    soft_clip,
    tans_pi,
)
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

T60 = 9.965784284662087  # octaves of 60 dB: log2(1000)
FORGOTTEN = 16.0  # nepers after which the beginning of a filter is inaudible: -139 dB


class Tone(NamedTuple):
    """Filter and amplifier of a subtractive note; times in seconds, decays as T60."""

    hold_s: float
    attack_s: float
    decay_s: float
    sustain: float  # 0 to 1
    release_s: float
    cutoff_hz: float
    resonance: float = 0.7  # Q of the resonant stage; 0.7 is none
    poles: float = 2.0  # 2 or 4
    sweep_octaves: float = 0.0  # filter envelope: how far above the cutoff it reaches
    sweep_attack_s: float = 0.002
    sweep_decay_s: float = 1.0
    sweep_sustain: float = 0.0
    drift_octaves: float = 0.0  # slow wander of the cutoff
    drift_hz: float = 0.1
    highpass_hz: float = 0.0  # 0 for none
    drive: float = 0.0  # saturation before the filter, 0 to 1
    noise: float = 0.0  # air mixed in before the filter, decorrelated left and right
    vibrato_delay_s: float = 0.0


@njit(cache=True, error_model="numpy")
def _warm_up(tone: Tone) -> int:
    """Return the samples, a multiple of `GRID`, in which filters forget how they began."""
    lowest_hz = tone.cutoff_hz * dexp2(min(tone.sweep_octaves, 0.0) - abs(tone.drift_octaves))
    slowest = max(lowest_hz, 5.0) * min(1.0, 0.5 / tone.resonance)
    if tone.highpass_hz > 0.0:
        slowest = min(slowest, 0.7 * max(tone.highpass_hz, 5.0))
    samples = FORGOTTEN * SAMPLE_RATE / (6.283185307179586 * slowest)
    return int(max(samples, FORGOTTEN / ROUNDING) / GRID + 1.0) * GRID


@njit(cache=True, error_model="numpy")
def _level(
    n: int, attack: int, hold: int, sustain: float, decay_s: float, release_s: float
) -> float:
    """Return the envelope of `envelopes.next_level` after `n` samples; decays as T60."""
    before = min(n, hold)
    level = before / attack
    if before > attack:
        level = sustain + (1.0 - sustain) * fallen(before - attack, decay_s)
    return level * fallen(n - hold, release_s) if n > hold else level


@njit(cache=True, error_model="numpy")
def _filter(
    row: Numbers,
    out: Row,
    memory: Numbers,
    g: Numbers,
    k: float,
    four: bool,
    g_high: float,
    grow: Numbers,
    add: Numbers,
) -> None:
    """Run one `GRID` of all cuts through high-pass, two low-passes and the amplifier.

    `g` (GRID / BLOCK * LANES,) are the low-pass corners of each block, `grow` and `add` (as `row`)
    what the envelope does to its level at each sample: level * grow + add.
    """
    a, b, c, d = load(memory[0], 0), load(memory[1], 0), load(memory[2], 0), load(memory[3], 0)
    e, f = load(memory[4], 0), load(memory[5], 0)
    level, smooth = load(memory[6], 0), load(memory[7], 0)
    for block in range(GRID // BLOCK):
        corner = load(g, block * LANES)
        for n in range(block * BLOCK * LANES, (block + 1) * BLOCK * LANES, LANES):
            x = load(row, n)
            if g_high > 0.0:
                low, band, a, b = svf(x, a, b, g_high, ROOT_TWO)
                x = x - (ROOT_TWO * band + low)
            if four:
                x, band, c, d = svf(x, c, d, corner, 1.8477590650225735)
            x, band, e, f = svf(x, e, f, corner, k)
            level = level * load(grow, n) + load(add, n)
            smooth = smooth + (level - smooth) * ROUNDING
            store(out, n, narrowed(smooth * x))
    store(memory[0], 0, a)
    store(memory[1], 0, b)
    store(memory[2], 0, c)
    store(memory[3], 0, d)
    store(memory[4], 0, e)
    store(memory[5], 0, f)
    store(memory[6], 0, level)
    store(memory[7], 0, smooth)


@njit(cache=True, error_model="numpy")
def _envelope(
    cut: int,
    start: int,
    attack: int,
    hold: int,
    tone: Tone,
    grow: Numbers,
    add: Numbers,
    filled: Places,
) -> None:
    """Write what `envelopes.next_level` does to a cut's level in the `GRID` at `start`.

    `filled` (CUTS,) says which of attack, decay and release, 1 to 3, fills a cut's columns of
    `grow` and `add` already; 0 is none or several.
    """
    stage = 3 if start >= hold else 1 if start < attack else 2
    last = start + GRID - 1
    if stage != (3 if last >= hold else 1 if last < attack else 2):
        stage = 0
    if stage > 0 and filled[cut] == stage:
        return
    filled[cut] = stage
    decay = decay_factor(tone.decay_s)
    release = decay_factor(tone.release_s)
    for i in range(GRID):
        n = start + i
        by, plus = decay, tone.sustain * (1.0 - decay)
        if n >= hold:
            by, plus = release, 0.0
        elif n < attack:
            by, plus = 1.0, 1.0 / attack
        for lane in (cut, CUTS + cut):
            grow[i * LANES + lane] = by
            add[i * LANES + lane] = plus


@njit(cache=True, error_model="numpy")
def _excite(
    left: Numbers,
    right: Numbers,
    bank: Bank,
    phases: Numbers,
    moments: Numbers,
    tone: Tone,
    start: int,
    seed: int,
) -> None:
    """Write the `GRID` at `start` of what goes into the filter."""
    left[:] = 0.0
    right[:] = 0.0
    oscillate(bank, phases, moments, start, left, right)
    if tone.noise > 0.0:
        for i in range(GRID):
            left[i] += tone.noise * noise(2 * (start + i), seed)
            right[i] += tone.noise * noise(2 * (start + i) + 1, seed)
    if tone.drive > 0.0:
        push = 1.0 + 3.0 * tone.drive
        for i in range(GRID):
            left[i] = soft_clip(push * left[i])
            right[i] = soft_clip(push * right[i])


@njit(cache=True, error_model="numpy")
def _corners(tone: Tone, start: int, start_drift: float, corners: Numbers) -> None:
    """Fill `corners` (8,) with the low-pass's `svf_g` in each block of the `GRID` at `start`."""
    n = start + BLOCK * load(RAMP, 0)
    time_s = n * (1.0 / SAMPLE_RATE)
    drift = 0.6 * sines(time_s * tone.drift_hz + start_drift)
    drift = drift + 0.4 * sines(time_s * (tone.drift_hz * 1.571) + (0.4 - start_drift))
    # The envelope of `envelopes.next_level`, never let go.
    attack = float(max(int(tone.sweep_attack_s * SAMPLE_RATE), 1))
    nothing = splat(0.0)
    since = larger(n - attack, nothing)
    fall = exp2s(larger(since * (-T60 / (tone.sweep_decay_s * SAMPLE_RATE)), nothing - 900.0))
    sweep = smaller(n / attack, nothing + 1.0)
    sweep = sweep * (tone.sweep_sustain + (1.0 - tone.sweep_sustain) * fall)
    octaves = tone.sweep_octaves * sweep + tone.drift_octaves * drift
    cutoff_hz = tone.cutoff_hz * exp2s(octaves)
    cutoff_hz = smaller(larger(cutoff_hz, nothing + 5.0), nothing + HIGHEST * SAMPLE_RATE)
    store(corners, 0, tans_pi(cutoff_hz * (1.0 / SAMPLE_RATE)))


@njit(cache=True, error_model="numpy")
def analogue(
    out: npt.NDArray[np.float32],
    freq_hz: float,
    bank: Bank,
    tone: Tone,
    seed: int,
) -> None:
    """Write one note into `out` (2, samples), or (1, samples) for a voice in the centre.

    `bank` is an array of `OSCILLATOR`; its phases, and `seed` for the air, are all the chance. A
    long note is cut in four, which run side by side; see `cuts`.
    """
    samples = out.shape[1]
    wide = out if out.shape[0] == 2 else np.empty((2, samples), dtype=np.float32)
    grids = (samples // GRID + 4 + LANES - 1) // LANES * LANES
    moments = np.empty((4, bank.shape[0], grids))
    motion(bank, freq_hz, tone.vibrato_delay_s, moments)
    attack = max(int(tone.attack_s * SAMPLE_RATE), 88)
    hold = int(tone.hold_s * SAMPLE_RATE)
    cuts, warm_up = CUTS, _warm_up(tone)
    span = (samples + CUTS * GRID - 1) // (CUTS * GRID) * GRID
    if span < 2 * warm_up:
        cuts, warm_up, span = 1, 0, (samples + GRID - 1) // GRID * GRID
    places = np.zeros(CUTS, dtype=np.int64)
    stops = np.zeros(CUTS, dtype=np.int64)
    memory = np.zeros((8, LANES))
    for cut in range(cuts):
        places[cut] = max(0, cut * span - warm_up)
        stops[cut] = min(samples, (cut + 1) * span)
        level = _level(places[cut], attack, hold, tone.sustain, tone.decay_s, tone.release_s)
        memory[6, cut] = level
        memory[6, CUTS + cut] = level
    phases = np.zeros((CUTS, bank.shape[0]))
    phases_at(bank, moments, places, phases)
    left, right, corners = np.empty(GRID), np.empty(GRID), np.empty(LANES)
    row, heard = np.zeros(GRID * LANES), np.empty(GRID * LANES, dtype=np.float32)
    grow, add = np.ones(GRID * LANES), np.zeros(GRID * LANES)
    filled = np.zeros(CUTS, dtype=np.int64)
    g = np.full(GRID // BLOCK * LANES, 0.1)
    g_high = svf_g(tone.highpass_hz) if tone.highpass_hz > 0.0 else 0.0
    start_drift = noise(7, seed)
    for first in range(-warm_up, span, GRID):
        for cut in range(cuts):
            start = cut * span + first
            places[cut] = start
            if start < 0 or start >= stops[cut]:
                continue
            _excite(left, right, bank, phases[cut], moments, tone, start, seed)
            for i in range(GRID):
                row[i * LANES + cut] = left[i]
                row[i * LANES + CUTS + cut] = right[i]
            _corners(tone, start, start_drift, corners)
            for block in range(GRID // BLOCK):
                g[block * LANES + cut] = g[block * LANES + CUTS + cut] = corners[block]
            _envelope(cut, start, attack, hold, tone, grow, add, filled)
        _filter(row, heard, memory, g, 1.0 / tone.resonance, tone.poles > 3.0, g_high, grow, add)
        if first >= 0:
            write_cuts(heard, wide, places, stops, GRID)
    if out.shape[0] == 1:
        out[0] = wide[0]
