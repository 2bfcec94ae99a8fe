"""Struck sheet metal: a cluster of inharmonic squares of which only the edges are let through."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP, floored, load, splat, store
from soundflow_assets.synthesis.kernels.math import noise
from soundflow_assets.synthesis.kernels.oscillators import inner_rest, outer_rest
from soundflow_assets.synthesis.kernels.second_order import (
    HIGH,
    MEMORIES,
    run_second_order,
    second_order,
)

CHUNK = 128  # samples reckoned at a time
MARGIN = 4
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
    face, other = np.empty(CHUNK + 2 * MARGIN), np.empty(CHUNK + 2 * MARGIN)
    full = level = gain / partials
    attack = 0.0
    for start in range(0, out.shape[1], CHUNK):
        if level < INAUDIBLE * full:
            break
        _squares(face, steps[0], phases[0])
        _squares(other, steps[1], phases[1])
        for i in range(CHUNK):
            left[i] = face[MARGIN + i]
            right[i] = common * face[MARGIN + i] + own * other[MARGIN + i]
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
def _squares(face: Numbers, steps: Numbers, phases: Numbers) -> None:
    """Write a `CHUNK` of all squares' sum between the margins of `face`, moving `phases` on.

    A square is 1 in the first half of its cycle, -1 in the other. Its jumps are rounded off by
    `oscillators.step_rest` on the two samples either side, which may lie in a margin.
    """
    face[:] = 0.0
    for at in range(0, CHUNK, LANES):
        total = splat(0.0)
        for k in range(steps.shape[0]):
            cycles = (phases[k] + steps[k] * at) + steps[k] * load(RAMP, 0)
            total = total + (floored(cycles) - floored(cycles + 0.5))
        store(face, MARGIN + at, 2.0 * total + float(steps.shape[0]))
    for k in range(steps.shape[0]):
        step, phase = steps[k], phases[k]
        jump = np.floor(2.0 * (phase - 2.0 * step)) + 1.0  # in half cycles
        rising = jump == 2.0 * np.floor(0.5 * jump)
        while 0.5 * jump < phase + step * (CHUNK + 1):
            place = (0.5 * jump - phase) / step  # in samples
            first = int(np.ceil(place)) - 2
            near = first + 2 - place
            height = 2.0 if rising else -2.0
            at = MARGIN + first
            face[at] += height * outer_rest(near)
            face[at + 1] += height * inner_rest(1.0 - near)
            face[at + 2] -= height * inner_rest(near)
            face[at + 3] -= height * outer_rest(1.0 - near)
            rising = not rising
            jump += 1.0
        phase += CHUNK * step
        phases[k] = phase - np.floor(phase)
