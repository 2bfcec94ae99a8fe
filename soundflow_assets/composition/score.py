"""The score: what is played, when and how hard, as immutable data.

Two clocks stand side by side. `beat` is the written place in quarter notes from the top, before
swing and feel; `onset_s` is where it sounds. Measures of intent (grid, groove) read the first,
synthesis reads the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Articulation = Literal["normal", "accent", "ghost", "slide", "scoop", "mute", "reverse"]


@dataclass(frozen=True, slots=True)
class Note:
    """A pitched event. Pitch is a MIDI number, velocity 1 to 127, times in seconds."""

    beat: float
    onset_s: float
    duration_s: float
    pitch: int
    velocity: int
    articulation: Articulation = "normal"


@dataclass(frozen=True, slots=True)
class Hit:
    """A drum or effect event; `duration_s` matters for rolls, rises and swells only."""

    beat: float
    onset_s: float
    sound: str
    velocity: int
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Chord:
    """A sounding chord. `roman` is as written, `symbol` as played; `voicing` is MIDI, rising."""

    beat: float
    beats: float
    onset_s: float
    duration_s: float
    roman: str
    symbol: str
    root: int  # pitch class
    bass: int  # pitch class of the lowest note (inversions)
    pitch_classes: tuple[int, ...]  # chord tones, root first
    scale: tuple[int, ...]  # pitch classes a melody may use here, rising from the tonic
    voicing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the form. `energy` is 0 to 1 within the track's own range already applied."""

    name: str
    start_bar: int
    bars: int
    start_s: float
    end_s: float
    energy: float
    roles: tuple[str, ...]  # pitched roles and "drums" that may sound here
    transition: str


@dataclass(frozen=True, slots=True)
class PartScore:
    """All notes of one pitched role, in order of onset."""

    role: str
    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A whole track. `duration_s` is the exact file length, `body_s` ends the last bar."""

    title: str
    genre: str
    key: str
    bpm: float
    swing: float
    steps_per_bar: int
    duration_s: float
    body_s: float
    bars: int
    beat_times_s: tuple[float, ...]  # performed time of every quarter note, body end included
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    parts: tuple[PartScore, ...]
    hits: tuple[Hit, ...]

    def part(self, role: str) -> PartScore | None:
        """Return the part of `role`, or None where it never plays."""
        return next((part for part in self.parts if part.role == role), None)
