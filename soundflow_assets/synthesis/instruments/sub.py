"""Sub bass: a sine with a trace of its octave, saturated, in the centre."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.genre import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import bank, note_seed, oscillator
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.analogue import Tone, analogue
from soundflow_assets.synthesis.kernels.envelopes import finish, samples_of
from soundflow_assets.synthesis.kernels.math import db_to_gain, midi_to_hz
from soundflow_assets.synthesis.kernels.oscillators import SINE, TRIANGLE


class SubPatch(Strict):
    """A sub bass."""

    octave_db: Annotated[float, Field(ge=-60, le=0)] = -18.0  # second harmonic
    triangle: Unit = 0.0  # share of a triangle: odd harmonics that small speakers can show
    drive: Unit = 0.4
    attack_s: Annotated[float, Field(ge=0.002, le=0.5)] = 0.006
    decay_s: Annotated[float, Field(ge=0.1, le=30)] = 8.0
    sustain: Unit = 0.8
    release_s: Annotated[float, Field(ge=0.02, le=3)] = 0.12
    cutoff_hz: Annotated[float, Field(ge=60, le=4000)] = 500.0


def render(patch: SubPatch, request: NoteRequest) -> Audio:
    """Return a mono note. Recipe: sine + 2nd harmonic at -18 dB, tanh 3 dB (Instruments table)."""
    hard = request.velocity
    rows = [
        oscillator(SINE, level=1.0 - 0.5 * patch.triangle),
        oscillator(SINE, 1200.0, float(db_to_gain(patch.octave_db)) * (0.5 + 0.625 * hard)),
        oscillator(TRIANGLE, level=patch.triangle, phase=0.25),
    ]
    tone = Tone(
        hold_s=request.duration_s, attack_s=patch.attack_s, decay_s=patch.decay_s,
        sustain=patch.sustain, release_s=patch.release_s,
        cutoff_hz=patch.cutoff_hz * (0.4 + 0.75 * hard), resonance=0.7, poles=2.0,
        sweep_octaves=0.6, sweep_attack_s=0.002, sweep_decay_s=0.2, sweep_sustain=0.0,
        drift_octaves=0.0, drift_hz=0.1, highpass_hz=0.0, drive=0.0, noise=0.0,
        vibrato_delay_s=0.0,
    )  # fmt: skip
    out = np.zeros((1, samples_of(request.duration_s, patch.release_s)), np.float32)
    seed = note_seed("sub", request)
    analogue(out, midi_to_hz(request.pitch), bank(rows), tone, seed)
    finish(out, patch.drive * (0.4 + 0.75 * hard), 0.3, 0.5)
    return out


INSTRUMENT = Instrument("sub", SubPatch, render, velocity_layers=2, variants=1)
