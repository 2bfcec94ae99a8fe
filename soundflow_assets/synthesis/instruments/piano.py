"""Piano: stiff strings in twos and threes, a felt hammer, a soundboard that knocks."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, ratio_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.kernels.modal import ring
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.piano import Struck, piano_partials


class PianoPatch(Strict):
    """A piano."""

    stiffness: Annotated[float, Field(ge=5e-5, le=2e-3)] = 2.4e-4  # B at middle C
    soft_hz: Annotated[float, Field(ge=200, le=6000)] = 750.0  # hammer at velocity 0
    hard_hz: Annotated[float, Field(ge=400, le=16000)] = 4600.0  # hammer at velocity 1
    rolloff: Annotated[float, Field(ge=0.2, le=2.5)] = 0.75
    quick_s: Annotated[float, Field(ge=0.2, le=8)] = 2.4
    slow_s: Annotated[float, Field(ge=1, le=30)] = 11.0
    slow_share: Unit = 0.38
    damping: Annotated[float, Field(ge=0.01, le=1)] = 0.11
    unison_cents: Annotated[float, Field(ge=0, le=12)] = 0.9
    hammer_db: Annotated[float, Field(ge=-80, le=-10)] = -27.0
    knock_db: Annotated[float, Field(ge=-80, le=-10)] = -30.0  # of the case and the key bed
    attack_s: Annotated[float, Field(ge=0.002, le=0.05)] = 0.002
    release_s: Annotated[float, Field(ge=0.05, le=3)] = 0.3
    spread: Unit = 0.6


def _release(patch: PianoPatch, pitch: float) -> float:
    return patch.release_s * min(max(ratio_of((60.0 - pitch) * 40.0), 0.6), 2.0)


def render(patch: PianoPatch, request: NoteRequest) -> Audio:
    """Return a stereo note from its partials n·f·√(1+B·n²).

    Two-stage decay, two or three strings a cent apart, a null at the eighth partial where the
    hammer strikes, a hammer whose felt hardens with velocity, its noise at -26 dB for some 8 ms,
    and a knock of the case. Low notes take longer to damp, as on the instrument.
    """
    hard = request.velocity
    span = patch.hard_hz - patch.soft_hz
    # The hammers get smaller and harder towards the treble.
    size = ratio_of((request.pitch - 60.0) * 35.0)
    seed = note_seed("piano", request)
    tone = Struck(
        patch.stiffness, 1.0 / 8.2, (patch.soft_hz + span * hard * hard) * size, patch.rolloff,
        patch.quick_s, patch.slow_s, patch.slow_share, patch.damping, patch.unison_cents,
        patch.spread,
    )  # fmt: skip
    release = _release(patch, request.pitch)
    out = np.zeros((2, samples_of(request.duration_s, release)), np.float32)
    ring(out, piano_partials(request.pitch, tone, seed))
    loud = 0.6 + 0.5 * hard
    thump(out, 0.0, (1200.0 + 1800.0 * hard) * min(size, 1.5), 0.9, 0.03,
          float(db_to_gain(patch.hammer_db)) * loud, 0.4, seed)  # fmt: skip
    for i, mode_hz in enumerate((92.0, 178.0, 310.0)):
        thump(out, 0.0, mode_hz, 4.0, 0.16, float(db_to_gain(patch.knock_db)) * loud, 0.5,
              seed + i)  # fmt: skip
    shape(out, patch.attack_s, request.duration_s, release, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.19, 0.5)
    return out


INSTRUMENT = Instrument(
    "piano", PianoPatch, render, velocity_layers=5, variants=1, release_s=_release
)
