"""Recipes of drums with a head: kick, bass drum, snare, brush, toms and hand drums.

Each takes its parameters and a stroke and returns float32 (2, samples), not yet levelled.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.synthesis.drums.parameters import BassDrum, Brush, Kick, Snare, Tom
from soundflow_assets.synthesis.drums.strikes import add_noise, add_tone
from soundflow_assets.synthesis.drums.stroke import Stroke, blank, gain
from soundflow_assets.synthesis.kernels.math import ROOT_TWO

# Ideal circular membrane: ratios of modes (1,1), (2,1), (0,2) to (0,1) (Fletcher and Rossing,
# The Physics of Musical Instruments, table 3.1); air loading moves a real head towards 1.5, 2.
MEMBRANE = (1.593, 2.135, 2.295)


def tuned(end_hz: float, tune_hz: float) -> float:
    """Return the octave of `tune_hz` nearest to `end_hz`, or `end_hz` where none is asked for.

    >>> tuned(50.0, 220.0)
    55.0
    """
    if tune_hz <= 0:
        return end_hz
    pitch = tune_hz
    while pitch > end_hz * ROOT_TWO:
        pitch *= 0.5
    while pitch < end_hz / ROOT_TWO:
        pitch *= 2.0
    return pitch


def kick(p: Kick, stroke: Stroke) -> Audio:
    """Render an electronic kick; harder strokes start higher and click more."""
    out = blank(p.t60_s * 0.95 + 0.06)
    end = tuned(p.end_hz, p.tune_hz)
    start = end + (p.start_hz - end) * stroke.between(0.6, 1.0)
    sweep = p.sweep_ms * 0.001 * stroke.vary("sweep", 0.03)
    t60 = p.t60_s * stroke.between(0.85, 1.0) * stroke.vary("decay", 0.03)
    add_tone(out, 0.0, start, end, sweep, 0.0008, t60, 1.0, 1.0, 0.0)
    click = gain(p.click_db) * stroke.between(0.25, 1.0) * 2.0
    add_noise(
        out, stroke.seed("click"), 0.0, 0.0003, 0.012, p.click_hz * 0.5,
        p.click_hz * stroke.between(1.2, 2.5), p.click_hz, 0.01, click, click, 0.0,
    )  # fmt: skip
    if p.knock_db > -60:
        level = gain(p.knock_db) * stroke.between(0.5, 1.0)
        add_tone(out, 0.0, p.knock_hz * 1.6, p.knock_hz, 0.004, 0.0004, 0.05, level, level, 0.0)
    return out


def bass_drum(p: BassDrum, stroke: Stroke) -> Audio:
    """Render an acoustic bass drum; harder strokes bring out the upper modes and the beater."""
    out = blank(p.t60_s + 0.06)
    pitch = tuned(p.pitch_hz, p.tune_hz)
    t60 = p.t60_s * stroke.vary("decay", 0.06)
    add_tone(out, 0.0, pitch * stroke.between(1.08, 1.35), pitch, 0.035, 0.003, t60, 1.0, 1.0, 0.0)
    for number, ratio in enumerate(MEMBRANE):
        level = p.shell * stroke.between(0.15, 0.55) / (1 + number)
        bent = pitch * ratio * stroke.vary(f"mode{number}", 0.015)
        add_tone(
            out, 0.0, bent * 1.2, bent, 0.03, 0.002, t60 * (0.5 - 0.1 * number), level, level, 0.0
        )
    beat = gain(p.beater_db) * stroke.between(0.3, 1.0) * 2.0
    add_noise(
        out, stroke.seed("beater"), 0.0, 0.001, 0.035, 150.0, p.beater_hz * stroke.between(0.5, 1),
        p.beater_hz * 0.4, 0.01, beat, beat, 0.0,
    )  # fmt: skip
    return out


def snare(p: Snare, stroke: Stroke) -> Audio:
    """Render a snare; harder strokes are brighter, wirier and longer."""
    plate = gain(p.plate_db) if p.plate_db > -60 else 0.0
    length = max(p.head_t60_s, p.noise_t60_s, p.plate_t60_s if plate else 0.0)
    out = blank(length * 1.05 + 0.05)
    for name, freq, level in (("low", p.low_hz, 0.8), ("high", p.high_hz, 0.45)):
        pitch = freq * stroke.vary(name, 0.015)
        add_tone(
            out, 0.0, pitch * stroke.between(1.05, 1.25), pitch, 0.012, 0.0005,
            p.head_t60_s * stroke.vary(name + "decay", 0.08), level, level, 0.0,
        )  # fmt: skip
    wires = gain(p.noise_db) * stroke.between(0.6, 1.0) * 1.6
    top = p.noise_high_hz * stroke.between(0.45, 1.0) * stroke.vary("top", 0.05)
    t60 = p.noise_t60_s * stroke.between(0.75, 1.0) * stroke.vary("decay", 0.08)
    add_noise(
        out, stroke.seed("wires"), 0.001, 0.001, t60, p.noise_low_hz, top, top * 0.7, t60 * 0.3,
        wires, wires, p.width,
    )  # fmt: skip
    crack = gain(p.crack_db) * stroke.between(0.15, 1.0) * 2.0
    add_noise(
        out, stroke.seed("crack"), 0.0, 0.0003, 0.014, 2200.0, top * 1.2, top, 0.01, crack, crack,
        0.0,
    )  # fmt: skip
    if plate:
        add_noise(
            out, stroke.seed("plate"), 0.012, 0.02, p.plate_t60_s, 350.0, top, top * 0.5,
            p.plate_t60_s * 0.3, plate, plate, 1.0,
        )  # fmt: skip
        add_tone(
            out, 0.012, p.low_hz, p.low_hz, 0.01, 0.015, p.plate_t60_s * 0.6, plate * 0.2,
            plate * 0.2, 0.0,
        )  # fmt: skip
    return out


def brush(p: Brush, stroke: Stroke) -> Audio:
    """Render a brush tap: wires landing one after the other, so it swells before it decays."""
    swell = p.swell_ms * 0.001 * stroke.between(1.3, 0.7) * stroke.vary("swell", 0.15)
    t60 = p.t60_s * stroke.vary("decay", 0.12)
    out = blank(swell + t60 + 0.05)
    top = p.high_hz * stroke.between(0.55, 1.0) * stroke.vary("top", 0.08)
    add_noise(
        out, stroke.seed("wires"), 0.0, swell, t60, p.low_hz, top, top * 0.75, t60 * 0.5, 1.0, 1.0,
        p.width,
    )  # fmt: skip
    head = gain(p.head_db) * stroke.between(0.4, 1.0)
    add_tone(out, swell * 0.5, 230.0, 205.0, 0.02, 0.004, 0.16, head, head, 0.0)
    return out


def brush_swirl(p: Brush, stroke: Stroke) -> Audio:
    """Render a brush going round on the head for the stroke's duration (1.2 s without one)."""
    seconds = stroke.duration_s if stroke.duration_s > 0 else 1.2
    out = blank(seconds)
    top = p.high_hz * stroke.between(0.6, 0.9)
    fade = min(0.12, seconds * 0.3)
    add_noise(
        out, stroke.seed("swirl"), 0.0, fade, 1000.0, p.low_hz, top, top, 1.0, 1.0, 1.0, p.width
    )
    turn = 1.0 / (p.turns_hz * stroke.vary("turn", 0.06))
    corners = np.arange(0.0, seconds + turn, turn / 4)
    # A quarter turn at a time: towards the player, right, away, left; friction peaks twice.
    time = np.arange(out.shape[1]) / SAMPLE_RATE
    left = np.interp(time, corners, np.resize([0.9, 0.5, 0.75, 0.55], corners.size))
    right = np.interp(time, corners, np.resize([0.55, 0.8, 0.5, 0.95], corners.size))
    ends = np.interp(time, [0.0, seconds - fade, seconds], [1.0, 1.0, 0.0])
    out[0] *= left * ends
    out[1] *= right * ends
    return out


