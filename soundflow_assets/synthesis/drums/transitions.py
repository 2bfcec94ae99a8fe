"""Recipes of effect sounds that mark a boundary: riser, downlifter, reverse swell, impact.

All but the impact fill the stroke's duration. They are noise and cymbal rather than pitch, so
they suit any key and never sound like a siren.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.synthesis.drums.cymbals import crash
from soundflow_assets.synthesis.drums.parameters import Impact, Rise, Swell
from soundflow_assets.synthesis.drums.strikes import add_noise, add_tone
from soundflow_assets.synthesis.drums.stroke import Stroke, blank, gain

PASSAGE_S = 4.0  # where the score names no duration
BREATH_S = 0.03  # a riser lets go this long before the beat it leads to


def _passage(stroke: Stroke) -> float:
    return stroke.duration_s if stroke.duration_s > 0 else PASSAGE_S


def riser(p: Rise, stroke: Stroke) -> Audio:
    """Render noise that opens and grows to the end of its duration."""
    seconds = _passage(stroke)
    out = blank(seconds)
    top = p.high_hz * stroke.between(0.6, 1.0)
    # The corner's distance shrinks exponentially: run the closing passage backwards.
    add_noise(
        out, stroke.seed("riser"), 0.0, 0.02, seconds * 1.8, p.low_hz, top, p.low_hz * 1.5,
        seconds * 0.45, 1.0, 1.0, p.width,
    )  # fmt: skip
    out = np.ascontiguousarray(out[:, ::-1])
    fade = min(int(BREATH_S * SAMPLE_RATE), out.shape[1] // 4)
    out[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    out *= np.linspace(0, 1, out.shape[1], dtype=np.float32)
    return out


def downlifter(p: Rise, stroke: Stroke) -> Audio:
    """Render noise that closes and sinks over its duration."""
    seconds = _passage(stroke)
    out = blank(seconds)
    top = p.high_hz * stroke.between(0.6, 1.0)
    add_noise(
        out, stroke.seed("downlifter"), 0.0, 0.015, seconds * 1.3, p.low_hz * 0.5, top, p.low_hz,
        seconds * 0.3, 1.0, 1.0, p.width,
    )  # fmt: skip
    out *= np.linspace(1, 0, out.shape[1], dtype=np.float32)
    return out


def reverse_swell(p: Swell, stroke: Stroke) -> Audio:
    """Render a crash backwards: it grows out of nothing into the boundary."""
    seconds = stroke.duration_s if stroke.duration_s > 0 else 2.0
    shaped = p.model_copy(update={"t60_s": seconds * 1.1})
    forward = crash(shaped, stroke)
    samples = max(int(seconds * SAMPLE_RATE), 64)
    body = np.zeros((2, samples), np.float32)
    kept = min(samples, forward.shape[1])
    body[:, :kept] = forward[:, :kept]
    out = np.ascontiguousarray(body[:, ::-1])
    fade = min(int(BREATH_S * SAMPLE_RATE), samples // 4)
    out[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    out *= np.linspace(0, 1, samples, dtype=np.float32)
    return out


def impact(p: Impact, stroke: Stroke) -> Audio:
    """Render a boom: a falling low tone, a soft blow, and air moving away."""
    t60 = p.t60_s * stroke.vary("decay", 0.08)
    out = blank(t60 * 1.6 + 0.05)
    add_tone(out, 0.0, p.start_hz, p.end_hz, 0.09, 0.004, t60, 1.0, 1.0, 0.0)
    blow = stroke.between(0.3, 0.8)
    add_noise(
        out, stroke.seed("blow"), 0.0, 0.002, 0.12, 60.0, p.tail_hz * 2, p.tail_hz * 0.5, 0.04,
        blow, blow, 0.2,
    )  # fmt: skip
    tail = gain(p.tail_db) * 2.0
    add_noise(
        out, stroke.seed("tail"), 0.01, 0.02, t60 * 1.5, 90.0, p.tail_hz * stroke.between(0.7, 1.3),
        p.tail_hz * 0.3, t60 * 0.4, tail, tail, p.width,
    )  # fmt: skip
    return out
