"""Strings: a section of bowed players, each a little late, a little off, and vibrating."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import bank, followed, note_seed, opened, unison
from soundflow_assets.synthesis.instruments.voice import (
    Instrument,
    NoteRequest,
    own_release,
    risen_within,
)
from soundflow_assets.synthesis.kernels.analogue import analogue
from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import samples_of
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws
from soundflow_assets.synthesis.kernels.tone import Tone
from soundflow_assets.synthesis.kernels.whole import peaks

BODY_HZ = np.array([300.0, 700.0, 1200.0, 3000.0])
SEATS = (-1.0, 0.9, -0.6, 0.55, -0.3, 0.35, -0.05, 0.1)


class StringsPatch(Strict):
    """A string section."""

    players: Annotated[int, Field(ge=3, le=8)] = 7
    spread_cents: Annotated[float, Field(ge=0, le=15)] = 5.0  # how far apart they are tuned
    drift_cents: Annotated[float, Field(ge=0, le=15)] = 5.0
    vibrato_cents: Annotated[float, Field(ge=0, le=40)] = 9.0
    vibrato_delay_s: Annotated[float, Field(ge=0, le=2)] = 0.3
    body_db: Annotated[float, Field(ge=0, le=9)] = 4.0
    bow: Unit = 0.4
    cutoff_hz: Annotated[float, Field(ge=500, le=12000)] = 2600.0
    velocity_octaves: Annotated[float, Field(ge=0, le=3)] = 1.3
    attack_s: Annotated[float, Field(ge=0.01, le=3)] = 0.3
    release_s: Annotated[float, Field(ge=0.1, le=6)] = 0.9
    octave: Unit = 0.0  # second desk an octave above
    width: Unit = 0.8


def _attack_s(patch: StringsPatch, duration_s: float) -> float:
    return risen_within(patch.attack_s, 0.5 * duration_s)


def render(patch: StringsPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: 6-8 drifting saws, vibrato of 5.5 Hz after 0.3 s, four body peaks.

    Every player's vibrato has its own rate; the filter follows the bow: it opens with the attack
    and breathes. Bow noise sits at -38 dB, with a short scrape where the bow takes the string.
    """
    seed = note_seed("strings", request)
    rates = draws(seed + 9, len(SEATS))
    common = {"drift_cents": patch.drift_cents, "drift_hz": 0.31, "swell": 0.3, "swell_hz": 0.23}
    rows = unison(SEATS[: patch.players], patch.spread_cents, patch.width, seed, **common)
    if patch.octave > 0.0:
        desk = unison(SEATS[:3], patch.spread_cents, patch.width, seed + 5,
                      level=0.7 * patch.octave, **common)  # fmt: skip
        for row in desk:
            row["ratio"] *= 2.0
        rows += desk
    for i, row in enumerate(rows):
        row["vibrato_hz"] = 5.5 * (1.0 + 0.09 * rates[i % len(SEATS)])
        row["vibrato_cents"] = patch.vibrato_cents * (0.8 + 0.3 * rates[(i + 3) % len(SEATS)])
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    attack = _attack_s(patch, request.duration_s)
    tone = Tone(
        hold_s=request.duration_s, attack_s=attack, decay_s=30.0, sustain=0.88,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch, 0.35),
        resonance=0.75, poles=2.0, sweep_octaves=0.7, sweep_attack_s=1.3 * attack,
        sweep_decay_s=5.0, sweep_sustain=0.3, drift_octaves=0.2, drift_hz=0.17,
        highpass_hz=0.7 * float(midi_to_hz(request.pitch)), noise=0.08 * patch.bow,
        vibrato_delay_s=patch.vibrato_delay_s,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s + 0.02, patch.release_s)), np.float32)
    analogue(out, midi_to_hz(request.pitch), bank(rows), tone, seed)
    scrape = 0.06 * patch.bow * request.velocity
    thump(out, 0.02, 2400.0, 1.2, 0.25, scrape, 0.7, seed)
    peaks(out, BODY_HZ, np.full(4, patch.body_db), 2.5)
    swing(out, Motion(0.011, 0.0012, 0.33, 0.77, 0.3, 0.45, 1.0, 0.0, 0.31 * request.variant))
    finish(out, 0.0, 0.15, 0.5)
    return out


INSTRUMENT = Instrument(
    "strings",
    StringsPatch,
    render,
    velocity_layers=3,
    variants=2,
    release_s=own_release,
    attack_s=_attack_s,
)
