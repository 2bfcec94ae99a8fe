"""A subtractive voice: a bank of drifting oscillators, a moving filter, an amplifier.

One kernel plays everything that is saws, pulses, triangles or sines through a filter; what makes
a pad of it or a bass is in the tables it is given. Nothing here knows an instrument's name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.bank import (
    GRID,
    Bank,
    Numbers,
    motion,
    oscillate,
    phases_at,
)
from soundflow_assets.synthesis.kernels.cuts import CUTS, Row, side_by_side, write_cuts
from soundflow_assets.synthesis.kernels.envelopes import ROUNDING
from soundflow_assets.synthesis.kernels.filters import svf_g, svf_gains, svf_step
from soundflow_assets.synthesis.kernels.lanes import LANES, load, narrowed, splat, store
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, noise, soft_clip
from soundflow_assets.synthesis.kernels.paths import Lines, empty_lines
from soundflow_assets.synthesis.kernels.tone import Tone, corners, envelope, level_at, warm_up
from soundflow_assets.synthesis.kernels.waves import BLOCK


@njit(cache=True, error_model="numpy")
def _filter(
    row: Row,
    states: Audio,
    levels: Numbers,
    g: Numbers,
    k: float,
    four: bool,
    g_high: float,
    grow: Numbers,
    add: Numbers,
) -> None:
    """Run one `GRID` of all cuts through high-pass, two low-passes and the amplifier, in place.

    `states` (6, LANES) and `levels` (2, LANES) are the memories of filters and amplifier. `g`
    (GRID / BLOCK * LANES,) are the low-pass corners of each block, `grow` and `add` (as `row`) what
    the envelope does to its level at each sample: level * grow + add.
    """
    a, b, c, d = load(states[0], 0), load(states[1], 0), load(states[2], 0), load(states[3], 0)
    e, f = load(states[4], 0), load(states[5], 0)
    level, smooth = load(levels[0], 0), load(levels[1], 0)
    high = _single_gains(splat(g_high), ROOT_TWO)
    for block in range(GRID // BLOCK):
        corner = load(g, block * LANES)
        flat, low = _single_gains(corner, 1.8477590650225735), _single_gains(corner, k)
        for n in range(block * BLOCK * LANES, (block + 1) * BLOCK * LANES, LANES):
            x = load(row, n)
            if g_high > 0.0:
                below, band, a, b = svf_step(x, a, b, high)
                x = x - (np.float32(ROOT_TWO) * band + below)
            if four:
                x, band, c, d = svf_step(x, c, d, flat)
            x, band, e, f = svf_step(x, e, f, low)
            level = level * load(grow, n) + load(add, n)
            smooth = smooth + (level - smooth) * ROUNDING
            store(row, n, narrowed(smooth) * x)
    store(states[0], 0, a)
    store(states[1], 0, b)
    store(states[2], 0, c)
    store(states[3], 0, d)
    store(states[4], 0, e)
    store(states[5], 0, f)
    store(levels[0], 0, level)
    store(levels[1], 0, smooth)


@njit(cache=True, inline="always")
def _single_gains(g: Any, k: float) -> tuple[Any, Any, Any]:
    """Return `svf_gains` of lanes as float32."""
    turn, push, pull = svf_gains(g, splat(k))
    return narrowed(turn), narrowed(push), narrowed(pull)


@njit(cache=True, error_model="numpy")
def _excite(
    left: Row,
    right: Row,
    lines: Lines,
    bank: Bank,
    phases: Numbers,
    moments: Numbers,
    tone: Tone,
    start: int,
    seed: int,
) -> None:
    """Write the `GRID` at `start` of what goes into the filter."""
    left[:] = np.float32(0.0)
    right[:] = np.float32(0.0)
    oscillate(bank, phases, moments, start, lines, left, right)
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
def analogue(
    out: Audio,
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
    grids = (samples // GRID + 2 + LANES - 1) // LANES * LANES
    moments = np.empty((4, bank.shape[0], grids))
    motion(bank, freq_hz, tone.vibrato_delay_s, moments)
    attack = max(int(tone.attack_s * SAMPLE_RATE), 88)
    hold = int(tone.hold_s * SAMPLE_RATE)
    cuts, before = CUTS, warm_up(tone)
    span = (samples + CUTS * GRID - 1) // (CUTS * GRID) * GRID
    if span < 2 * before:
        cuts, before, span = 1, 0, (samples + GRID - 1) // GRID * GRID
    places = np.zeros(CUTS, dtype=np.int64)
    stops = np.zeros(CUTS, dtype=np.int64)
    states, levels = np.zeros((6, LANES), dtype=np.float32), np.zeros((2, LANES))
    for cut in range(cuts):
        places[cut] = max(0, cut * span - before)
        stops[cut] = min(samples, (cut + 1) * span)
        reached = level_at(places[cut], attack, hold, tone.sustain, tone.decay_s, tone.release_s)
        levels[0, cut] = levels[0, CUTS + cut] = reached
    phases = np.zeros((CUTS, bank.shape[0]))
    phases_at(bank, moments, places, phases)
    lines = empty_lines()
    sounds = np.zeros((LANES, GRID), dtype=np.float32)
    row, moved = np.empty(GRID * LANES, dtype=np.float32), np.empty(LANES)
    grow, add = np.ones(GRID * LANES), np.zeros(GRID * LANES)
    filled = np.zeros(CUTS, dtype=np.int64)
    g = np.full(GRID // BLOCK * LANES, 0.1)
    g_high = svf_g(tone.highpass_hz) if tone.highpass_hz > 0.0 else 0.0
    start_drift = noise(7, seed)
    for first in range(-before, span, GRID):
        for cut in range(cuts):
            start = cut * span + first
            places[cut] = start
            if start < 0 or start >= stops[cut]:
                continue
            left, right = sounds[cut], sounds[CUTS + cut]
            _excite(left, right, lines, bank, phases[cut], moments, tone, start, seed)
            corners(tone, start, start_drift, moved)
            for block in range(GRID // BLOCK):
                g[block * LANES + cut] = g[block * LANES + CUTS + cut] = moved[block]
            envelope(cut, start, attack, hold, tone, grow, add, filled)
        side_by_side(sounds, row)
        four = tone.poles > 3.0
        _filter(row, states, levels, g, 1.0 / tone.resonance, four, g_high, grow, add)
        if first >= 0:
            write_cuts(row, wide, places, stops, GRID)
    if out.shape[0] == 1:
        out[0] = wide[0]