def tom(p: Tom, stroke: Stroke) -> Audio:
    """Render a tom or hand drum; harder strokes bend further and show more overtones."""
    t60 = p.t60_s * stroke.between(0.8, 1.0) * stroke.vary("decay", 0.08)
    out = blank(t60 + 0.06)
    left, right = 1.0 - max(p.pan, 0.0) * 0.7, 1.0 + min(p.pan, 0.0) * 0.7
    pitch = p.pitch_hz * stroke.vary("pitch", 0.01)
    bend = 1.0 + (p.bend - 1.0) * stroke.between(0.4, 1.0)
    add_tone(out, 0.0, pitch * bend, pitch, p.bend_ms * 0.001, 0.001, t60, left, right, 0.0)
    for number, ratio in enumerate(MEMBRANE):
        level = p.overtones * stroke.between(0.3, 1.0) / (1.5 + number)
        freq = pitch * ratio * stroke.vary(f"mode{number}", 0.012)
        add_tone(
            out, 0.0, freq * (1 + (bend - 1) * 0.6), freq, p.bend_ms * 0.0008, 0.0008,
            t60 * (0.55 - 0.12 * number), level * left, level * right, 0.0,
        )  # fmt: skip
    slap = gain(p.slap_db) * stroke.between(0.25, 1.0) * 2.0
    add_noise(
        out, stroke.seed("slap"), 0.0, 0.0004, 0.03, p.slap_hz * 0.35,
        p.slap_hz * stroke.between(1.0, 2.2), p.slap_hz * 0.8, 0.008, slap * left, slap * right,
        0.0,
    )  # fmt: skip
    return out
