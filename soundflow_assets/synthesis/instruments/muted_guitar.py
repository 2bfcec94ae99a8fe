"""Muted guitar: electric strings under the palm, half note and half scratch."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, opened
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, damped_release
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws
from soundflow_assets.synthesis.kernels.strings import Pluck, strings
from soundflow_assets.synthesis.kernels.whole import peaks

PICKUP_HZ = np.array([1400.0, 2900.0])


class MutedGuitarPatch(Strict):
    """A palm-muted electric guitar."""

    ring_s: Annotated[float, Field(ge=0.05, le=2)] = 0.4  # T60 under the palm
    open_s: Annotated[float, Field(ge=0.05, le=4)] = 0.7  # T60 of the hardest strokes
    brightness_hz: Annotated[float, Field(ge=500, le=12000)] = 4200.0
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.2
    position: Annotated[float, Field(ge=0.03, le=0.5)] = 0.09
    scratch: Unit = 0.35  # pick across the strings
    pickup_db: Annotated[float, Field(ge=0, le=12)] = 4.0
    release_s: Annotated[float, Field(ge=0.03, le=1)] = 0.07
    drive: Unit = 0.25
    spread: Unit = 0.25


def render(patch: MutedGuitarPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: a string of 60 ms, a pick's scratch before it, a pickup's two peaks.

    Soft strokes are nearly all scratch, hard ones open up: that is the funk hand. Every variant
    hits the string elsewhere.
    """
    seed = note_seed("muted_guitar", request)
    chance = draws(seed, 2)
    hard = request.velocity
    ring = patch.ring_s + (patch.open_s - patch.ring_s) * hard * hard
    pluck = Pluck(
        t60_s=ring, t60_high_s=0.45 * ring, position=patch.position * (1.0 + 0.2 * chance[0]),
        width_s=0.0004, noise=0.3,
        brightness_hz=opened(patch.brightness_hz, patch.velocity_octaves, hard),
        hold_s=request.duration_s, damp_t60_s=patch.release_s, weight=0.6,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    strings(out, midi_to_hz(request.pitch), pluck, 2.0, patch.spread, seed)
    scratch = 0.25 * patch.scratch * (1.35 - 0.6 * hard)
    thump(out, 0.0, 2600.0 + 500.0 * chance[1], 1.1, 0.045, scratch, 0.35, seed)
    peaks(out, PICKUP_HZ, np.full(2, patch.pickup_db), 1.8)
    shape(out, 0.002, request.duration_s, 2.0 * patch.release_s, 0.0, 0.0, 0.0)
    finish(out, patch.drive, 0.15, 0.5)
    return out


INSTRUMENT = Instrument(
    "muted_guitar",
    MutedGuitarPatch,
    render,
    velocity_layers=4,
    variants=4,
    release_s=lambda patch, pitch: damped_release(patch.release_s, 2.0),
)
