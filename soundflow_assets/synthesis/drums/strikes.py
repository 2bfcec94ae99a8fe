"""What a struck thing is made of: gliding tones, noise bursts, rattling grains.

Each kernel adds one ingredient to a stereo buffer `out` float32 (2, samples). Times are seconds,
frequencies Hz, gains linear. Nothing here knows a drum by name; the recipes put these together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf, svf_g, svf_gains, svf_step
from soundflow_assets.synthesis.kernels.hashes import counters_of, hashed, uniforms
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP, load, store
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, dexp, dexp2, dlog2, noise, sines
from soundflow_assets.synthesis.kernels.second_order import (
    HIGH,
    MEMORIES,
    run_second_order,
    second_order,
)

CONTROL = 32  # samples between updates of a gliding filter, and made at a time
INAUDIBLE = 1e-5  # of where it began
FLAT = ROOT_TWO  # damping 1/Q of a 2-pole Butterworth


@njit(cache=True)
def _write_levels(
    levels: npt.NDArray[np.float64], level: float, attack: float, rise: float, decay: float
) -> tuple[float, float]:
    """Write an envelope on from where it is: an even rise to 1, then a decay, silent from -100 dB.

    Return the level and the part of the attack after it.
    """
    n = 0
    while n < levels.shape[0] and attack < 1.0:
        levels[n] = level * attack
        attack += rise
        if attack > 1.0:
            level *= decay
        n += 1
    attack = min(attack, 1.0)
    for i in range(n, levels.shape[0]):
        levels[i] = level if level >= INAUDIBLE else 0.0
        level *= decay
    return level, attack


@njit(cache=True)
def add_tone(
    out: Audio,
    onset_s: float,
    start_hz: float,
    end_hz: float,
    glide_s: float,
    attack_s: float,
    t60_s: float,
    gain_left: float,
    gain_right: float,
    phase: float,
) -> None:
    """Add a sine that falls exponentially from `start_hz` to `end_hz` while it decays.

    `phase` is in cycles; 0 starts on a zero crossing.
    """
    first = max(int(onset_s * SAMPLE_RATE), 0)
    glide = dexp(-1.0 / (max(glide_s, 1e-4) * SAMPLE_RATE))
    decay = decay_factor(t60_s)
    rise = 1.0 / max(attack_s * SAMPLE_RATE, 1.0)
    step = end_hz / SAMPLE_RATE
    excess = (start_hz - end_hz) / SAMPLE_RATE
    # How far the excess has carried the phase by each lane, in steps of the first lane's.
    carried = np.empty(LANES)
    further, fallen = 0.0, 1.0
    for lane in range(LANES):
        carried[lane] = further
        further += fallen
        fallen *= glide
    levels, sound = np.empty(CONTROL), np.empty(CONTROL)
    level = 1.0
    attack = 0.0
    turn = phase
    for start in range(first, out.shape[1], CONTROL):
        if level < INAUDIBLE:
            break
        level, attack = _write_levels(levels, level, attack, rise, decay)
        for n in range(0, CONTROL, LANES):
            cycles = turn + (step * load(RAMP, 0) + excess * load(carried, 0))
            store(sound, n, sines(cycles) * load(levels, n))
            turn += LANES * step + excess * further
            turn -= np.floor(turn)
            excess *= fallen
        for n in range(min(CONTROL, out.shape[1] - start)):
            out[0, start + n] += sound[n] * gain_left
            out[1, start + n] += sound[n] * gain_right


@njit(cache=True)
def add_noise(
    out: Audio,
    seed: int,
    onset_s: float,
    attack_s: float,
    t60_s: float,
    low_hz: float,
    high_start_hz: float,
    high_end_hz: float,
    glide_s: float,
    gain_left: float,
    gain_right: float,
    width: float,
) -> None:
    """Add a burst of noise between `low_hz` and an upper corner that glides as it decays.

    Both slopes are 12 dB an octave. `width` 0 is one source in both channels, 1 is two
    independent ones.
    """
    first = max(int(onset_s * SAMPLE_RATE), 0)
    decay = decay_factor(t60_s)
    rise = 1.0 / max(attack_s * SAMPLE_RATE, 1.0)
    octaves = dlog2(max(high_start_hz, 20.0) / max(high_end_hz, 20.0))
    glide = dexp(-CONTROL / (max(glide_s, 1e-3) * SAMPLE_RATE))
    norm = 1.0 / np.sqrt(1.0 + width * width)
    edge = second_order(HIGH, low_hz, FLAT)
    memory_l, memory_r = np.zeros((MEMORIES, LANES)), np.zeros((MEMORIES, LANES))
    middles, sides = counters_of(seed), counters_of(seed + 7919)
    left, right = np.empty(CONTROL), np.empty(CONTROL)
    a = b = c = d = 0.0
    level = 1.0
    attack = 0.0
    for start in range(first, out.shape[1], CONTROL):
        gains = svf_gains(svf_g(high_end_hz * dexp2(octaves)), FLAT)
        octaves *= glide
        if level < INAUDIBLE:
            break
        for n in range(0, CONTROL, LANES):
            middle = norm * uniforms(hashed(middles, start - first + n))
            side = norm * width * uniforms(hashed(sides, start - first + n))
            store(left, n, middle + side)
            store(right, n, middle - side)
        run_second_order(left, CONTROL, edge, memory_l)
        run_second_order(right, CONTROL, edge, memory_r)
        for n in range(min(CONTROL, out.shape[1] - start)):
            low_l, _, a, b = svf_step(left[n], a, b, gains)
            low_r, _, c, d = svf_step(right[n], c, d, gains)
            amplitude = level * attack
            out[0, start + n] += low_l * amplitude * gain_left
            out[1, start + n] += low_r * amplitude * gain_right
            attack += rise
            if attack > 1.0:
                attack = 1.0
                level *= decay


@njit(cache=True)
def add_rattle(
    out: Audio,
    seed: int,
    attack_s: float,
    t60_s: float,
    rate_hz: float,
    freqs_hz: npt.NDArray[np.float64],
    resonance: float,
    gain: float,
    width: float,
) -> None:
    """Add many small collisions, each ringing through resonances: beads in a gourd, jingles.

    Collisions arrive at random at `rate_hz` and lose energy with the shake, as in Cook's
    physically informed stochastic event modelling. Each lands at its own place between the ears.
    """
    decay = decay_factor(t60_s)
    grain_decay = decay_factor(0.012)
    rise = 1.0 / max(attack_s * SAMPLE_RATE, 1.0)
    chance = rate_hz / SAMPLE_RATE
    modes = freqs_hz.shape[0]
    damping = 1.0 / max(resonance, 0.5)
    norm = 1.0 / np.sqrt(1.0 + width * width)
    g = np.empty(modes)
    for k in range(modes):
        g[k] = svf_g(freqs_hz[k])
    state = np.zeros((2, modes, 2))
    energy = np.zeros(2)
    level = 1.0
    attack = 0.0
    for i in range(out.shape[1]):
        if 0.5 + 0.5 * noise(i, seed) < chance:
            place = width * noise(i, seed + 17)
            force = level * attack * (0.4 + 0.6 * abs(noise(i, seed + 29)))
            energy[0] += force * (1.0 - place)
            energy[1] += force * (1.0 + place)
        middle = noise(i, seed + 41) * norm
        side = noise(i, seed + 53) * norm * width
        for channel in range(2):
            x = (middle + side if channel == 0 else middle - side) * energy[channel]
            energy[channel] *= grain_decay
            value = 0.0
            for k in range(modes):
                s = state[channel, k]
                _, band, s[0], s[1] = svf(x, s[0], s[1], g[k], damping)
                value += band * damping
            out[channel, i] += value * gain
        attack += rise
        if attack > 1.0:
            attack = 1.0
            level *= decay
