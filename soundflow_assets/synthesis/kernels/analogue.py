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
from soundflow_assets.synthesis.kernels.envelopes import (
    ROUNDING,
    decay_factor,
    next_level,
)
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, dexp2, dsin, noise, soft_clip
from soundflow_assets.synthesis.kernels.oscillators import (
    PULSE,
    SAW,
    TRIANGLE,
    pulse,
    saw,
    triangle,
)

BLOCK = 32  # samples between two settings of pitch and cutoff

OSCILLATOR = np.dtype(
    [
        ("shape", "f8"),  # SAW, PULSE, TRIANGLE, SINE
        ("ratio", "f8"),  # of the note's frequency
        ("left", "f8"),  # gains
        ("right", "f8"),
        ("phase", "f8"),  # cycles, where it starts
        ("width", "f8"),  # of a pulse, 0 to 1
        ("pwm", "f8"),  # how far the width swings
        ("pwm_hz", "f8"),
        ("drift_cents", "f8"),  # wander of pitch: two sines of unrelated rates
        ("drift_hz", "f8"),
        ("vibrato_cents", "f8"),
        ("vibrato_hz", "f8"),
        ("swell", "f8"),  # depth of a slow change of level, 0 to 1
        ("swell_hz", "f8"),
    ]
)


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


@njit(cache=True)
def _oscillate(
    bank: npt.NDArray[np.void],
    phases: npt.NDArray[np.float64],
    freq_hz: float,
    time_s: float,
    vibrato: float,
    left: npt.NDArray[np.float64],
    right: npt.NDArray[np.float64],
) -> None:
    """Add one block of all oscillators to `left` and `right`, moving `phases` on."""
    for v in range(bank.shape[0]):
        osc = bank[v]
        seat = osc.phase
        wander = 0.6 * dsin(time_s * osc.drift_hz + seat)
        wander += 0.4 * dsin(time_s * osc.drift_hz * 2.618 + 3.0 * seat + 0.3)
        cents = osc.drift_cents * wander
        cents += vibrato * osc.vibrato_cents * dsin(time_s * osc.vibrato_hz + 0.13 * seat)
        step = freq_hz * osc.ratio * dexp2(cents / 1200.0) / SAMPLE_RATE
        if step >= 0.25:
            continue
        level = 1.0 - osc.swell * (0.5 + 0.5 * dsin(time_s * osc.swell_hz + 7.0 * seat))
        gain_l = osc.left * level
        gain_r = osc.right * level
        phase = phases[v]
        if osc.shape == SAW:
            for i in range(BLOCK):
                at = phase + step * i
                y = saw(at - np.floor(at), step)
                left[i] += gain_l * y
                right[i] += gain_r * y
        elif osc.shape == PULSE:
            width = osc.width + osc.pwm * dsin(time_s * osc.pwm_hz + seat)
            for i in range(BLOCK):
                at = phase + step * i
                y = pulse(at - np.floor(at), step, width)
                left[i] += gain_l * y
                right[i] += gain_r * y
        elif osc.shape == TRIANGLE:
            for i in range(BLOCK):
                at = phase + step * i
                y = triangle(at - np.floor(at), step)
                left[i] += gain_l * y
                right[i] += gain_r * y
        else:
            for i in range(BLOCK):
                y = dsin(phase + step * i)
                left[i] += gain_l * y
                right[i] += gain_r * y
        phase += step * BLOCK
        phases[v] = phase - np.floor(phase)


