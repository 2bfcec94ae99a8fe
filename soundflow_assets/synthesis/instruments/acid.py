"""Acid: the little silver box, one oscillator, a ladder that sings, accents and slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Note
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.strokes import one_stroke, strokes_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.lines import Line, play

LEVEL = 0.42  # of the line in its buffer: hard accents reach about 0.5


class AcidPatch(Strict):
    """A 303-like bass line."""

    square: Unit = 0.0
    cutoff_hz: Annotated[float, Field(ge=100, le=3000)] = 320.0
    resonance: Annotated[float, Field(ge=0, le=0.95)] = 0.8
    sweep_octaves: Annotated[float, Field(ge=0, le=5)] = 2.6
    sweep_s: Annotated[float, Field(ge=0.1, le=4)] = 0.9
    accent_octaves: Annotated[float, Field(ge=0, le=3)] = 1.0
    accent_db: Annotated[float, Field(ge=0, le=9)] = 4.5
    glide_ms: Annotated[float, Field(ge=5, le=300)] = 60.0
    velocity_octaves: Annotated[float, Field(ge=0, le=3)] = 0.8
    drive: Unit = 0.45


def _line(patch: AcidPatch) -> Line:
    return Line(
        square=patch.square, width=0.47, detune_cents=0.0, sub=0.0, glide_s=patch.glide_ms / 1000.0,
        attack_s=0.003, decay_s=5.0, sustain=0.1, release_s=0.05, cutoff_hz=patch.cutoff_hz,
        resonance=patch.resonance, sweep_octaves=patch.sweep_octaves, sweep_decay_s=patch.sweep_s,
        accent_octaves=patch.accent_octaves, accent_db=patch.accent_db, accent_shortens=0.6,
        lfo_octaves=0.0, beat_s=1.0, first_beat_s=0.0, vibrato_cents=0.0, vibrato_hz=5.0,
        drive=patch.drive,
    )  # fmt: skip


def render_line(patch: AcidPatch, notes: Sequence[Note], bpm: float, out: Audio) -> None:
    """Add the whole riff: saw, four poles at 200-1200 Hz, resonance 0.75-0.9, slides of 60 ms.

    An accent (velocity above 96, or marked) is 5 dB louder, more resonant and shorter.
    """
    play(out, strokes_of(notes, False, patch.velocity_octaves), _line(patch), LEVEL, 0.0, 1)


def render(patch: AcidPatch, request: NoteRequest) -> Audio:
    """Return one note of the riff, in the centre."""
    strokes, out = one_stroke(request, patch.velocity_octaves, 0.05)
    play(out, strokes, _line(patch), LEVEL, 0.0, 1)
    mono = out[:1]
    finish(mono, 0.0, 0.2, 0.5)
    return mono


INSTRUMENT = Instrument(
    "acid", AcidPatch, render, velocity_layers=4, variants=1, render_line=render_line
)
