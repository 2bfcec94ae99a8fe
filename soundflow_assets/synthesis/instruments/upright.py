"""Upright bass: a gut string pulled sideways, a thump of wood, now and then a scoop."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, ratio_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, damped_release
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws
from soundflow_assets.synthesis.kernels.strings import Pluck, strings
from soundflow_assets.synthesis.kernels.whole import LOWPASS, filter_stereo, peaks

BODY_HZ = np.array([102.0, 190.0, 700.0])
BODY_DB = np.array([2.5, 2.5, 3.0])
VARIANTS = 6
SCOOPED = 3  # the variant that is reached from below: about one note in six


class UprightPatch(Strict):
    """A plucked double bass."""

    decay_s: Annotated[float, Field(ge=0.3, le=6)] = 2.2
    high_decay_s: Annotated[float, Field(ge=0.02, le=1)] = 0.16  # at 4 kHz
    position: Annotated[float, Field(ge=0.05, le=0.5)] = 0.25
    low_hz: Annotated[float, Field(ge=200, le=4000)] = 900.0  # low-pass at velocity 0
    high_hz: Annotated[float, Field(ge=0, le=6000)] = 1400.0  # what velocity 1 adds
    thump: Unit = 0.5
    growl: Unit = 0.35  # the string against the fingerboard
    scoop_cents: Annotated[float, Field(ge=0, le=120)] = 35.0
    release_s: Annotated[float, Field(ge=0.04, le=1)] = 0.14
    drive: Unit = 0.2


def render(patch: UprightPatch, request: NoteRequest) -> Audio:
    """Return a mono note: string plucked at a quarter, LP 900 + 1200·velocity Hz, a 12 ms thump.

    The thump is wood at 120 to 250 Hz; one variant in six begins 35 cents flat. Growl lets the
    pluck keep some noise and the middle ring longer.
    """
    seed = note_seed("upright", request)
    chance = draws(seed, 3)
    hard = request.velocity
    shorter = min(ratio_of((40.0 - request.pitch) * 30.0), 1.4)
    scooped = request.variant % VARIANTS == SCOOPED
    pluck = Pluck(
        t60_s=patch.decay_s * shorter,
        t60_high_s=patch.high_decay_s * (1.0 + patch.growl) * shorter,
        position=patch.position * (1.0 + 0.1 * chance[0]), width_s=0.0022 - 0.0009 * hard,
        noise=0.08 + 0.15 * patch.growl, brightness_hz=2.5 * patch.low_hz + patch.high_hz * hard,
        bend_cents=-patch.scoop_cents if scooped else 6.0 * hard, bend_s=0.16 if scooped else 0.08,
        hold_s=request.duration_s, damp_t60_s=patch.release_s, weight=0.8,
    )  # fmt: skip
    out = np.zeros((1, samples_of(request.duration_s, patch.release_s)), np.float32)
    strings(out, midi_to_hz(request.pitch), pluck, 0.7, 0.0, seed)
    filter_stereo(out, LOWPASS, patch.low_hz + patch.high_hz * hard, 0.8, 1)
    peaks(out, BODY_HZ, BODY_DB, 2.5)
    for i, wood_hz in enumerate((128.0, 236.0)):
        thump(out, 0.0, wood_hz * (1.0 + 0.06 * chance[i]), 2.0, 0.05,
              0.10 * patch.thump * (0.6 + 0.6 * hard), 0.0, seed + i)  # fmt: skip
    shape(out, 0.004, request.duration_s, 3.0 * patch.release_s, 0.0, 0.0, 0.0)
    finish(out, patch.drive, 0.26, 0.5)
    return out


INSTRUMENT = Instrument(
    "upright",
    UprightPatch,
    render,
    velocity_layers=4,
    variants=VARIANTS,
    release_s=lambda patch, pitch: damped_release(patch.release_s, 3.0),
)
