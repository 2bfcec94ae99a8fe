"""House bass: saw or square through a plucked two-pole filter, over its own sub, in the centre."""

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
from soundflow_assets.synthesis.kernels.oscillators import PULSE, SAW, SINE
from soundflow_assets.synthesis.kernels.tone import Tone


class HouseBassPatch(Strict):
    """A plucked analogue bass."""

    square: Unit = 0.3  # share of square against saw
    width: Annotated[float, Field(ge=0.1, le=0.5)] = 0.5
    sub: Unit = 0.7
    organ: Unit = 0.0  # twelfth and double octave above, as in the organ basses of the nineties
    cutoff_hz: Annotated[float, Field(ge=80, le=4000)] = 480.0
    resonance: Annotated[float, Field(ge=0.5, le=8)] = 1.2
    poles: Annotated[int, Field(ge=2, le=4)] = 2
    sweep_octaves: Annotated[float, Field(ge=0, le=5)] = 1.5
    sweep_s: Annotated[float, Field(ge=0.02, le=3)] = 0.36
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.5
    decay_s: Annotated[float, Field(ge=0.05, le=20)] = 2.5
    sustain: Unit = 0.55
    release_s: Annotated[float, Field(ge=0.02, le=2)] = 0.09
    drive: Unit = 0.3


def render(patch: HouseBassPatch, request: NoteRequest) -> Audio:
    """Return a mono note: LP 300-700 Hz, envelope +1.5 octaves falling in 120 ms (T60 0.36 s)."""
    rows = [
        oscillator(SAW, -1.5, 0.8 * (1.0 - patch.square), phase=0.5),
        oscillator(PULSE, 1.5, 0.6 * patch.square, width=patch.width),
        oscillator(SINE, 0.0, patch.sub),
    ]
    if patch.organ > 0.0:
        rows += [
            oscillator(SINE, 1200.0, 0.6 * patch.organ),
            oscillator(SINE, 1902.0, 0.4 * patch.organ),
            oscillator(SINE, 2400.0, 0.25 * patch.organ),
        ]
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=0.003, decay_s=patch.decay_s, sustain=patch.sustain,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch + 24.0, 0.4),
        resonance=patch.resonance, poles=float(patch.poles), sweep_octaves=patch.sweep_octaves,
        sweep_decay_s=patch.sweep_s,
    )  # fmt: skip
    seed = note_seed("house_bass", request)
    return subtractive(rows, tone, request, seed, channels=1, drive=patch.drive, target=0.26)


INSTRUMENT = Instrument(
    "house_bass", HouseBassPatch, render, velocity_layers=3, variants=1, release_s=own_release
)
