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
from soundflow_assets.synthesis.kernels.envelopes import decay_factor, fallen
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.math import (
    db_to_gain,
    dexp2,
    dsin,
    midi_to_hz,
    noise,
    soft_clip,
)
from soundflow_assets.synthesis.kernels.waves import BLOCK, add_saw, add_sine

CHUNK = 8  # blocks reckoned at a time; a block lies between two settings of pitch and cutoff

Numbers = npt.NDArray[np.float64]

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


@njit(cache=True, error_model="numpy")
def _excite(
    left: Numbers,
    right: Numbers,
    low: Numbers,
    phases: Numbers,
    freqs_hz: Numbers,
    blocks: int,
    tone: Line,
    push: float,
    width: float,
) -> None:
    """Fill `blocks` of the two oscillators, leant to the sides, and of the sub, moving `phases` on.

    A pulse is two saws' difference, the later one a pulse's width behind.
    """
    left[:] = 0.0
    right[:] = 0.0
    low[:] = 0.0
    split = dexp2(0.5 * tone.detune_cents / 1200.0)
    for lane in range(2):
        ratio = split if lane == 0 else 1.0 / split
        lean = width if lane == 0 else -width
        gain_l, gain_r = push * (1.0 + lean), push * (1.0 - lean)
        early, late = 1.0 - 1.8 * tone.square, 0.8 * tone.square
        if tone.detune_cents <= 0.0:  # both are one
            gain_l, gain_r = 2.0 * push, 2.0 * push
        phase = phases[lane]
        for b in range(blocks):
            step = min(freqs_hz[b] * ratio / SAMPLE_RATE, 0.24)
            at = b * BLOCK
            add_saw(left, right, at, phase, step, early * gain_l, early * gain_r)
            if late > 0.0:
                behind = phase + 1.0 - tone.width
                add_saw(left, right, at, behind, step, late * gain_l, late * gain_r)
            phase += step * BLOCK
            phase -= np.floor(phase)
        phases[lane] = phase
        if tone.detune_cents <= 0.0:
            break
    if tone.sub > 0.0:
        for b in range(blocks):
            step = freqs_hz[b] / SAMPLE_RATE
            add_sine(low, low, b * BLOCK, phases[2], step, 0.5 * tone.sub, 0.5 * tone.sub)
            phases[2] += step * BLOCK
            phases[2] -= np.floor(phases[2])


@njit(cache=True, error_model="numpy")
def _ladders(
    left: Numbers, right: Numbers, s: Numbers, g: float, slopes: Numbers, blocks: int, k: float
) -> float:
    """Run `blocks` of both sides through a ladder each, in place; return the `g` they end with.

    `s` (8,) holds the four states of each; `k` is their feedback, `slopes` what `g` gains a sample
    in each block. The two do not know of each other, so that neither waits for the other.
    """
    a1, a2, a3, a4, b1, b2, b3, b4 = s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
    for block in range(blocks):
        slope = slopes[block]
        for j in range(block * BLOCK, (block + 1) * BLOCK):
            g += slope
            rest = 1.0 / (1.0 + g)
            p = g * rest
            p2 = p * p
            # Feedback without delay: y4 = p⁴·u + S, u = x - k·y4 = (x - k·S) / (1 + k·p⁴).
            solved = 1.0 / (1.0 + k * p2 * p2)
            left[j], a1, a2, a3, a4 = _rung(left[j], a1, a2, a3, a4, p, rest, k, solved)
            right[j], b1, b2, b3, b4 = _rung(right[j], b1, b2, b3, b4, p, rest, k, solved)
    s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7] = a1, a2, a3, a4, b1, b2, b3, b4
    return g


