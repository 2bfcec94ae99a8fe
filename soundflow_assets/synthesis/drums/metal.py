"""Struck sheet metal: a cluster of inharmonic squares of which only the edges are let through."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import noise
from soundflow_assets.synthesis.kernels.second_order import (
    HIGH,
    MEMORIES,
    run_second_order,
    second_order,
)
from soundflow_assets.synthesis.kernels.waves import BLOCK, add_saw

CHUNK = 4 * BLOCK  # samples reckoned at a time
FLAT_FIRST, FLAT_SECOND = 1.8477590650225735, 0.7653668647301796  # of a 4-pole Butterworth
INAUDIBLE = 2e-4  # of where it began: -74 dB

Numbers = npt.NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def add_metal(
    out: Audio,
    ratios: Numbers,
    base_hz: float,
    spread: float,
    attack_s: float,
    t60_s: float,
    highpass_hz: float,
    gain: float,
    seed: int,
) -> None:
    """Add inharmonic band-limited squares through a 24 dB high-pass, float32 (2, samples).

    `spread` sets the ears apart, as if they heard two faces of one plate: with 0 both channels
    are the same, with 0.01 the right one's partials differ by up to 1 % and start elsewhere.
    """
    partials = ratios.shape[0]
    steps = np.empty((2, partials))
    phases = np.empty((2, partials))
    for k in range(partials):
        start = 0.5 + 0.5 * noise(k + 97, seed)
        for channel in range(2):
            detune = 1.0 + spread * noise(k + 31, seed) * channel
            steps[channel, k] = base_hz * ratios[k] * detune / SAMPLE_RATE
            apart = noise(k + 61, seed) * channel * min(spread * 100.0, 1.0)
            phases[channel, k] = start + apart + steps[channel, k]
    decay = decay_factor(t60_s)
    rise = 1.0 / max(attack_s * SAMPLE_RATE, 1.0)
    first = second_order(HIGH, highpass_hz, FLAT_FIRST)
    second = second_order(HIGH, highpass_hz, FLAT_SECOND)
    memories = np.zeros((4, MEMORIES, LANES))
    # The faces are parts of one body: what one ear hears, the other hears a little of.
    common = 0.4 if spread > 0.0 else 0.0
    own = np.sqrt(1.0 - common * common)
    left, right = np.empty(CHUNK), np.empty(CHUNK)
    full = level = gain / partials
    attack = 0.0
    for start in range(0, out.shape[1], CHUNK):
        if level < INAUDIBLE * full:
            break
        left[:] = 0.0
        right[:] = 0.0
        _squares(left, right, steps[0], phases[0], 1.0, common)
        _squares(left, right, steps[1], phases[1], 0.0, own)
        run_second_order(left, CHUNK, first, memories[0])
        run_second_order(left, CHUNK, second, memories[1])
        run_second_order(right, CHUNK, first, memories[2])
        run_second_order(right, CHUNK, second, memories[3])
        for i in range(min(CHUNK, out.shape[1] - start)):
            out[0, start + i] += left[i] * level * attack
            out[1, start + i] += right[i] * level * attack
            attack += rise
            if attack > 1.0:
                attack = 1.0
                level *= decay


@njit(cache=True, error_model="numpy")
def _squares(
    left: Numbers, right: Numbers, steps: Numbers, phases: Numbers, gain_l: float, gain_r: float
) -> None:
    """Add a `CHUNK` of all squares, each two saws' difference, moving `phases` on."""
    for k in range(steps.shape[0]):
        step, phase = steps[k], phases[k]
        for at in range(0, CHUNK, BLOCK):
            add_saw(left, right, at, phase + 0.5, step, gain_l, gain_r)
            add_saw(left, right, at, phase, step, -gain_l, -gain_r)
            phase += BLOCK * step
            phase -= np.floor(phase)
        phases[k] = phase
