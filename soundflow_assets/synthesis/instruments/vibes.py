"""Vibraphone: tuned aluminium bars over tubes whose lids turn."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, ratio_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import db_to_gain, midi_to_hz
from soundflow_assets.synthesis.kernels.modal import PARTIAL, ring
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws

# A vibraphone bar is cut so that its overtones are two and three octaves and a third above.
BAR = ((1.0, 0.0, 1.0), (3.98, -12.0, 0.4), (9.9, -24.0, 0.13), (18.2, -36.0, 0.07))


class VibesPatch(Strict):
    """A vibraphone."""

    decay_s: Annotated[float, Field(ge=0.3, le=12)] = 4.5  # T60 of the fundamental at C4
    mallet_db: Annotated[float, Field(ge=-30, le=12)] = 0.0  # overtones at full velocity
    velocity_db: Annotated[float, Field(ge=0, le=36)] = 16.0  # what the softest stroke loses
    knock_db: Annotated[float, Field(ge=-80, le=-10)] = -32.0
    tremolo: Unit = 0.25
    tremolo_hz: Annotated[float, Field(ge=0.1, le=9)] = 5.0
    octave_below: Unit = 0.0  # resonator speaking an octave down
    attack_s: Annotated[float, Field(ge=0.002, le=0.05)] = 0.002
    release_s: Annotated[float, Field(ge=0.1, le=6)] = 0.8
    spread: Unit = 0.5


def render(patch: VibesPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: partials 1, 4, 10 at 0, -12, -24 dB; tremolo 5 Hz, a quarter deep.

    Two modes lie a fraction of a hertz apart in every partial, left and right, so that the bar
    shimmers; the rotor's place depends on the variant alone, one shaft for all bars.
    """
    hard = request.velocity
    freq = float(midi_to_hz(request.pitch))
    seed = note_seed("vibes", request)
    chance = draws(seed, 2 * len(BAR))
    shorter = ratio_of((60.0 - request.pitch) * 40.0)
    rows = []
    for i, (ratio, level_db, life) in enumerate(BAR):
        strike_db = 0.0 if i == 0 else patch.mallet_db - patch.velocity_db * (1.0 - hard)
        gain = float(db_to_gain(level_db + strike_db))
        split = ratio_of(0.5 + 0.25 * chance[i])
        near, far = 0.5 + 0.5 * patch.spread, 0.5 - 0.5 * patch.spread
        f = freq * ratio
        t60 = patch.decay_s * life * shorter
        rows.append((f * split, gain * near, gain * far, 0.02 * chance[4 + i], t60))
        rows.append((f / split, gain * far, gain * near, 0.02, t60 * 0.93))
    if patch.octave_below > 0.0:
        low = 0.5 * patch.octave_below
        rows.append((0.5 * freq, low, low, 0.0, patch.decay_s * shorter))
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    ring(out, np.array(rows, dtype=PARTIAL))
    knock = float(db_to_gain(patch.knock_db)) * (0.4 + 0.7 * hard)
    thump(out, 0.0, min(900.0 + 2.0 * freq, 4000.0), 1.0, 0.02, knock, 0.3, seed)
    shape(out, patch.attack_s, request.duration_s, patch.release_s, patch.tremolo,
          patch.tremolo_hz, 0.31 * request.variant)  # fmt: skip
    finish(out, 0.0, 0.18, 0.5)
    return out


INSTRUMENT = Instrument(
    "vibes", VibesPatch, render, velocity_layers=4, variants=3, release_s=own_release
)
