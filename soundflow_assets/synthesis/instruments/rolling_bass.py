"""Rolling bass: the short, tight sixteenths under trance and techno, in the centre."""

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
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.oscillators import SAW, SINE
from soundflow_assets.synthesis.kernels.tone import Tone


class RollingBassPatch(Strict):
    """A rolling bass."""

    detune_cents: Annotated[float, Field(ge=0, le=20)] = 5.0
    sub: Unit = 0.5
    cutoff_hz: Annotated[float, Field(ge=80, le=3000)] = 250.0
    sweep_octaves: Annotated[float, Field(ge=0, le=4)] = 1.85
    sweep_s: Annotated[float, Field(ge=0.03, le=2)] = 0.27
    resonance: Annotated[float, Field(ge=0.5, le=8)] = 1.4
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.0
    decay_s: Annotated[float, Field(ge=0.05, le=10)] = 0.9
    sustain: Unit = 0.35
    release_s: Annotated[float, Field(ge=0.02, le=1)] = 0.06
    drive: Unit = 0.35


def render(patch: RollingBassPatch, request: NoteRequest) -> Audio:
    """Return a mono note: two saws 5 cents apart each way, LP 24 dB 900 to 250 Hz, HP 35 Hz.

    Both saws start together so that every sixteenth has the same weight.
    """
    rows = [
        oscillator(SAW, -patch.detune_cents, 0.5, phase=0.5),
        oscillator(SAW, patch.detune_cents, 0.5, phase=0.5),
        oscillator(SINE, 0.0, patch.sub),
    ]
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=0.0025, decay_s=patch.decay_s, sustain=patch.sustain,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch + 24.0, 0.4),
        resonance=patch.resonance, poles=4.0, sweep_octaves=patch.sweep_octaves,
        sweep_decay_s=patch.sweep_s, highpass_hz=35.0,
    )  # fmt: skip
    seed = note_seed("rolling_bass", request)
    return subtractive(rows, tone, request, seed, channels=1, drive=patch.drive, target=0.26)


INSTRUMENT = Instrument(
    "rolling_bass", RollingBassPatch, render, velocity_layers=3, variants=1, release_s=own_release
)
