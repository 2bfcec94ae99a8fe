"""Flute: a pipe, a lip and a lung."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.breath import Breath, blow
from soundflow_assets.synthesis.kernels.envelopes import samples_of
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import db_to_gain, midi_to_hz


class FlutePatch(Strict):
    """A flute."""

    second_db: Annotated[float, Field(ge=-60, le=0)] = -14.0
    third_db: Annotated[float, Field(ge=-60, le=0)] = -22.0
    fourth_db: Annotated[float, Field(ge=-70, le=0)] = -32.0
    velocity_db: Annotated[float, Field(ge=0, le=24)] = 10.0  # what soft breath takes from them
    air: Unit = 0.5
    chiff: Unit = 0.4
    vibrato_cents: Annotated[float, Field(ge=0, le=40)] = 11.0
    vibrato_hz: Annotated[float, Field(ge=3, le=8)] = 5.0
    vibrato_delay_s: Annotated[float, Field(ge=0, le=2)] = 0.35
    scoop_cents: Annotated[float, Field(ge=0, le=80)] = 18.0
    attack_s: Annotated[float, Field(ge=0.005, le=1)] = 0.06
    release_s: Annotated[float, Field(ge=0.05, le=3)] = 0.22


def _attack_s(patch: FlutePatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.4 * duration_s)


def render(patch: FlutePatch, request: NoteRequest) -> Audio:
    """Return a stereo note: sine, second and third at -14 and -24 dB, air at -28 dB, 30 ms chiff.

    High notes have fewer overtones and more air, as the pipe does; vibrato moves loudness and
    colour with the pitch, because it is made with the breath.
    """
    freq = float(midi_to_hz(request.pitch))
    soft = patch.velocity_db * (request.velocity - 0.8)
    low = min(1.0, 700.0 / freq)
    tone = Breath(
        hold_s=request.duration_s, attack_s=_attack_s(patch, request.duration_s),
        release_s=patch.release_s, second=float(db_to_gain(patch.second_db + soft)),
        third=low * float(db_to_gain(patch.third_db + 1.3 * soft)),
        fourth=low * float(db_to_gain(patch.fourth_db + 1.6 * soft)), air=0.11 * patch.air,
        chiff=0.22 * patch.chiff * (0.4 + 0.75 * request.velocity),
        vibrato_cents=patch.vibrato_cents, vibrato_hz=patch.vibrato_hz,
        vibrato_delay_s=patch.vibrato_delay_s, scoop_cents=patch.scoop_cents,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    blow(out, freq, tone, note_seed("flute", request))
    finish(out, 0.0, 0.17, 0.5)
    return out


INSTRUMENT = Instrument(
    "flute",
    FlutePatch,
    render,
    velocity_layers=3,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
