"""Organ: drawbars, key click, percussion, and a rotor that throws the sound around the room."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import db_to_gain, midi_to_hz
from soundflow_assets.synthesis.kernels.modal import PARTIAL, ring
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws

# The tonewheel organ's nine drawbars, 16' to 1', as multiples of the note (8').
FOOTAGES = (0.5, 1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
FOLDBACK_HZ = 6000.0  # the highest wheel: above, a drawbar sounds the octave below
Drawbar = Annotated[float, Field(ge=0, le=8)]
FOREVER_S = 1e5


class OrganPatch(Strict):
    """An organ."""

    drawbars: tuple[
        Drawbar, Drawbar, Drawbar, Drawbar, Drawbar, Drawbar, Drawbar, Drawbar, Drawbar
    ] = (0.0, 0.0, 8.0, 6.0, 4.0, 2.0, 0.0, 0.0, 0.0)
    percussion: Unit = 0.0  # third harmonic, struck
    percussion_s: Annotated[float, Field(ge=0.05, le=3)] = 0.5
    decay_s: Annotated[float, Field(ge=0, le=20)] = 0.0  # of the whole tone; 0 sounds while held
    click_db: Annotated[float, Field(ge=-80, le=-6)] = -26.0
    rotor_hz: Annotated[float, Field(ge=0.1, le=9)] = 0.8
    rotor: Unit = 0.5
    release_s: Annotated[float, Field(ge=0.02, le=2)] = 0.07
    drive: Unit = 0.2


def _wheels(patch: OrganPatch, request: NoteRequest, seed: int) -> np.ndarray:
    freq = float(midi_to_hz(request.pitch))
    chance = draws(seed, 2 * len(FOOTAGES) + 1)
    life = patch.decay_s or FOREVER_S
    rows = []
    for i, (footage, pull) in enumerate(zip(FOOTAGES, patch.drawbars, strict=True)):
        if pull <= 0.0:
            continue
        wheel_hz = freq * footage
        while wheel_hz > FOLDBACK_HZ:
            wheel_hz *= 0.5
        # Each step of a drawbar is 3 dB; a harder touch brings the upper ones out.
        tilt = (request.velocity - 0.8) * 5.0 if footage > 1.0 else 0.0
        gain = float(db_to_gain(-3.0 * (8.0 - pull) + tilt))
        lean = 0.12 * chance[i]
        # Upper pipes of a decaying organ go first.
        t60 = life / (0.6 + 0.4 * footage) if patch.decay_s else life
        rows.append((wheel_hz, gain * (1 - lean), gain * (1 + lean), 0.5 * chance[9 + i], t60))
    if patch.percussion > 0.0:
        level = patch.percussion * (0.4 + 0.75 * request.velocity)
        third = min(3.0 * freq, FOLDBACK_HZ)
        rows.append((third, level, level, 0.0, patch.percussion_s))
    return np.array(rows, dtype=PARTIAL)


def render(patch: OrganPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: nine drawbars of 3 dB a step, 4 ms of click, percussion, a rotor.

    The rotor is pitch, level and side swinging together. Its place in the turn depends on the
    variant alone, so that the notes of a chord turn together.
    """
    seed = note_seed("organ", request)
    tail = patch.release_s
    out = np.zeros((2, samples_of(request.duration_s + 0.06, tail)), np.float32)
    ring(out, _wheels(patch, request, seed))
    shape(out, 0.003, request.duration_s, tail, 0.0, 0.0, 0.0)
    click = float(db_to_gain(patch.click_db)) * (0.5 + 0.6 * request.velocity) * 2.0
    thump(out, 0.0, 2600.0, 0.8, 0.012, click, 0.2, seed)
    thump(out, request.duration_s, 1500.0, 0.8, 0.010, 0.3 * click, 0.2, seed + 1)
    finish(out, patch.drive, 0.17, 0.5)
    if patch.rotor > 0.0:
        deep = patch.rotor
        slow = 0.00006 + 0.0005 / (1.0 + patch.rotor_hz * patch.rotor_hz)
        motion = Motion(0.0012, slow * deep, patch.rotor_hz, 0.31 * patch.rotor_hz, 0.25,
                        0.75, 0.25, 0.35 * deep, 0.31 * request.variant)  # fmt: skip
        swing(out, motion)
        finish(out, 0.0, 0.16, 0.5)
    return out


INSTRUMENT = Instrument("organ", OrganPatch, render, velocity_layers=3, variants=3)
