"""Drone: one tone for a minute, its partials rising and sinking like weather."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import (
    note_seed,
    opened,
    oscillator,
    subtractive,
    unison,
)
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.ensemble import Motion
from soundflow_assets.synthesis.kernels.oscillators import SAW, SINE, draws
from soundflow_assets.synthesis.kernels.tone import Tone

# Partials with slow lives of their own: cents above the note, level, period in seconds, side.
OVERTONES = (
    (1200.0, 0.50, 23.0, -0.5),
    (1902.0, 0.32, 17.0, 0.6),
    (2400.0, 0.24, 29.0, 0.2),
    (2786.0, 0.12, 13.0, -0.7),
    (3102.0, 0.14, 19.0, 0.8),
)


class DronePatch(Strict):
    """A drone."""

    saw: Unit = 0.4
    sub: Unit = 0.6
    overtones: Unit = 0.5
    air: Unit = 0.1
    detune_cents: Annotated[float, Field(ge=1, le=25)] = 7.0
    cutoff_hz: Annotated[float, Field(ge=100, le=6000)] = 500.0
    drift_octaves: Annotated[float, Field(ge=0, le=2)] = 0.7
    resonance: Annotated[float, Field(ge=0.5, le=4)] = 0.9
    velocity_octaves: Annotated[float, Field(ge=0, le=3)] = 1.0
    attack_s: Annotated[float, Field(ge=0.2, le=12)] = 3.0
    release_s: Annotated[float, Field(ge=0.5, le=15)] = 6.0
    highpass_hz: Annotated[float, Field(ge=0, le=1000)] = 0.0


def _attack_s(patch: DronePatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.45 * duration_s)


def render(patch: DronePatch, request: NoteRequest) -> Audio:
    """Return a stereo note: detuned saws far below the light, sines with lives of 13 to 29 s.

    After the drones of generative ambient pieces: no event, yet never the same ten seconds. The
    pure third two octaves up (2786 cents) is soft enough to colour without naming a mode.
    """
    seed = note_seed("drone", request)
    chance = draws(seed + 2, len(OVERTONES) + 1)
    rows = unison((-1.0, 1.0, 0.4, -0.3), patch.detune_cents, 0.9, seed, level=patch.saw,
                  shape=SAW, drift_cents=3.0, drift_hz=0.07, swell=0.5, swell_hz=0.043)  # fmt: skip
    rows.append(oscillator(SINE, 0.0, patch.sub, 0.0, chance[-1], swell=0.15, swell_hz=0.091))
    for i, (cents, level, period_s, side) in enumerate(OVERTONES):
        rows.append(
            oscillator(SINE, cents + 2.0 * chance[i], patch.overtones * level, side, chance[i],
                       swell=0.95, swell_hz=1.0 / period_s, drift_cents=2.0, drift_hz=0.05)
        )  # fmt: skip
    attack = _attack_s(patch, request.duration_s)
    tone = Tone(
        hold_s=request.duration_s, attack_s=attack, decay_s=120.0, sustain=0.9,
        release_s=patch.release_s,
        cutoff_hz=opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity),
        resonance=patch.resonance, poles=4.0, drift_octaves=patch.drift_octaves, drift_hz=0.037,
        highpass_hz=patch.highpass_hz, noise=0.4 * patch.air,
    )  # fmt: skip
    motion = Motion(0.017, 0.002, 0.11, 0.23, 0.3, 0.4, 1.0, 0.0, 0.29 * request.variant)
    return subtractive(rows, tone, request, seed, motion=motion, target=0.14)


INSTRUMENT = Instrument(
    "drone",
    DronePatch,
    render,
    velocity_layers=2,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
