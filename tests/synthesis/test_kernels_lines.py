"""A line played in blocks is the line played sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.lines import STROKE, Line, play
from soundflow_assets.synthesis.kernels.math import db_to_gain, dsin, midi_to_hz, soft_clip
from soundflow_assets.synthesis.kernels.oscillators import pulse, saw
from soundflow_assets.synthesis.kernels.waves import BLOCK

LINE = Line(
    square=0.4, width=0.3, detune_cents=9.0, sub=0.2, glide_s=0.05, attack_s=0.004, decay_s=0.5,
    sustain=0.7, release_s=0.05, cutoff_hz=700.0, resonance=0.6, sweep_octaves=2.0,
    sweep_decay_s=0.2, accent_octaves=0.5, accent_db=3.0, accent_shortens=0.3, lfo_octaves=0.0,
    beat_s=0.5, first_beat_s=0.0, vibrato_cents=0.0, vibrato_hz=5.0, drive=0.4,
)  # fmt: skip
STROKES = [(0, 1600, 45.0, 0.0, 0.0, 0.1, 0.8), (1600, 3200, 52.0, 0.7, 1.0, 0.3, 1.0),
           (6400, 7200, 40.0, 0.2, 0.0, 0.0, 0.6)]  # fmt: skip


def slow_line(tone: Line, width: float, samples: int) -> np.ndarray:
    """The same synthesiser without a vibrato or an LFO, one sample after the other."""
    out = np.zeros((2, samples))
    phases, states = [0.37, 0.81, 0.0], np.zeros((2, 4))
    split = 2.0 ** (0.5 * tone.detune_cents / 1200.0)
    glide = 0.01 ** (BLOCK / (tone.glide_s * SAMPLE_RATE))
    attack_k = 1.0 - decay_factor(3.0 * tone.attack_s)
    push = 0.125 * (1.0 + 3.0 * tone.drive)
    level = sweep = pitch = 0.0
    rising, loud, g = False, 0.8, svf_g(tone.cutoff_hz)
    limits = [stroke[0] for stroke in STROKES[1:]] + [samples]
    for (first, stop, goal, accent, slide, bright, gain), limit in zip(
        STROKES, limits, strict=True
    ):
        if not slide:
            pitch, rising, sweep = goal, True, 1.0
        fall = decay_factor(tone.sweep_decay_s * (1.0 - tone.accent_shortens * accent))
        k = 4.0 * (tone.resonance + 0.1 * accent)
        tail = int(1.5 * tone.release_s * SAMPLE_RATE) + 512
        for n in range(first, min(limit, stop + tail)):
            if (n - first) % BLOCK == 0:
                pitch = goal + (pitch - goal) * glide
                octaves = (tone.sweep_octaves + tone.accent_octaves * accent) * sweep + bright
                slope = (svf_g(tone.cutoff_hz * 2.0**octaves) - g) / BLOCK
            steps = np.array([split, 1.0 / split, 1.0]) * midi_to_hz(pitch) / SAMPLE_RATE
            a, b = (
                (1.0 - tone.square) * saw(phases[i], steps[i])
                + 0.8 * tone.square * pulse(phases[i], steps[i], tone.width)
                for i in range(2)
            )
            low = tone.sub * dsin(phases[2])
            phases = [(phase + step) % 1.0 for phase, step in zip(phases, steps, strict=True)]
            if n >= stop:
                level *= decay_factor(tone.release_s)
            elif rising:
                level += attack_k * (1.05 - level)
                rising = level < 1.0
            else:
                level = tone.sustain + (level - tone.sustain) * decay_factor(tone.decay_s)
            loud += (gain * db_to_gain(accent * tone.accent_db) - loud) * 0.004
            sweep *= fall
            g += slope
            p = g / (1.0 + g)
            for c, lean in enumerate((width, -width)):
                x, s = push * ((1.0 + lean) * a + (1.0 - lean) * b), states[c]
                stored = (p**3 * s[0] + p**2 * s[1] + p * s[2] + s[3]) / (1.0 + g)
                y = 2.0 * soft_clip(0.5 * (x - k * stored) / (1.0 + k * p**4))
                for stage in range(4):
                    v = (y - s[stage]) * p
                    y = v + s[stage]
                    s[stage] = y + v
                makeup = (1.0 + 0.5 * k) / (4.0 * push)
                out[c, n] += 0.3 * level * loud * (makeup * y + low)
    return out


@pytest.mark.parametrize("width", [0.0, 0.4])
def test_a_line_is_what_its_samples_are_one_by_one(width: float) -> None:
    out = np.zeros((2, 12_000), np.float32)
    play(out, np.array(STROKES, dtype=STROKE), LINE, 0.3, width, 1)
    expected = slow_line(LINE, width, 12_000)
    np.testing.assert_allclose(out, expected, atol=3e-6)
