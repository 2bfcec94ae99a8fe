"""Reese: detuned saws that grind against each other above a clean sub."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import (
    bank,
    note_seed,
    opened,
    oscillator,
)
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.analogue import analogue
from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import samples_of
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.oscillators import SAW, SINE, draws
from soundflow_assets.synthesis.kernels.tone import Tone
from soundflow_assets.synthesis.kernels.whole import HIGHPASS, filter_stereo


class ReesePatch(Strict):
    """A reese bass."""

    detune_cents: Annotated[float, Field(ge=2, le=40)] = 12.0
    cutoff_hz: Annotated[float, Field(ge=150, le=8000)] = 900.0
    drift_octaves: Annotated[float, Field(ge=0, le=2)] = 0.6
    drift_hz: Annotated[float, Field(ge=0.01, le=4)] = 0.31
    resonance: Annotated[float, Field(ge=0.5, le=6)] = 1.1
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.2
    split_hz: Annotated[float, Field(ge=60, le=300)] = 120.0  # saws above, sub below
    notch: Unit = 0.6  # depth of the moving comb
    width: Unit = 0.5
    sub: Unit = 0.8
    attack_s: Annotated[float, Field(ge=0.002, le=1)] = 0.012
    release_s: Annotated[float, Field(ge=0.03, le=2)] = 0.16
    drive: Unit = 0.4


def render(patch: ReesePatch, request: NoteRequest) -> Audio:
    """Return a stereo note: 3 saws at -12, 0, +12 cents above 120 Hz, a mono sub below.

    The moving notch is a swinging delay of a millisecond laid over its own input: its comb sweeps
    through the saws the way two phasers would. What differs between the sides is kept above the
    bass.
    """
    seed = note_seed("reese", request)
    chance = draws(seed, 4)
    rows = [
        oscillator(SAW, offset * patch.detune_cents, 0.5, side * patch.width, chance[i])
        for i, (offset, side) in enumerate(((-1.0, -0.9), (0.06, 0.0), (1.0, 0.9)))
    ]
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    tone = Tone(
        hold_s=request.duration_s, attack_s=patch.attack_s, decay_s=20.0, sustain=0.9,
        release_s=patch.release_s, cutoff_hz=cutoff, resonance=patch.resonance, poles=4.0,
        sweep_octaves=0.5, sweep_decay_s=0.6, drift_octaves=patch.drift_octaves,
        drift_hz=patch.drift_hz, highpass_hz=patch.split_hz, drive=patch.drive,
    )  # fmt: skip
    length = samples_of(request.duration_s, patch.release_s)
    out = np.zeros((2, length), np.float32)
    freq = midi_to_hz(request.pitch)
    analogue(out, freq, bank(rows), tone, seed)
    phase = 0.25 * request.variant
    swing(out, Motion(0.0012, 0.0009, 0.23, 0.61, 0.0, patch.notch, 1.0, 0.0, phase))
    side = 0.5 * (out[:1] - out[1:])
    filter_stereo(side, HIGHPASS, 1.5 * patch.split_hz, 0.7, 2)
    middle = 0.5 * (out[:1] + out[1:])
    out[:1], out[1:] = middle + side, middle - side
    low = np.zeros((1, length), np.float32)
    below = tone._replace(highpass_hz=0.0, cutoff_hz=300.0, drift_octaves=0.0, drive=0.0)
    analogue(low, freq, bank([oscillator(SINE, 0.0, patch.sub)]), below, seed)
    out += low
    finish(out, 0.25, 0.24, 0.5)
    return out


INSTRUMENT = Instrument("reese", ReesePatch, render, velocity_layers=3, variants=2)
