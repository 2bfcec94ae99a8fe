"""Recipes of small and hand-held things: clap, snap, rim, shaker, tambourine, cowbell.

Each takes its parameters and a stroke and returns float32 (2, samples), not yet levelled.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.drums.metal import add_metal
from soundflow_assets.synthesis.drums.parameters import Clap, Cowbell, Rim, Shaker, Snap
from soundflow_assets.synthesis.drums.strikes import add_noise, add_rattle, add_tone
from soundflow_assets.synthesis.drums.stroke import Stroke, blank, gain


def clap(p: Clap, stroke: Stroke) -> Audio:
    """Render a clap: bursts of several hands that never fall quite together, then the room."""
    start = p.gap_ms * 0.001 * (p.bursts - 1)
    out = blank(start * 1.1 + max(p.tail_s * 1.3, p.plate_t60_s) + 0.03)
    top = p.high_hz * stroke.between(0.7, 1.15)
    onset = 0.0
    for number in range(p.bursts):
        last = number == p.bursts - 1
        side = p.width * 0.6 * (stroke.vary(f"place{number}", 1.0) - 1.0)
        level = (1.0 if last else 0.75) * stroke.vary(f"force{number}", 0.2)
        left, right = level * (1 - side) * 1.5, level * (1 + side) * 1.5
        t60 = p.tail_s * stroke.vary("tail", 0.12) if last else 0.022
        pitch = stroke.vary(f"hands{number}", 0.08)
        add_noise(
            out, stroke.seed(f"burst{number}"), onset, 0.0006, t60, p.low_hz * pitch,
            top * pitch * 1.1, top * pitch, 0.03, left, right, p.width,
        )  # fmt: skip
        onset += p.gap_ms * 0.001 * stroke.vary(f"gap{number}", 0.14)
    room = gain(p.plate_db) * 1.5
    add_noise(
        out, stroke.seed("room"), start + 0.008, 0.01, p.plate_t60_s, p.low_hz * 0.7, top * 1.6,
        top * 0.8, p.plate_t60_s * 0.3, room, room, 1.0,
    )  # fmt: skip
    return out


def snap(p: Snap, stroke: Stroke) -> Audio:
    """Render a finger snap: the finger slipping, then meeting the palm 9 ms later."""
    out = blank(0.012 + max(p.t60_s, 0.22) + 0.03)
    pitch = p.pitch_hz * stroke.vary("pitch", 0.06) * stroke.between(0.92, 1.04)
    add_noise(
        out, stroke.seed("slip"), 0.0, 0.002, 0.012, pitch * 0.8, pitch * 2.2, pitch * 1.5, 0.01,
        0.25, 0.25, p.width,
    )  # fmt: skip
    t60 = p.t60_s * stroke.vary("decay", 0.1)
    add_noise(
        out, stroke.seed("palm"), 0.009, 0.0006, t60, pitch * 0.75, pitch * 1.35, pitch, 0.02,
        1.6, 1.6, p.width * 0.3,
    )  # fmt: skip
    add_tone(out, 0.009, pitch * 1.1, pitch * 0.93, 0.01, 0.0008, t60 * 0.5, 0.5, 0.5, 0.0)
    air = gain(p.air_db) * stroke.between(0.3, 1.0) * 2.0
    add_noise(
        out, stroke.seed("air"), 0.009, 0.0004, 0.03, 4500.0, 14000.0, 9000.0, 0.02, air, air,
        p.width,
    )  # fmt: skip
    room = gain(p.room_db) * 1.6
    add_noise(
        out, stroke.seed("room"), 0.02, 0.006, 0.22, pitch * 0.5, pitch * 2.4, pitch, 0.06, room,
        room, 1.0,
    )  # fmt: skip
    return out


def rim(p: Rim, stroke: Stroke) -> Audio:
    """Render a rim click or cross-stick."""
    out = blank(p.t60_s * 1.3 + 0.04)
    t60 = p.t60_s * stroke.vary("decay", 0.08)
    modes = (
        (p.low_hz, p.wood * stroke.between(1.1, 0.9), 1.2),
        (p.high_hz, (1.0 - p.wood) * stroke.between(0.6, 1.1), 0.8),
        (p.high_hz * 1.61, (1.0 - p.wood) * stroke.between(0.1, 0.45), 0.5),
    )
    for number, (freq, level, ring) in enumerate(modes):
        pitch = freq * stroke.vary(f"mode{number}", 0.02)
        add_tone(
            out, 0.0, pitch * 1.05, pitch, 0.005, 0.0003, t60 * ring, level, level, 0.07 * number
        )
    tick = gain(p.tick_db) * stroke.between(0.3, 1.0) * 2.0
    add_noise(
        out, stroke.seed("tick"), 0.0, 0.0003, 0.01, 2500.0, 11000.0, 6000.0, 0.01, tick, tick, 0.1
    )
    return out


def shaker(p: Shaker, stroke: Stroke) -> Audio:
    """Render one shake: the beads gather, hit the shell, and settle."""
    swell = p.swell_ms * 0.001 * stroke.between(1.35, 0.75) * stroke.vary("swell", 0.15)
    t60 = p.t60_s * stroke.vary("decay", 0.15)
    out = blank(swell + t60 + 0.05)
    pitch = p.pitch_hz * stroke.between(0.82, 1.05) * stroke.vary("pitch", 0.06)
    freqs = np.array([pitch, pitch * 1.47, pitch * 0.71])
    add_rattle(out, stroke.seed("beads"), swell, t60, p.rate_hz, freqs, p.resonance, 1.0, p.width)
    return out


def tambourine(p: Shaker, stroke: Stroke) -> Audio:
    """Render a tambourine: jingles ringing high and inharmonic, and the hand on the frame."""
    swell = p.swell_ms * 0.001 * stroke.between(1.3, 0.7)
    t60 = p.t60_s * stroke.vary("decay", 0.12)
    out = blank(swell + t60 * 1.1 + 0.05)
    pitch = p.pitch_hz * stroke.vary("pitch", 0.03)
    # Jingle modes as multiples of the lowest strong one.
    freqs = pitch * np.array([1.0, 1.43, 1.79, 0.63, 0.41]) * stroke.between(0.82, 1.04)
    add_rattle(out, stroke.seed("jingles"), swell, t60, p.rate_hz, freqs, p.resonance, 1.0, p.width)
    if p.head_db > -60:
        hand = gain(p.head_db) * stroke.between(1.0, 0.8)
        add_tone(out, 0.0, 420.0, 330.0, 0.02, 0.001, 0.09, hand, hand, 0.0)
    return out


def cowbell(p: Cowbell, stroke: Stroke) -> Audio:
    """Render a cowbell: a hard short stroke over a longer ring."""
    out = blank(p.t60_s + 0.05)
    pitch = p.pitch_hz * stroke.vary("pitch", 0.012)
    ratios = np.array([1.0, p.interval])
    t60 = p.t60_s * stroke.vary("decay", 0.06)
    seed = stroke.seed("plate")
    corner = p.corner_hz * stroke.between(0.8, 1.1)
    add_metal(out, ratios, pitch, 0.0, 0.0006, t60 * 0.18, corner * 1.6, 1.2, seed)
    add_metal(out, ratios, pitch, 0.0, 0.0006, t60, corner, 0.6, seed)
    return out
