"""Rhodes: an electric piano, its bar and its tine, and the bark of its pickup."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import note_seed, ratio_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.electric import Electric, electric
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import db_to_gain, midi_to_hz
from soundflow_assets.synthesis.kernels.noises import thump
from soundflow_assets.synthesis.kernels.oscillators import draws
from soundflow_assets.synthesis.kernels.whole import LOWPASS, filter_stereo

TINE_CEILING_HZ = 18000.0


class RhodesPatch(Strict):
    """An electric piano."""

    body_index: Annotated[float, Field(ge=0, le=4)] = 1.3
    tine_index: Annotated[float, Field(ge=0, le=2)] = 0.4
    tine_db: Annotated[float, Field(ge=-60, le=0)] = -14.0
    tine_s: Annotated[float, Field(ge=0.03, le=3)] = 0.45
    bark: Unit = 0.45
    decay_s: Annotated[float, Field(ge=0.3, le=12)] = 2.6  # quick part, at middle C
    slow_s: Annotated[float, Field(ge=0.5, le=30)] = 9.0  # slow part
    release_s: Annotated[float, Field(ge=0.03, le=3)] = 0.22
    lowpass_hz: Annotated[float, Field(ge=500, le=18000)] = 5200.0
    detune_cents: Annotated[float, Field(ge=0, le=10)] = 1.1
    spread: Unit = 0.6
    hammer_db: Annotated[float, Field(ge=-80, le=-10)] = -34.0


def render(patch: RhodesPatch, request: NoteRequest) -> Audio:
    """Return a stereo note by frequency modulation.

    Body 1:1, index 0.5-1.5 by velocity, decaying in 0.9 s; tine 1:14 (1:7 when that would pass
    18 kHz) at -12 dB, decaying in 0.15 s; a pickup that bends the wave more the harder the note
    is struck. Decay shortens upward by half in two octaves. Left and right bodies are a cent
    apart, so that a held chord turns slowly; the autopan is the desk's.
    """
    hard = request.velocity
    freq = float(midi_to_hz(request.pitch))
    shorter = ratio_of((60.0 - request.pitch) * 50.0)
    seed = note_seed("rhodes", request)
    chance = draws(seed, 3)
    # High tines are short and stiff: less index, or they whistle.
    taming = min(1.0, 400.0 / freq)
    tone = Electric(
        body_index=patch.body_index * (0.25 + 0.9 * hard) * (0.45 + 0.55 * taming),
        body_floor=0.25, body_index_s=2.2 * shorter, body_s=patch.decay_s * shorter,
        body_slow_s=patch.slow_s * shorter, slow_share=0.4,
        tine_ratio=14.0 if 14.0 * freq <= TINE_CEILING_HZ else 7.0,
        tine_index=patch.tine_index * (0.3 + 0.9 * hard),
        tine_s=patch.tine_s * (1.0 + 0.08 * chance[0]) * (0.5 + 0.5 * shorter),
        tine_gain=float(db_to_gain(patch.tine_db)) * (0.25 + 0.95 * hard) * (0.4 + 0.6 * taming),
        bark=patch.bark * hard * hard, detune_cents=patch.detune_cents, spread=patch.spread,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    electric(out, freq, tone, 0.5 * chance[1])
    cutoff = patch.lowpass_hz * (0.5 + 0.6 * hard)
    filter_stereo(out, LOWPASS, max(cutoff, 1.5 * freq), 0.7, 1)
    knock = float(db_to_gain(patch.hammer_db)) * (0.5 + 0.6 * hard)
    thump(out, 0.0, 260.0 + 40.0 * chance[2], 1.5, 0.05, knock, 0.3, seed)
    shape(out, 0.0025, request.duration_s, patch.release_s, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.19, 0.5)
    return out


INSTRUMENT = Instrument(
    "rhodes", RhodesPatch, render, velocity_layers=5, variants=2, release_s=own_release
)
