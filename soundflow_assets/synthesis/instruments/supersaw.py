"""Supersaw: seven saws that never agree, as wide as the stage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import (
    followed,
    note_seed,
    opened,
    subtractive,
    unison,
)
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.tone import Tone

# Relative detuning of the seven saws, after A. Szabó's measurements of the instrument that
# invented the sound ("How to emulate the Super Saw", KTH 2010), rounded.
OFFSETS = (0.0, -1.0, 0.98, -0.57, 0.57, -0.18, 0.18)


class SupersawPatch(Strict):
    """A supersaw."""

    detune_cents: Annotated[float, Field(ge=2, le=40)] = 18.0
    width: Unit = 0.9
    octave: Unit = 0.0  # level of a second, thinner bank an octave above
    cutoff_hz: Annotated[float, Field(ge=200, le=14000)] = 3500.0
    sweep_octaves: Annotated[float, Field(ge=0, le=4)] = 1.2
    sweep_s: Annotated[float, Field(ge=0.05, le=8)] = 0.9
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.6
    attack_s: Annotated[float, Field(ge=0.002, le=4)] = 0.008
    decay_s: Annotated[float, Field(ge=0.1, le=30)] = 6.0
    sustain: Unit = 0.8
    release_s: Annotated[float, Field(ge=0.03, le=6)] = 0.35


def _attack_s(patch: SupersawPatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.5 * duration_s)


def render(patch: SupersawPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: 7 saws, random phases, sides panned in turn, HP at the note itself."""
    seed = note_seed("supersaw", request)
    rows = unison(OFFSETS, patch.detune_cents, patch.width, seed, drift_cents=1.2)
    if patch.octave > 0.0:
        above = unison(OFFSETS[:3], patch.detune_cents, patch.width, seed + 1, level=patch.octave)
        for row in above:
            row["ratio"] *= 2.0
        rows += above
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=_attack_s(patch, request.duration_s),
        decay_s=patch.decay_s, sustain=patch.sustain, release_s=patch.release_s,
        cutoff_hz=followed(cutoff, request.pitch, 0.3), resonance=0.8, poles=2.0,
        sweep_octaves=patch.sweep_octaves, sweep_attack_s=0.004, sweep_decay_s=patch.sweep_s,
        drift_octaves=0.15, drift_hz=0.13, highpass_hz=0.8 * float(midi_to_hz(request.pitch)),
    )  # fmt: skip
    return subtractive(rows, tone, request, seed, target=0.14)


INSTRUMENT = Instrument(
    "supersaw",
    SupersawPatch,
    render,
    velocity_layers=4,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
