"""Recipes of sheet metal: hats, ride, crash.

Each takes its parameters and a stroke and returns float32 (2, samples), not yet levelled. The
ears hear different faces of a cymbal, so phases, detuning and noise differ between the channels.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.drums.metal import add_metal
from soundflow_assets.synthesis.drums.parameters import Crash, Hat, Ride
from soundflow_assets.synthesis.drums.strikes import add_noise, add_tone
from soundflow_assets.synthesis.drums.stroke import Stroke, blank, gain

PARTIALS = np.array([1.0, 1.34, 1.58, 2.08, 2.72, 3.42])
BELL = (1.0, 1.46, 2.19, 2.93, 4.12)  # modes of a ride's cup, in order of strength
METAL_GAIN = 7.5  # a high-passed square keeps little of its power
# Every hit of a round robin differs by up to this much, as two strokes of a stick do.
DECAY_SPREAD = 0.15
TONE_SPREAD = 0.08


def hat(p: Hat, stroke: Stroke) -> Audio:
    """Render a hi-hat: a short body over a tail 20 dB down; harder strokes open the top."""
    t60 = p.t60_s * stroke.vary("decay", DECAY_SPREAD) * stroke.between(0.8, 1.0)
    tail = t60 * 2.2 + 0.02
    out = blank(tail + 0.03)
    tone = stroke.vary("tone", TONE_SPREAD)
    corner = p.corner_hz * tone * stroke.between(0.68, 1.0)
    top = stroke.between(7500.0, 17500.0)
    attack = p.attack_ms * 0.001
    seed = stroke.seed("metal")
    spread = 0.012 * p.width
    for t, level in ((t60, 1.0), (tail, 0.12)):
        metal = level * p.metal * METAL_GAIN
        add_metal(out, PARTIALS, p.base_hz * tone, spread, attack, t, corner, metal, seed)
        hiss = level * (1.0 - p.metal) * 1.3
        add_noise(
            out, stroke.seed("hiss"), 0.0, attack, t, corner * 0.9, top, top * 0.8, t * 0.5, hiss,
            hiss, p.width,
        )  # fmt: skip
    if p.foot > 0:
        add_noise(
            out, stroke.seed("foot"), 0.0, 0.002, 0.05, 350.0, 1600.0, 900.0, 0.02, p.foot, p.foot,
            0.2,
        )  # fmt: skip
    return out


def ride(p: Ride, stroke: Stroke) -> Audio:
    """Render a ride: the stick's ping, the cup, and a wash that builds behind them."""
    t60 = p.t60_s * stroke.vary("decay", DECAY_SPREAD)
    out = blank(t60 + 0.05)
    tone = stroke.vary("tone", TONE_SPREAD * 0.4)
    metal = METAL_GAIN * stroke.between(0.3, 0.5)
    corner = p.corner_hz * stroke.between(0.7, 1.0) * stroke.vary("corner", TONE_SPREAD)
    seed = stroke.seed("metal")
    add_metal(
        out, PARTIALS, p.base_hz * tone, 0.01 * p.width, 0.001, t60, corner, metal * 0.6, seed
    )
    bite = stroke.between(2600.0, 3800.0)
    ping = gain(p.ping_db) * stroke.between(0.3, 1.0) * METAL_GAIN
    add_metal(
        out, PARTIALS, p.base_hz * 1.31 * tone, 0.01 * p.width, 0.0004, 0.09, bite, ping, seed + 5
    )
    for number, ratio in enumerate(BELL):
        level = p.bell * stroke.between(0.2, 0.32) / (1 + 0.8 * number)
        freq = p.bell_hz * ratio * tone
        side = 0.35 * p.width * (1 if number % 2 else -1)
        add_tone(
            out, 0.0, freq * 1.002, freq, 0.05, 0.0008, t60 * (0.9 - 0.13 * number),
            level * (1 - side), level * (1 + side), 0.13 * number,
        )  # fmt: skip
    wash = gain(p.wash_db) * stroke.between(0.4, 1.2)
    add_noise(
        out, stroke.seed("wash"), 0.0, 0.03, t60, corner * 0.55, stroke.between(7000.0, 15000.0),
        7000.0, t60 * 0.3, wash, wash, 0.4 + 0.6 * p.width,
    )  # fmt: skip
    return out


def crash(p: Crash, stroke: Stroke) -> Audio:
    """Render a crash: everything at once, then the top dies first."""
    t60 = p.t60_s * stroke.vary("decay", DECAY_SPREAD) * stroke.between(0.7, 1.0)
    out = blank(t60 + 0.05)
    tone = stroke.vary("tone", TONE_SPREAD)
    seed = stroke.seed("metal")
    width = 0.3 + 0.5 * p.width
    metal = p.metal * METAL_GAIN * 0.8
    corner = p.corner_hz * stroke.between(0.75, 1.0)
    add_metal(
        out, PARTIALS, p.base_hz * tone * 0.73, 0.02 * p.width, 0.003, t60, corner, metal, seed
    )
    top = p.brightness_hz * stroke.between(0.5, 1.0)
    noise = (1.0 - p.metal) * 1.2
    for layer, low, high, t in (
        ("splash", 5000.0, top, t60 * 0.35),
        ("body", corner * 0.5, top * 0.6, t60),
    ):
        add_noise(
            out, stroke.seed(layer), 0.0, 0.003, t, low * tone, high, high * 0.45, t60 * 0.25,
            noise, noise, width,
        )  # fmt: skip
    return out
