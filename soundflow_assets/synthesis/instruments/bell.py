"""Bell: glass, a music box, a low bell; whatever rings by its own inharmonic modes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

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

Ratio = Annotated[float, Field(gt=0, le=40)]
Level = Annotated[float, Field(ge=-80, le=6)]
Life = Annotated[float, Field(ge=0.02, le=40)]


class BellPatch(Strict):
    """A bell by its modes; the three lists go together, the strike note is ratio 1."""

    ratios: Annotated[tuple[Ratio, ...], Field(min_length=2, max_length=16)] = (1.0, 4.0, 10.0)
    levels_db: Annotated[tuple[Level, ...], Field(min_length=2, max_length=16)] = (
        0.0,
        -12.0,
        -24.0,
    )
    t60_s: Annotated[tuple[Life, ...], Field(min_length=2, max_length=16)] = (3.0, 1.2, 0.4)
    velocity_db: Annotated[float, Field(ge=0, le=36)] = 14.0  # what soft strokes lose on top
    shimmer_cents: Annotated[float, Field(ge=0, le=12)] = 1.5
    knock_db: Annotated[float, Field(ge=-80, le=-10)] = -36.0
    knock_hz: Annotated[float, Field(ge=100, le=9000)] = 3000.0
    attack_s: Annotated[float, Field(ge=0.002, le=0.2)] = 0.002
    release_s: Annotated[float, Field(ge=0.1, le=12)] = 1.5
    spread: Unit = 0.7

    @model_validator(mode="after")
    def _lists_agree(self) -> BellPatch:
        lengths = (len(self.ratios), len(self.levels_db), len(self.t60_s))
        if len(set(lengths)) != 1:
            raise ValueError(f"ratios, levels_db and t60_s have {lengths} entries; need as many")
        return self


def render(patch: BellPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: each mode twice, a cent or two apart, one to each side.

    Default partials 1, 4, 10 at 0, -12, -24 dB with decays of 3, 1.2 and 0.4 s; the patches hold
    glass, the free bar of a music box (1, 6.27, 17.5), and a low bell tuned in octaves.
    """
    hard = request.velocity
    freq = float(midi_to_hz(request.pitch))
    seed = note_seed("bell", request)
    chance = draws(seed, 3 * len(patch.ratios))
    shorter = ratio_of((72.0 - request.pitch) * 35.0)
    rows = []
    for i, (ratio, level_db, life) in enumerate(
        zip(patch.ratios, patch.levels_db, patch.t60_s, strict=True)
    ):
        above = max(ratio - 1.0, 0.0) / (ratio + 1.0)
        gain = float(db_to_gain(level_db - patch.velocity_db * (1.0 - hard) * above))
        gain *= 1.0 + 0.15 * chance[3 * i]
        lean = patch.spread * (0.5 + 0.4 * chance[3 * i + 1])
        split = ratio_of(0.5 * patch.shimmer_cents * (0.7 + 0.5 * abs(chance[3 * i + 2])))
        t60 = life * shorter
        rows.append((freq * ratio * split, gain * (1 + lean), gain * (1 - lean), 0.0, t60))
        rows.append((freq * ratio / split, gain * (1 - lean), gain * (1 + lean), 0.04, 0.9 * t60))
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    ring(out, np.array(rows, dtype=PARTIAL))
    knock = float(db_to_gain(patch.knock_db)) * (0.3 + 0.8 * hard)
    thump(out, 0.0, patch.knock_hz, 1.2, 0.015, knock, 0.4, seed)
    shape(out, patch.attack_s, request.duration_s, patch.release_s, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.17, 0.5)
    return out


INSTRUMENT = Instrument(
    "bell", BellPatch, render, velocity_layers=3, variants=2, release_s=own_release
)
