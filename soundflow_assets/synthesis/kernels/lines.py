"""One voice that plays a whole part: notes slide, filters ring on, the LFO keeps the beat.

A monophonic synthesiser has one oscillator bank and one filter for all its notes; what it did
last is heard in what it does next. So a part is one pass over time, not a row of separate notes.
The filter is a four-pole ladder with saturating input whose feedback is solved without delay
(Zavalishin, "The Art of VA Filter Design", ch. 5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.math import (
    db_to_gain,
    dexp2,
    dsin,
    midi_to_hz,
    noise,
    soft_clip,
)
from soundflow_assets.synthesis.kernels.oscillators import pulse, saw

BLOCK = 16  # samples between two settings of pitch and cutoff: 0.36 ms

STROKE = np.dtype(
    [
        ("start", "i8"),  # samples, a multiple of BLOCK
        ("stop", "i8"),  # samples, likewise; where the next stroke slides, it begins here
        ("pitch", "f8"),  # MIDI
        ("accent", "f8"),  # 0 to 1
        ("slide", "f8"),  # 1: reached from the note before without a new attack
        ("brightness", "f8"),  # octaves added to the cutoff
        ("level", "f8"),  # gain of the note
    ]
)


class Line(NamedTuple):
    """The synthesiser that plays the line."""

    square: float  # share of pulse against saw
    width: float  # of the pulse
    detune_cents: float  # of a second oscillator; 0 is none
    sub: float  # level of a sine at the note, added after the filter; 0 is none
    glide_s: float  # time in which a slide covers all but 1 % of its way
    attack_s: float
    decay_s: float  # T60 towards the sustain level
    sustain: float
    release_s: float
    cutoff_hz: float
    resonance: float  # 0 to 1; 1 is at the edge of singing by itself
    sweep_octaves: float
    sweep_decay_s: float  # T60
    accent_octaves: float
    accent_db: float
    accent_shortens: float  # share by which an accent shortens the sweep
    lfo_octaves: float
    beat_s: float  # of the LFO; 0 for a free one
    first_beat_s: float
    vibrato_cents: float
    vibrato_hz: float
    drive: float


@njit(cache=True, inline="always")
def _lfo(time_s: float, tone: Line, seed: int) -> float:
    """Return the LFO, -1 to 1: its rate is drawn anew for every beat, alike for every fourth.

    Quarters, eighths and eighth triplets, three in twenty, seven and ten: the pattern of a bar is
    played twice before it is drawn again.
    """
    if tone.lfo_octaves == 0.0:
        return 0.0
    beat = (time_s - tone.first_beat_s) / tone.beat_s
    whole = np.floor(beat)
    two_bars = int(np.floor(whole / 8.0))
    place = int(whole - 4.0 * np.floor(whole / 4.0))
    choice = noise(two_bars * 4 + place, seed)
    rate = 1.0
    if choice > 0.3:
        rate = 3.0
    elif choice > -0.4:
        rate = 2.0
    return -dsin((beat - whole) * rate + 0.25)


@njit(cache=True)
def _oscillate(
    a: npt.NDArray[np.float64],
    b: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    phases: npt.NDArray[np.float64],
    freq_hz: float,
    tone: Line,
) -> None:
    """Fill one block of the two oscillators and the sub, moving `phases` on."""
    split = dexp2(0.5 * tone.detune_cents / 1200.0)
    for lane in range(2):
        y = a if lane == 0 else b
        if lane == 1 and tone.detune_cents <= 0.0:
            y[:] = a
            break
        step = freq_hz * (split if lane == 0 else 1.0 / split) / SAMPLE_RATE
        phase = phases[lane]
        for j in range(BLOCK):
            y[j] = (1.0 - tone.square) * saw(phase, step)
            if tone.square > 0.0:
                y[j] += 0.8 * tone.square * pulse(phase, step, tone.width)
            phase += step
            phase -= np.float64(phase >= 1.0)
        phases[lane] = phase
    if tone.sub > 0.0:
        for j in range(BLOCK):
            low[j] = tone.sub * dsin(phases[2])
            phases[2] += freq_hz / SAMPLE_RATE
            phases[2] -= np.float64(phases[2] >= 1.0)


@njit(cache=True)
def _ladder(
    x: npt.NDArray[np.float64],
    s: npt.NDArray[np.float64],
    g: float,
    slope: float,
    k: float,
) -> None:
    """Run one block through the ladder in place; `s` holds its four states, `k` its feedback."""
    s1, s2, s3, s4 = s[0], s[1], s[2], s[3]
    for j in range(BLOCK):
        g += slope
        rest = 1.0 / (1.0 + g)
        p = g * rest
        p2 = p * p
        # Feedback without delay: y4 = p⁴·u + S, u = x - k·y4 = (x - k·S) / (1 + k·p⁴).
        stored = rest * (p2 * p * s1 + p2 * s2 + p * s3 + s4)
        u = (x[j] - k * stored) / (1.0 + k * p2 * p2)
        u = 2.0 * soft_clip(0.5 * u)
        v = (u - s1) * p
        y = v + s1
        s1 = y + v
        v = (y - s2) * p
        y = v + s2
        s2 = y + v
        v = (y - s3) * p
        y = v + s3
        s3 = y + v
        v = (y - s4) * p
        y = v + s4
        s4 = y + v
        x[j] = y
    s[0], s[1], s[2], s[3] = s1, s2, s3, s4


@njit(cache=True)
def _amplify(
    levels: npt.NDArray[np.float64],
    env: npt.NDArray[np.float64],
    left: int,
    peak: float,
    tone: Line,
) -> None:
    """Fill one block of levels; `left` samples remain before the note is let go.

    `env` is (level, rising, loudness of the accent, sweep), moved on; the sweep by its factor
    in `env[4]`.
    """
    attack_k = 1.0 - decay_factor(3.0 * max(tone.attack_s, 0.002))
    decay = decay_factor(tone.decay_s)
    release = decay_factor(tone.release_s)
    level, rising, loud, sweep, fall = env[0], env[1], env[2], env[3], env[4]
    for j in range(BLOCK):
        if j >= left:
            level *= release
        elif rising > 0.0:
            level += attack_k * (1.05 - level)
            if level >= 1.0:
                rising = 0.0
        else:
            level = tone.sustain + (level - tone.sustain) * decay
        loud += (peak - loud) * 0.004
        sweep *= fall
        levels[j] = level * loud
    env[0], env[1], env[2], env[3] = level, rising, loud, sweep


@njit(cache=True)
def play(
    out: npt.NDArray[np.float32],
    strokes: npt.NDArray[np.void],
    tone: Line,
    gain: float,
    width: float,
    seed: int,
) -> None:
    """Add the whole line to `out` (2, samples).

    `strokes` are `STROKE`s in order of time, the first of them without slide. `width` above 0
    leans the two oscillators to the sides; at 0 everything is in the centre.
    """
    samples = out.shape[1]
    glide = dexp2(-6.643856189774724 * BLOCK / (max(tone.glide_s, 1e-4) * SAMPLE_RATE))
    tail = int(1.5 * tone.release_s * SAMPLE_RATE) + 512
    phases = np.array([0.37, 0.81, 0.0])
    env = np.array([0.0, 0.0, 1.0, 0.0, 0.0])
    ladders = np.zeros((2, 4))
    a, b, low = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    mixed, levels = np.zeros(BLOCK), np.zeros(BLOCK)
    sides = 2 if width > 0.0 else 1
    push = 0.125 * (1.0 + 3.0 * tone.drive)  # the ladder saturates above about 1
    pitch = 0.0
    g = svf_g(tone.cutoff_hz)
    for n in range(strokes.shape[0]):
        note = strokes[n]
        limit = min(note.stop + tail, samples)
        if n + 1 < strokes.shape[0]:
            limit = min(limit, strokes[n + 1].start)
        peak = note.level * db_to_gain(note.accent * tone.accent_db)
        if n == 0:
            env[2] = peak
        if note.slide < 0.5:
            pitch = note.pitch
            env[1] = 1.0
            env[3] = 1.0
        env[4] = decay_factor(tone.sweep_decay_s * (1.0 - tone.accent_shortens * note.accent))
        k = 4.0 * min(tone.resonance + 0.1 * note.accent, 0.97)
        makeup = (1.0 + 0.5 * k) / (4.0 * push)  # what drive adds and resonance takes
        for start in range(note.start, limit, BLOCK):
            time_s = start / SAMPLE_RATE
            pitch = note.pitch + (pitch - note.pitch) * glide
            held = (start - note.start) / SAMPLE_RATE
            shake = min(max((held - 0.25) * 3.0, 0.0), 1.0) * tone.vibrato_cents
            freq = midi_to_hz(pitch + 0.01 * shake * dsin(time_s * tone.vibrato_hz))
            octaves = (tone.sweep_octaves + tone.accent_octaves * note.accent) * env[3]
            octaves += note.brightness + tone.lfo_octaves * _lfo(time_s, tone, seed)
            slope = (svf_g(min(tone.cutoff_hz * dexp2(octaves), 14000.0)) - g) / BLOCK
            _oscillate(a, b, low, phases, freq, tone)
            _amplify(levels, env, note.stop - start, peak, tone)
            count = min(BLOCK, limit - start)
            for c in range(sides):
                lean = width * (1.0 - 2.0 * c)
                for j in range(BLOCK):
                    mixed[j] = push * ((1.0 + lean) * a[j] + (1.0 - lean) * b[j])
                _ladder(mixed, ladders[c], g, slope, k)
                for j in range(count):
                    y = gain * levels[j] * (makeup * mixed[j] + low[j])
                    out[c, start + j] += y
                    if sides == 1:
                        out[1, start + j] += y
            g += slope * BLOCK