@njit(cache=True)
def _filter(
    left: npt.NDArray[np.float64],
    right: npt.NDArray[np.float64],
    state: npt.NDArray[np.float64],
    g: float,
    k: float,
    four: bool,
    g_high: float,
) -> None:
    """Run one block through high-pass, low-pass and (four) a second low-pass, in place.

    Both channels share the loop: neither waits for the other's feedback, which halves the time.
    """
    a, b, c, d = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    if g_high > 0.0:
        for i in range(BLOCK):
            low, band, a, b = svf(left[i], a, b, g_high, ROOT_TWO)
            left[i] -= ROOT_TWO * band + low
            low, band, c, d = svf(right[i], c, d, g_high, ROOT_TWO)
            right[i] -= ROOT_TWO * band + low
        state[0, 0], state[0, 1], state[1, 0], state[1, 1] = a, b, c, d
    a, b, c, d = state[2, 0], state[2, 1], state[3, 0], state[3, 1]
    if four:
        for i in range(BLOCK):
            left[i], _, a, b = svf(left[i], a, b, g, 1.8477590650225735)
            right[i], _, c, d = svf(right[i], c, d, g, 1.8477590650225735)
        state[2, 0], state[2, 1], state[3, 0], state[3, 1] = a, b, c, d
    a, b, c, d = state[4, 0], state[4, 1], state[5, 0], state[5, 1]
    for i in range(BLOCK):
        left[i], _, a, b = svf(left[i], a, b, g, k)
        right[i], _, c, d = svf(right[i], c, d, g, k)
    state[4, 0], state[4, 1], state[5, 0], state[5, 1] = a, b, c, d


@njit(cache=True)
def analogue(
    out: npt.NDArray[np.float32],
    freq_hz: float,
    bank: npt.NDArray[np.void],
    tone: Tone,
    seed: int,
) -> None:
    """Write one note into `out` (2, samples), or (1, samples) for a voice in the centre.

    `bank` is an array of `OSCILLATOR`; its phases, and `seed` for the air, are all the chance.
    """
    stereo = out.shape[0] == 2
    samples = out.shape[1]
    phases = bank["phase"].copy()
    left = np.empty(BLOCK)
    right = np.empty(BLOCK)
    states = np.zeros((6, 2))
    attack = max(int(tone.attack_s * SAMPLE_RATE), 88)
    sweep_attack = max(int(tone.sweep_attack_s * SAMPLE_RATE), 1)
    hold = int(tone.hold_s * SAMPLE_RATE)
    decay = decay_factor(tone.decay_s)
    release = decay_factor(tone.release_s)
    sweep_decay = decay_factor(tone.sweep_decay_s)
    level = 0.0
    smooth = 0.0
    sweep = 0.0
    k = 1.0 / tone.resonance
    g_high = svf_g(tone.highpass_hz) if tone.highpass_hz > 0.0 else 0.0
    start_drift = noise(7, seed)
    for start in range(0, samples, BLOCK):
        time_s = start / SAMPLE_RATE
        count = min(BLOCK, samples - start)
        left[:] = 0.0
        right[:] = 0.0
        onset = (time_s - tone.vibrato_delay_s) * 2.0
        _oscillate(bank, phases, freq_hz, time_s, min(max(onset, 0.0), 1.0), left, right)
        drift = 0.6 * dsin(time_s * tone.drift_hz + start_drift)
        drift += 0.4 * dsin(time_s * tone.drift_hz * 1.571 + 0.4 - start_drift)
        octaves = tone.sweep_octaves * sweep + tone.drift_octaves * drift
        g = svf_g(tone.cutoff_hz * dexp2(octaves))
        if tone.noise > 0.0:
            for i in range(BLOCK):
                left[i] += tone.noise * noise(2 * (start + i), seed)
                right[i] += tone.noise * noise(2 * (start + i) + 1, seed)
        if tone.drive > 0.0:
            push = 1.0 + 3.0 * tone.drive
            for i in range(BLOCK):
                left[i] = soft_clip(push * left[i])
                right[i] = soft_clip(push * right[i])
        _filter(left, right, states, g, k, tone.poles > 3.0, g_high)
        for i in range(count):
            level = next_level(level, start + i, attack, hold, tone.sustain, decay, release)
            sweep = next_level(
                sweep, start + i, sweep_attack, samples, tone.sweep_sustain, sweep_decay, 1.0
            )
            smooth += (level - smooth) * ROUNDING
            out[0, start + i] = smooth * left[i]
            if stereo:
                out[1, start + i] = smooth * right[i]
