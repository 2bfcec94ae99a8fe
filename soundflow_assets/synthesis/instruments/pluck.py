"""Pluck: the short bright note of electronic music, from a filter, a string or a bell."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.unison import (
    followed,
    note_seed,
    opened,
    oscillator,
    ratio_of,
    subtractive,
    unison,
)
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, damped_release
from soundflow_assets.synthesis.kernels.electric import Electric, electric
from soundflow_assets.synthesis.kernels.envelopes import samples_of, shape
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import midi_to_hz
from soundflow_assets.synthesis.kernels.oscillators import SAW, TRIANGLE, draws
from soundflow_assets.synthesis.kernels.strings import Pluck, strings
from soundflow_assets.synthesis.kernels.tone import Tone
from soundflow_assets.synthesis.kernels.whole import LOWPASS, filter_stereo


class PluckPatch(Strict):
    """A pluck; which fields matter depends on its source."""

    source: Literal["saw", "string", "bell"] = "saw"
    decay_s: Annotated[float, Field(ge=0.05, le=8)] = 1.1
    release_s: Annotated[float, Field(ge=0.03, le=6)] = 0.3
    cutoff_hz: Annotated[float, Field(ge=100, le=12000)] = 600.0  # where the filter comes to rest
    sweep_octaves: Annotated[float, Field(ge=0, le=6)] = 3.0  # saw: how far above it begins
    sweep_s: Annotated[float, Field(ge=0.02, le=4)] = 0.42
    resonance: Annotated[float, Field(ge=0.5, le=8)] = 1.3
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.5
    detune_cents: Annotated[float, Field(ge=0, le=20)] = 5.0
    body: Unit = 0.3  # saw: triangle under it
    position: Annotated[float, Field(ge=0.05, le=0.5)] = 0.13  # string
    index: Annotated[float, Field(ge=0, le=6)] = 1.8  # bell
    ratio: Annotated[float, Field(ge=0.5, le=9)] = 3.5  # bell
    width: Unit = 0.6


def _saw(patch: PluckPatch, request: NoteRequest, seed: int) -> Audio:
    rows = unison((-1.0, 1.0), patch.detune_cents, patch.width, seed, shape=SAW, scatter=0.3)
    if patch.body > 0.0:
        rows.append(oscillator(TRIANGLE, 0.0, patch.body, 0.0, 0.25))
    cutoff = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    shorter = ratio_of((60.0 - request.pitch) * 30.0)
    tone = Tone(
        hold_s=request.duration_s, attack_s=0.002, decay_s=patch.decay_s * shorter, sustain=0.0,
        release_s=patch.release_s, cutoff_hz=followed(cutoff, request.pitch, 0.4),
        resonance=patch.resonance, poles=4.0, sweep_octaves=patch.sweep_octaves,
        sweep_attack_s=0.002, sweep_decay_s=patch.sweep_s,
    )  # fmt: skip
    return subtractive(rows, tone, request, seed, target=0.19)


def _string(patch: PluckPatch, request: NoteRequest, seed: int) -> Audio:
    shorter = ratio_of((60.0 - request.pitch) * 40.0)
    bright = opened(patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    pluck = Pluck(
        t60_s=patch.decay_s * shorter, t60_high_s=0.25 * patch.decay_s * shorter,
        position=patch.position, width_s=0.0006, noise=0.25, brightness_hz=bright,
        hold_s=request.duration_s, damp_t60_s=patch.release_s,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    strings(out, midi_to_hz(request.pitch), pluck, 1.2, 0.5 * patch.width, seed)
    shape(out, 0.002, request.duration_s, 4.0 * patch.release_s, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.19, 0.5)
    return out


def _bell(patch: PluckPatch, request: NoteRequest, seed: int) -> Audio:
    shorter = ratio_of((60.0 - request.pitch) * 45.0)
    freq = float(midi_to_hz(request.pitch))
    hard = 0.3 + 0.875 * request.velocity
    tone = Electric(
        body_index=0.25 * hard, body_floor=0.0, body_index_s=0.2, body_s=patch.decay_s * shorter,
        body_slow_s=2.5 * patch.decay_s * shorter, slow_share=0.2, tine_ratio=patch.ratio,
        tine_index=patch.index * hard * min(1.0, 900.0 / freq), tine_s=0.6 * patch.decay_s,
        tine_gain=0.5 * hard, bark=0.0, detune_cents=1.5, spread=patch.width,
    )  # fmt: skip
    out = np.zeros((2, samples_of(request.duration_s, patch.release_s)), np.float32)
    electric(out, freq, tone, 0.5 * draws(seed, 1)[0])
    cutoff = opened(6.0 * patch.cutoff_hz, patch.velocity_octaves, request.velocity)
    filter_stereo(out, LOWPASS, max(cutoff, 2.0 * freq), 0.7, 1)
    shape(out, 0.002, request.duration_s, patch.release_s, 0.0, 0.0, 0.0)
    finish(out, 0.0, 0.18, 0.5)
    return out


def _release(patch: PluckPatch, pitch: float) -> float:
    if patch.source == "string":
        return damped_release(patch.release_s, 4.0)
    return patch.release_s


def render(patch: PluckPatch, request: NoteRequest) -> Audio:
    """Return a stereo note: saws with LP 5 kHz to 600 Hz in 140 ms, a string, or FM glass."""
    source = {"saw": _saw, "string": _string, "bell": _bell}[patch.source]
    return source(patch, request, note_seed("pluck", request))


INSTRUMENT = Instrument(
    "pluck", PluckPatch, render, velocity_layers=4, variants=2, release_s=_release
)
