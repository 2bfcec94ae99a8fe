"""Electric bass: round wound strings, fingers or thumb, a pickup in the middle."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, opened, ratio_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, damped_release
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws
from soundflow_assets.synthesis.kernels.strings import Pluck, strings
from soundflow_assets.synthesis.kernels.whole import LOWPASS, filter_stereo, peaks


class EbassPatch(Strict):
    """An electric bass guitar."""

    decay_s: Annotated[float, Field(ge=0.15, le=12)] = 4.0
    high_decay_s: Annotated[float, Field(ge=0.02, le=2)] = 0.35  # at 4 kHz
    position: Annotated[float, Field(ge=0.03, le=0.5)] = 0.18
    finger_ms: Annotated[float, Field(ge=0.1, le=4)] = 1.4
    tone_hz: Annotated[float, Field(ge=200, le=8000)] = 1500.0
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.3
    pickup_hz: Annotated[float, Field(ge=300, le=5000)] = 800.0
    pickup_db: Annotated[float, Field(ge=0, le=12)] = 3.0
    slap: Unit = 0.0  # string against fret
    release_s: Annotated[float, Field(ge=0.03, le=1)] = 0.1
    drive: Unit = 0.3


def render(patch: EbassPatch, request: NoteRequest) -> Audio:
    """Return a mono note: a long string, a resonant pickup, a tone control, a warm amplifier.

    `slap` shortens the stroke, adds the click of string on fret and a quick fall of pitch.
    """
    seed = note_seed("ebass", request)
    chance = draws(seed, 2)
    hard = request.velocity
    slap = patch.slap * hard
    shorter = min(ratio_of((40.0 - request.pitch) * 35.0), 1.4)
    pluck = Pluck(
        t60_s=patch.decay_s * shorter, t60_high_s=patch.high_decay_s * shorter,
        position=patch.position * (1.0 + 0.08 * chance[0]),
        width_s=0.001 * patch.finger_ms * (1.4 - 0.6 * hard) * (1.0 - 0.7 * slap),
        noise=0.05 + 0.2 * slap, brightness_hz=1800.0 + 5000.0 * slap,
        bend_cents=4.0 * hard + 14.0 * slap, bend_s=0.07,
        hold_s=request.duration_s, damp_t60_s=patch.release_s, weight=0.85 - 0.3 * slap,
    )  # fmt: skip
    out = np.zeros((1, samples_of(request.duration_s, patch.release_s)), np.float32)
    strings(out, midi_to_hz(request.pitch), pluck, 0.5, 0.0, seed)
    if slap > 0.0:
        thump(out, 0.0, 2300.0 + 300.0 * chance[1], 1.4, 0.03, 0.12 * slap, 0.0, seed)
    peaks(out, np.array([patch.pickup_hz]), np.array([patch.pickup_db]), 1.5)
    tone_hz = opened(patch.tone_hz, patch.velocity_octaves, hard)
    filter_stereo(out, LOWPASS, tone_hz, 0.75, 1)
    shape(out, 0.003, request.duration_s, 3.0 * patch.release_s, 0.0, 0.0, 0.0)
    finish(out, patch.drive, 0.26, 0.5)
    return out


INSTRUMENT = Instrument(
    "ebass",
    EbassPatch,
    render,
    velocity_layers=4,
    variants=3,
    release_s=lambda patch, pitch: damped_release(patch.release_s, 3.0),
)
