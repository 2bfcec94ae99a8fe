"""Sub bass: a sine with a trace of its octave, saturated, in the centre."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, oscillator, subtractive
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.kernels.oscillators import SINE, TRIANGLE
from soundflow_assets.synthesis.kernels.tone import Tone


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
    """Return a mono note: sine, second harmonic at -18 dB, about 3 dB of saturation.

    The saturation and the low-pass open with velocity, so that a hard note is heard on speakers
    that cannot show its fundamental.
    """
    hard = 0.4 + 0.75 * request.velocity
    octave = float(db_to_gain(patch.octave_db)) * hard
    rows = [oscillator(SINE, level=1.0 - 0.5 * patch.triangle), oscillator(SINE, 1200.0, octave)]
    if patch.triangle > 0.0:
        rows.append(oscillator(TRIANGLE, level=patch.triangle, phase=0.25))
    tone = Tone(
        hold_s=request.duration_s, attack_s=patch.attack_s, decay_s=patch.decay_s,
        sustain=patch.sustain, release_s=patch.release_s, cutoff_hz=patch.cutoff_hz * hard,
        resonance=0.7, poles=2.0, sweep_octaves=0.6, sweep_decay_s=0.2,
    )  # fmt: skip
    seed = note_seed("sub", request)
    return subtractive(rows, tone, request, seed, channels=1, drive=patch.drive * hard, target=0.3)


INSTRUMENT = Instrument(
    "sub", SubPatch, render, velocity_layers=2, variants=1, release_s=own_release
)