@njit(cache=True, inline="always")
def _rung(
    x: float,
    s1: float,
    s2: float,
    s3: float,
    s4: float,
    p: float,
    rest: float,
    k: float,
    solved: float,
) -> tuple[float, float, float, float, float]:
    """Return one sample of the ladder and its next states: y = p·x + rest·s, s = 2·y - s."""
    # Sums are written so that few of them wait for another: this loop is nothing but waiting.
    p2 = p * p
    p3, p4 = p2 * p, p2 * p2
    t1 = rest * s1
    t2 = rest * (p * s1 + s2)
    t3 = rest * (p2 * s1 + (p * s2 + s3))
    t4 = rest * ((p3 * s1 + p2 * s2) + (p * s3 + s4))
    u = 2.0 * soft_clip((0.5 * solved) * x - (0.5 * solved * k) * t4)
    y1, y2, y3, y4 = p * u + t1, p2 * u + t2, p3 * u + t3, p4 * u + t4
    return y4, 2.0 * y1 - s1, 2.0 * y2 - s2, 2.0 * y3 - s3, 2.0 * y4 - s4


@njit(cache=True, error_model="numpy")
def _amplify(levels: Numbers, env: Numbers, left: int, peak: float, tone: Line) -> None:
    """Fill `levels`; `left` samples remain before the note is let go.

    `env` is (level, rising, loudness of the accent), moved on.
    """
    attack_k = 1.0 - decay_factor(3.0 * max(tone.attack_s, 0.002))
    decay = decay_factor(tone.decay_s)
    release = decay_factor(tone.release_s)
    level, rising, loud = env[0], env[1], env[2]
    for j in range(levels.shape[0]):
        if j >= left:
            level *= release
        elif rising > 0.0:
            level += attack_k * (1.05 - level)
            if level >= 1.0:
                rising = 0.0
        else:
            level = tone.sustain + (level - tone.sustain) * decay
        loud += (peak - loud) * 0.004
        levels[j] = level * loud
    env[0], env[1], env[2] = level, rising, loud


@njit(cache=True, error_model="numpy")
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
    env = np.array([0.0, 0.0, 1.0])
    states = np.zeros(8)
    size = CHUNK * BLOCK
    left, right, low, levels = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    freqs_hz, slopes = np.zeros(CHUNK), np.zeros(CHUNK)
    push = 0.125 * (1.0 + 3.0 * tone.drive)  # the ladder saturates above about 1
    pitch = 0.0
    sweep = 0.0
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
            sweep = 1.0
        shorter = 1.0 - tone.accent_shortens * note.accent
        fall = fallen(BLOCK, tone.sweep_decay_s * shorter)
        k = 4.0 * min(tone.resonance + 0.1 * note.accent, 0.97)
        makeup = (1.0 + 0.5 * k) / (4.0 * push)  # what drive adds and resonance takes
        for start in range(note.start, limit, size):
            blocks = (min(size, limit - start) + BLOCK - 1) // BLOCK
            end_g = g
            for b in range(blocks):
                now = start + b * BLOCK
                time_s = now / SAMPLE_RATE
                pitch = note.pitch + (pitch - note.pitch) * glide
                held = (now - note.start) / SAMPLE_RATE
                shake = min(max((held - 0.25) * 3.0, 0.0), 1.0) * tone.vibrato_cents
                freqs_hz[b] = midi_to_hz(pitch + 0.01 * shake * dsin(time_s * tone.vibrato_hz))
                octaves = (tone.sweep_octaves + tone.accent_octaves * note.accent) * sweep
                octaves += note.brightness + tone.lfo_octaves * _lfo(time_s, tone, seed)
                next_g = svf_g(min(tone.cutoff_hz * dexp2(octaves), 14000.0))
                slopes[b] = (next_g - end_g) / BLOCK
                end_g = next_g
                sweep *= fall
            _excite(left, right, low, phases, freqs_hz, blocks, tone, push, width)
            _amplify(levels[: blocks * BLOCK], env, note.stop - start, peak, tone)
            g = _ladders(left, right, states, g, slopes, blocks, k)
            for j in range(min(size, limit - start)):
                level = gain * levels[j]
                out[0, start + j] += level * (makeup * left[j] + low[j])
                out[1, start + j] += level * (makeup * right[j] + low[j])
