"""Pad: a slow bed of saws and triangles whose light keeps changing."""

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
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.ensemble import Motion
from soundflow_assets.synthesis.kernels.oscillators import SAW, SINE, TRIANGLE, draws
from soundflow_assets.synthesis.kernels.tone import Tone

PAIRS = (-1.0, 1.0, -0.45, 0.5)


class PadPatch(Strict):
    """A pad."""

    saw: Unit = 0.7
    triangle: Unit = 0.5
    octave: Unit = 0.2  # sine an octave above, swelling and fading
    fifth: Unit = 0.0  # sine a twelfth above
    low: Unit = 0.25  # triangle an octave below
    air: Unit = 0.0  # breathing noise
    detune_cents: Annotated[float, Field(ge=1, le=25)] = 6.0
    width: Unit = 0.85
    cutoff_hz: Annotated[float, Field(ge=200, le=9000)] = 1300.0
    resonance: Annotated[float, Field(ge=0.5, le=5)] = 0.8
    drift_octaves: Annotated[float, Field(ge=0, le=2)] = 0.4
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.2
    attack_s: Annotated[float, Field(ge=0.01, le=8)] = 1.0
    release_s: Annotated[float, Field(ge=0.1, le=12)] = 3.0
    highpass_hz: Annotated[float, Field(ge=0, le=2000)] = 0.0
    chorus: Unit = 0.5


def _attack_s(patch: PadPatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.6 * duration_s)


def render(patch: PadPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: 2-4 detuned voices, LP drifting by 0.4 octaves, a two-tap chorus.

    Slow movers of unrelated periods: filter (17 and 11 s), pitch of every voice (about 9 s each
    its own), level of the upper partials (7 and 12 s), chorus (0.27 and 0.41 Hz).
    """
    seed = note_seed("pad", request)
    common = {"drift_cents": 2.5, "swell": 0.25, "swell_hz": 0.087}
    rows = unison(PAIRS, patch.detune_cents, patch.width, seed, level=patch.saw, shape=SAW,
                  **common)  # fmt: skip
    rows += unison(PAIRS[:2], 0.7 * patch.detune_cents, patch.width, seed + 1,
                   level=patch.triangle, shape=TRIANGLE, **common)  # fmt: skip
    chance = draws(seed + 2, 3)
    for cents, level, hz, pan, phase in (
        (1200.0, patch.octave, 0.143, 0.5, chance[0]),
        (1902.0, patch.fifth, 0.083, -0.5, chance[1]),
    ):
        if level > 0.0:
            moving = {"swell": 0.85, "swell_hz": hz, "drift_cents": 3.0, "drift_hz": 0.19}
            rows.append(oscillator(SINE, cents + 1.0, 0.6 * level, pan, phase, **moving))
    if patch.low > 0.0:
        rows.append(oscillator(TRIANGLE, -1200.0, 0.6 * patch.low, 0.0, chance[2]))
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    attack = _attack_s(patch, request.duration_s)
    tone = Tone(
        hold_s=request.duration_s, attack_s=attack, decay_s=60.0, sustain=0.9,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch, 0.4),
        resonance=patch.resonance, poles=4.0, sweep_octaves=0.5, sweep_attack_s=1.6 * attack,
        sweep_decay_s=6.0, drift_octaves=patch.drift_octaves, drift_hz=0.059,
        highpass_hz=patch.highpass_hz, noise=0.35 * patch.air,
    )  # fmt: skip
    motion = Motion(0.0145, 0.0018, 0.27, 0.41, 0.25, 0.6 * patch.chorus, 1.0, 0.0,
                    0.37 * request.variant)  # fmt: skip
    return subtractive(rows, tone, request, seed, motion=motion, target=0.14)


INSTRUMENT = Instrument(
    "pad",
    PadPatch,
    render,
    velocity_layers=2,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
