"""Synth lead: the monophonic voice that carries a tune, with or without glide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Note
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.strokes import one_stroke, strokes_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest, own_release
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.lines import Line, play

LEVEL = 1.1  # of the line in its buffer: peaks reach about 0.5


class SynthLeadPatch(Strict):
    """A monophonic lead."""

    square: Unit = 0.0
    width: Annotated[float, Field(ge=0.1, le=0.5)] = 0.45
    detune_cents: Annotated[float, Field(ge=0, le=25)] = 8.0
    glide_ms: Annotated[float, Field(ge=0, le=400)] = 0.0  # above 0 the part is one line
    cutoff_hz: Annotated[float, Field(ge=200, le=9000)] = 2000.0
    resonance: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    sweep_octaves: Annotated[float, Field(ge=0, le=4)] = 0.8
    sweep_s: Annotated[float, Field(ge=0.05, le=6)] = 1.2
    velocity_octaves: Annotated[float, Field(ge=0, le=4)] = 1.8
    vibrato_cents: Annotated[float, Field(ge=0, le=40)] = 12.0
    vibrato_hz: Annotated[float, Field(ge=3, le=8)] = 5.3
    attack_s: Annotated[float, Field(ge=0.002, le=0.5)] = 0.008
    decay_s: Annotated[float, Field(ge=0.1, le=20)] = 3.0
    sustain: Unit = 0.75
    release_s: Annotated[float, Field(ge=0.04, le=3)] = 0.25
    width_stereo: Unit = 0.35
    drive: Unit = 0.2


def _line(patch: SynthLeadPatch) -> Line:
    return Line(
        square=patch.square, width=patch.width, detune_cents=patch.detune_cents, sub=0.0,
        glide_s=max(patch.glide_ms, 1.0) / 1000.0, attack_s=patch.attack_s, decay_s=patch.decay_s,
        sustain=patch.sustain, release_s=patch.release_s, cutoff_hz=patch.cutoff_hz,
        resonance=patch.resonance, sweep_octaves=patch.sweep_octaves, sweep_decay_s=patch.sweep_s,
        accent_octaves=0.3, accent_db=1.0, accent_shortens=0.0, lfo_octaves=0.0, beat_s=1.0,
        first_beat_s=0.0, vibrato_cents=patch.vibrato_cents, vibrato_hz=patch.vibrato_hz,
        drive=patch.drive,
    )  # fmt: skip


def render_line(patch: SynthLeadPatch, notes: Sequence[Note], bpm: float, out: Audio) -> None:
    """Add the whole tune; notes that touch slide into each other, vibrato comes when they stay."""
    strokes = strokes_of(notes, True, patch.velocity_octaves)
    play(out, strokes, _line(patch), LEVEL, patch.width_stereo, 1)


def render(patch: SynthLeadPatch, request: NoteRequest) -> Audio:
    """Return one stereo note: two detuned saws or pulses, four poles, vibrato after 0.25 s."""
    strokes, out = one_stroke(request, patch.velocity_octaves, patch.release_s)
    play(out, strokes, _line(patch), LEVEL, patch.width_stereo, 1)
    finish(out, 0.0, 0.18, 0.5)
    return out


INSTRUMENT = Instrument(
    "synth_lead",
    SynthLeadPatch,
    render,
    velocity_layers=4,
    variants=1,
    render_line=render_line,
    plays_lines=lambda patch: patch.glide_ms > 0.0,
    release_s=own_release,
)
