"""Which function writes which kind of part."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from soundflow_assets.composition.draft import Context, DraftNote
from soundflow_assets.composition.writers import (
    ambient,
    bass,
    chords,
    melody,
    patterns,
    piano,
    solo,
    walking,
)
from soundflow_assets.plans.genre import Part, Writer

WRITERS: dict[Writer, Callable[[Part, Context], list[DraftNote]]] = {
    "pattern_bass": bass.pattern_bass,
    "walking_bass": walking.walking_bass,
    "pedal_bass": bass.pedal_bass,
    "comp": chords.comp,
    "held": chords.held,
    "strum": chords.strum,
    "broken": piano.broken,
    "charleston": piano.charleston,
    "arp": patterns.arp,
    "riff": patterns.riff,
    "pulse": patterns.pulse,
    "melody": melody.melody,
    "answer": melody.answer,
    "solo": solo.solo,
    "eno": ambient.eno,
    "drone": ambient.drone,
}


# Who is written first: what carries the harmony, then figures, then whoever sings or answers.
_PRECEDENCE: tuple[frozenset[Writer], ...] = (
    frozenset({"pattern_bass", "walking_bass", "drone"}),
    frozenset({"comp", "strum", "broken", "charleston", "held", "pedal_bass"}),
    frozenset({"arp", "riff", "pulse", "eno"}),
    frozenset({"melody", "solo"}),
    frozenset({"answer"}),
)
_LAYERS = ("bass", "music", "pad")


def precedence(part: Part) -> tuple[int, int]:
    """Return a part's place in the order of writing: later parts listen to those before them."""
    place = next(place for place, writers in enumerate(_PRECEDENCE) if part.writer in writers)
    return place, _LAYERS.index(part.layer)


def write(part: Part, context: Context) -> tuple[DraftNote, ...]:
    """Return all notes of `part`, in order of time, every pitch inside its range."""
    low, high = part.pitch_range
    notes = [note for note in WRITERS[part.writer](part, context) if low <= note.pitch <= high]
    return tuple(sorted(notes, key=attrgetter("beat", "pitch")))
