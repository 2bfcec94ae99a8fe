"""Nylon guitar: a soft finger on a gut string, a wooden box behind it."""

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
from soundflow_assets.synthesis.kernels.whole import peaks

BODY_HZ = np.array([105.0, 210.0, 430.0, 1150.0])
BODY_DB = np.array([3.0, 3.0, 2.0, 1.5])


class NylonPatch(Strict):
    """A nylon-strung guitar."""

    decay_s: Annotated[float, Field(ge=0.2, le=8)] = 2.6
    high_decay_s: Annotated[float, Field(ge=0.02, le=2)] = 0.22  # at 4 kHz
    position: Annotated[float, Field(ge=0.05, le=0.5)] = 0.2
    finger_ms: Annotated[float, Field(ge=0.1, le=3)] = 0.7  # how long the finger stays
    brightness_hz: Annotated[float, Field(ge=300, le=12000)] = 2800.0
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.5
    nail: Unit = 0.2  # noise in the pluck
    body: Annotated[float, Field(ge=0, le=2)] = 1.0  # 0 none, 1 as measured
    release_s: Annotated[float, Field(ge=0.04, le=3)] = 0.25
    spread: Unit = 0.35


def render(patch: NylonPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: string plucked at 0.2, T60 2-3 s, body peaks at 105 and 210 Hz.

    Variants move the finger along the string and change its noise, as a hand does.
    """
    seed = note_seed("nylon", request)
    chance = draws(seed, 2)
    hard = request.velocity
    shorter = min(ratio_of((55.0 - request.pitch) * 45.0), 1.8)
    pluck = Pluck(
        t60_s=patch.decay_s * shorter, t60_high_s=patch.high_decay_s * shorter,
        position=patch.position * (1.0 + 0.12 * chance[0]),
        width_s=0.001 * patch.finger_ms * (1.5 - 0.7 * hard), noise=patch.nail * (0.4 + 0.7 * hard),
        brightness_hz=opened(patch.brightness_hz, patch.velocity_octaves, hard),
        hold_s=request.duration_s, damp_t60_s=patch.release_s, weight=0.25,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    strings(out, midi_to_hz(request.pitch), pluck, 0.9, patch.spread, seed)
    peaks(out, BODY_HZ, BODY_DB * patch.body, 3.5)
    thump(out, 0.0, 115.0, 3.0, 0.09, 0.05 * patch.body, 0.3, seed)
    shape(out, 0.002, request.duration_s, 3.0 * patch.release_s, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.13, 0.5)
    return out


INSTRUMENT = Instrument(
    "nylon",
    NylonPatch,
    render,
    velocity_layers=4,
    variants=3,
    release_s=lambda patch, pitch: damped_release(patch.release_s, 3.0),
)
