"""Poly: the polyphonic synthesiser of the eighties, two oscillators and a chorus."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import (
    followed,
    note_seed,
    opened,
    oscillator,
    subtractive,
)
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.ensemble import Motion
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, draws
from soundflow_assets.synthesis.kernels.tone import Tone


class PolyPatch(Strict):
    """A polyphonic synthesiser."""

    saw: Unit = 0.7
    pulse: Unit = 0.5
    sub: Unit = 0.3  # square an octave below
    detune_cents: Annotated[float, Field(ge=0, le=20)] = 5.0
    width: Annotated[float, Field(ge=0.1, le=0.5)] = 0.4
    pwm: Annotated[float, Field(ge=0, le=0.3)] = 0.12
    cutoff_hz: Annotated[float, Field(ge=150, le=10000)] = 1300.0
    resonance: Annotated[float, Field(ge=0.5, le=6)] = 1.0
    sweep_octaves: Annotated[float, Field(ge=0, le=4)] = 1.2
    sweep_attack_s: Annotated[float, Field(ge=0.001, le=3)] = 0.01
    sweep_s: Annotated[float, Field(ge=0.05, le=10)] = 1.6
    sweep_sustain: Unit = 0.25
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.3
    attack_s: Annotated[float, Field(ge=0.002, le=4)] = 0.02
    decay_s: Annotated[float, Field(ge=0.1, le=30)] = 6.0
    sustain: Unit = 0.75
    release_s: Annotated[float, Field(ge=0.03, le=8)] = 0.7
    chorus: Unit = 0.8


def _attack_s(patch: PolyPatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.5 * duration_s)


def render(patch: PolyPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: two saws and a swinging pulse, four-pole filter, chorus at 0.51 Hz.

    Left and right of the chorus swing in opposite directions, as the two lines of the classic
    bucket-brigade chorus do; together they hold the pitch still.
    """
    seed = note_seed("poly", request)
    chance = draws(seed, 4)
    slow = {"drift_cents": 1.8, "drift_hz": 0.21}
    half = 0.5 * patch.detune_cents
    width = {"width": patch.width, "pwm": patch.pwm, "pwm_hz": 0.43}
    rows = []
    if patch.saw > 0.0:
        rows.append(oscillator(SAW, -half, 0.5 * patch.saw, -0.5, chance[0], **slow))
        rows.append(oscillator(SAW, half, 0.5 * patch.saw, 0.5, chance[1], **slow))
    if patch.pulse > 0.0:
        rows.append(oscillator(PULSE, 0.0, 0.6 * patch.pulse, 0.0, chance[2], **slow, **width))
    if patch.sub > 0.0:
        rows.append(oscillator(PULSE, -1200.0, 0.5 * patch.sub, 0.0, chance[3]))
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=_attack_s(patch, request.duration_s),
        decay_s=patch.decay_s, sustain=patch.sustain, release_s=patch.release_s,
        cutoff_hz=followed(cutoff, request.pitch, 0.45), resonance=patch.resonance, poles=4.0,
        sweep_octaves=patch.sweep_octaves, sweep_attack_s=patch.sweep_attack_s,
        sweep_decay_s=patch.sweep_s, sweep_sustain=patch.sweep_sustain, drift_octaves=0.15,
        drift_hz=0.091,
    )  # fmt: skip
    motion = Motion(0.0035, 0.0017, 0.513, 0.83, 0.5, 0.75 * patch.chorus, 1.0, 0.0,
                    0.41 * request.variant)  # fmt: skip
    return subtractive(rows, tone, request, seed, motion=motion)


INSTRUMENT = Instrument(
    "poly",
    PolyPatch,
    render,
    velocity_layers=3,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
