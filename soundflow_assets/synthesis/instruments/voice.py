"""What an instrument is to those who play it: a note asked for, a voice that answers.

Instruments import this module, `registry` imports the instruments, everybody else imports
`registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Note
from soundflow_assets.plans.strict import Strict

P = TypeVar("P", bound=Strict)


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """One note to be rendered: MIDI pitch, sounding length, velocity 0 to 1, round-robin variant.

    Velocity chooses the timbre; loudness is the caller's, applied where the note is placed.
    """

    pitch: float
    duration_s: float
    velocity: float = 0.8
    variant: int = 0


class Voice(Protocol):
    """An instrument with its patch, ready to play."""

    @property
    def velocity_layers(self) -> int:
        """Number of timbres worth telling apart between velocity 0 and 1."""

    @property
    def variants(self) -> int:
        """Number of round-robin renditions of one note."""

    @property
    def line(self) -> bool:
        """Whether notes run into each other, so that `render_line` is the way to play it."""

    def attack_s(self, duration_s: float) -> float:
        """Return in what time a note of this length rises, 0.0 where its length does not matter."""

    def release_s(self, pitch: float) -> float | None:
        """Return the T60 by which a longer note that rises alike is let go to be a shorter one.

        None where every length is a sound of its own.
        """

    def render(self, request: NoteRequest) -> Audio:
        """Return the note with its release tail, (1, n) or (2, n), peaking near 0.5."""

    def render_line(self, notes: Sequence[Note], bpm: float, out: Audio) -> None:
        """Add a whole part to `out` (2, samples), where sample 0 is time 0. Line voices only."""


@dataclass(frozen=True)
class Instrument(Generic[P]):
    """An entry of the registry: a name, the grammar of its patches, and how it sounds."""

    name: str
    patch: type[P]
    render: Callable[[P, NoteRequest], Audio]
    velocity_layers: int = 4
    variants: int = 2
    release_s: Callable[[P, float], float] | None = None  # T60 by patch and pitch; see `Voice`
    attack_s: Callable[[P, float], float] = lambda patch, duration_s: 0.0  # see `Voice`
    render_line: Callable[[P, Sequence[Note], float, Audio], None] | None = None
    plays_lines: Callable[[P], bool] = lambda patch: True  # of its patches, where it can at all


def own_release(patch: Any, pitch: float) -> float:
    """Return the release that a patch gives, the same at every pitch."""
    release_s: float = patch.release_s
    return release_s


def risen_within(attack_s: float, longest_s: float) -> float:
    """Return `attack_s`, shortened by steps of half an octave until it is below `longest_s`.

    Steps, because notes that rise alike can share a rendition.
    """
    while attack_s > longest_s:
        attack_s *= 0.7071067811865476
    return attack_s


def damped_release(damp_t60_s: float, times: float) -> float:
    """Return the T60 of a string damped in `damp_t60_s` under an envelope `times` as long."""
    return damp_t60_s * times / (1.0 + times)


@dataclass(frozen=True)
class PatchedVoice:
    """An instrument bound to one patch; the `Voice` that `registry.voice` returns."""

    instrument: Instrument[Any]
    patch: Strict

    @property
    def velocity_layers(self) -> int:
        """Number of timbres worth telling apart between velocity 0 and 1."""
        return self.instrument.velocity_layers

    @property
    def variants(self) -> int:
        """Number of round-robin renditions of one note."""
        return self.instrument.variants

    @property
    def line(self) -> bool:
        """Whether notes run into each other, so that `render_line` is the way to play it."""
        return self.instrument.render_line is not None and self.instrument.plays_lines(self.patch)

    def attack_s(self, duration_s: float) -> float:
        """Return in what time a note of this length rises, 0.0 where its length does not matter."""
        return self.instrument.attack_s(self.patch, duration_s)

    def release_s(self, pitch: float) -> float | None:
        """Return the T60 by which a longer note is let go to be a shorter one, None for none."""
        release_s = self.instrument.release_s
        return None if release_s is None else release_s(self.patch, pitch)

    def render(self, request: NoteRequest) -> Audio:
        """Return the note with its release tail, (1, n) or (2, n), peaking near 0.5."""
        return self.instrument.render(self.patch, request)

    def render_line(self, notes: Sequence[Note], bpm: float, out: Audio) -> None:
        """Add a whole part to `out` (2, samples), where sample 0 is time 0. Line voices only."""
        if self.instrument.render_line is None or not self.line:
            raise TypeError(f"{self.instrument.name} plays single notes; call render for each")
        self.instrument.render_line(self.patch, notes, bpm, out)
