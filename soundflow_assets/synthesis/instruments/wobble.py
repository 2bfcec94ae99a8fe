"""Wobble: the half-time bass whose filter dances in quarters, eighths and triplets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Note
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.plans.strict import Strict, Unit
from soundflow_assets.synthesis.instruments.strokes import one_stroke, strokes_of
from soundflow_assets.synthesis.instruments.voice import Instrument, NoteRequest
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.lines import Line, play

LEVEL = 0.42  # of the line in its buffer: peaks reach about 0.5
SINGLE_BPM = 140.0  # of the LFO where a single note is asked for and no tempo is known


class WobblePatch(Strict):
    """A wobble bass."""

    square: Unit = 0.5
    detune_cents: Annotated[float, Field(ge=0, le=30)] = 9.0
    sub: Unit = 0.8  # sine at the note, always in the centre
    cutoff_hz: Annotated[float, Field(ge=100, le=3000)] = 520.0  # middle of the swing
    lfo_octaves: Annotated[float, Field(ge=0, le=3)] = 1.75
    resonance: Annotated[float, Field(ge=0, le=0.9)] = 0.35
    velocity_octaves: Annotated[float, Field(ge=0, le=3)] = 0.8
    release_s: Annotated[float, Field(ge=0.03, le=1)] = 0.12
    drive: Unit = 0.5


def _line(patch: WobblePatch, bpm: float, first_beat_s: float) -> Line:
    return Line(
        square=patch.square, width=0.42, detune_cents=patch.detune_cents, sub=patch.sub,
        glide_s=0.05, attack_s=0.008, decay_s=20.0, sustain=0.95, release_s=patch.release_s,
        cutoff_hz=patch.cutoff_hz, resonance=patch.resonance, sweep_octaves=0.0, sweep_decay_s=0.5,
        accent_octaves=0.3, accent_db=1.5, accent_shortens=0.0, lfo_octaves=patch.lfo_octaves,
        beat_s=60.0 / bpm, first_beat_s=first_beat_s, vibrato_cents=0.0, vibrato_hz=5.0,
        drive=patch.drive,
    )  # fmt: skip


def render_line(patch: WobblePatch, notes: Sequence[Note], bpm: float, out: Audio) -> None:
    """Add the whole part: saw and square, LP 150-1800 Hz, LFO at 1/4, 1/8 or 1/8 triplet.

    The rate is drawn anew for every beat from the notes themselves, so that one part always
    dances alike and two parts do not. The LFO keeps the beat, not the note.
    """
    if not notes:
        return
    first = min(notes, key=lambda note: note.onset_s)
    line = _line(patch, bpm, first.onset_s - first.beat * 60.0 / bpm)
    seed = seed_of("wobble", *(note.pitch for note in notes[:16])) & 0x7FFFFFFF
    play(out, strokes_of(notes, False, patch.velocity_octaves), line, LEVEL, 0.0, seed)


def render(patch: WobblePatch, request: NoteRequest) -> Audio:
    """Return one note in the centre, its LFO at 140 beats a minute."""
    strokes, out = one_stroke(request, patch.velocity_octaves, patch.release_s)
    seed = seed_of("wobble", request.variant) & 0x7FFFFFFF
    play(out, strokes, _line(patch, SINGLE_BPM, 0.0), LEVEL, 0.0, seed)
    mono = out[:1]
    finish(mono, 0.0, 0.24, 0.5)
    return mono


INSTRUMENT = Instrument(
    "wobble", WobblePatch, render, velocity_layers=3, variants=2, render_line=render_line
)
