"""Stab: one note of a short filtered chord, dry, made to be thrown into a delay."""

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
    unison,
)
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, SINE, draws
from soundflow_assets.synthesis.kernels.tone import Tone


class StabPatch(Strict):
    """A chord stab."""

    saw: Unit = 0.8
    square: Unit = 0.2
    organ: Unit = 0.0  # sines at the octave and the twelfth
    detune_cents: Annotated[float, Field(ge=0, le=25)] = 7.0
    width: Unit = 0.6
    cutoff_hz: Annotated[float, Field(ge=150, le=8000)] = 420.0
    sweep_octaves: Annotated[float, Field(ge=0, le=5)] = 2.4
    sweep_s: Annotated[float, Field(ge=0.03, le=4)] = 0.5
    resonance: Annotated[float, Field(ge=0.5, le=8)] = 2.0
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.8
    hiss: Unit = 0.15
    decay_s: Annotated[float, Field(ge=0.05, le=8)] = 0.9
    sustain: Unit = 0.0
    release_s: Annotated[float, Field(ge=0.03, le=4)] = 0.25
    drive: Unit = 0.2


def render(patch: StabPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: detuned saws and a square, LP 2500 to 400 Hz with resonance, a hiss."""
    seed = note_seed("stab", request)
    chance = draws(seed + 1, 3)
    rows = unison((-1.0, 1.0, 0.1), patch.detune_cents, patch.width, seed,
                  level=patch.saw, shape=SAW, drift_cents=1.0, scatter=0.35)  # fmt: skip
    if patch.square > 0.0:
        rows.append(oscillator(PULSE, 2.0, 0.6 * patch.square, 0.0, chance[0]))
    if patch.organ > 0.0:
        rows.append(oscillator(SINE, 1200.0, 0.5 * patch.organ, -0.3, chance[1]))
        rows.append(oscillator(SINE, 1902.0, 0.3 * patch.organ, 0.3, chance[2]))
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=0.0025, decay_s=patch.decay_s, sustain=patch.sustain,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch, 0.3),
        resonance=patch.resonance, poles=4.0, sweep_octaves=patch.sweep_octaves,
        sweep_attack_s=0.003, sweep_decay_s=patch.sweep_s, noise=0.2 * patch.hiss,
        drive=patch.drive,
    )  # fmt: skip
    return subtractive(rows, tone, request, seed, target=0.2)


INSTRUMENT = Instrument(
    "stab", StabPatch, render, velocity_layers=4, variants=2, release_s=own_release
)
