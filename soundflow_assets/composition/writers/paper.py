"""What all writers share: reading grids and chords, finding pitches, marking dynamics.

Nothing here decides what is played; that is each writer's own business.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from soundflow_assets.composition.draft import (
    BEATS_PER_BAR,
    Context,
    DraftChord,
    DraftNote,
    DraftSection,
)
from soundflow_assets.composition.voicing import Voicing, voice_progression
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.key import parse_key

BEDS_LEAD_LU = -9.0  # beds this loud against the music stand in front of it
LEVELS = {"X": 112, "x": 96, "o": 74, "g": 34, "f": 92, "F": 106, "8": 98, "a": 84}
BLOCK_BEATS = 8 * BEATS_PER_BAR
SPREAD = 0.06  # random share of a velocity


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a section in which the part plays."""

    number: int  # from the top of the track
    index: int  # within the section
    section: DraftSection
    last: bool  # the last bar of the track

    @property
    def beat(self) -> float:
        """Where the bar begins."""
        return float(self.number * BEATS_PER_BAR)


def bars_of(part: Part, context: Context) -> Iterator[Bar]:
    """Yield the bars in which `part` plays."""
    for section in context.sounding(part):
        for index in range(section.bars):
            number = section.start_bar + index
            yield Bar(number, index, section, number == context.bars - 1)


def beds_lead(context: Context) -> bool:
    """Whether rain or sea stand before the music: then it speaks half as often."""
    return context.plan.bed_loudness_lu > BEDS_LEAD_LU


class Chords:
    """The chords of a track, found by beat, with a part's own voicings where it asks for them."""

    def __init__(self, context: Context) -> None:
        self._chords = context.chords
        self._starts = [chord.beat for chord in context.chords]
        self._rootless = any(part.layer == "bass" for part in context.plan.spec.parts)
        self.tonic = parse_key(context.plan.key).tonic
        planed = next(
            p
            for p in context.plan.spec.harmony.progressions
            if p.name == context.plan.choices.progression
        )
        self._planing = planed.planing

    def index_at(self, beat: float) -> int:
        """Return the number of the chord sounding at `beat`."""
        return bisect_right(self._starts, beat + 1e-6, 1) - 1

    def at(self, beat: float) -> DraftChord:
        """Return the chord sounding at `beat`."""
        return self._chords[self.index_at(beat)]

    def after(self, beat: float) -> DraftChord:
        """Return the chord that follows the one sounding at `beat`; the last follows itself."""
        return self._chords[min(len(self._chords) - 1, self.index_at(beat) + 1)]

    def within(self, start: float, end: float) -> tuple[DraftChord, ...]:
        """Return the chords that begin in `start` to `end`, and the one sounding at `start`."""
        return self._chords[self.index_at(start) : bisect_left(self._starts, end)]

    def voicings(self, part: Part, voices: int = 4) -> dict[float, Voicing]:
        """Return the part's voicing of every chord, by the chord's beat."""
        low, high = part.pitch_range
        voiced = voice_progression(
            self._chords,
            low,
            high,
            voices,
            rootless=self._rootless,
            planing=self._planing,
            plain=part.layer == "pad",
            home=self.tonic,
            beside=[chord.voicing for chord in self._chords],
        )
        return dict(zip(self._starts, voiced, strict=True))


def spread(velocity: float, rng: np.random.Generator) -> int:
    """Return `velocity` with a human's unevenness of ±6 %, within 1 to 127."""
    uneven = 2.0 * rng.random() - 1.0  # what uniform(-1, 1) draws, in a third of its time
    return min(127, max(1, round(velocity * (1.0 + SPREAD * uneven))))


@lru_cache(maxsize=4096)
def pitch_near(pitch_class: int, near: float, low: int, high: int) -> int:
    """Return the pitch of a class nearest to `near` within the range (the lower one on a tie)."""
    places = [p for p in range(low, high + 1) if p % 12 == pitch_class % 12]
    if not places:
        return low + (pitch_class - low) % 12
    return min(places, key=lambda p: (abs(p - near), p))


def steps_of(grid: str, bar: int, steps: int) -> str:
    """Return the bar's share of a grid that may span several bars."""
    spans = max(1, len(grid) // steps)
    at = (bar % spans) * steps
    return grid[at : at + steps]


def small_change(row: str, bar: Bar, rng: np.random.Generator) -> str:
    """Return the bar's row with something small changed in every fourth bar, more in every eighth.

    A soft step comes, goes or moves by one; accents stay, so that the pattern is still itself.
    Every second block of eight changes in one more bar, so that no block is the one before.
    """
    odd = bar.number // 8 % 2 == 1 and bar.index % 8 == 4
    if bar.index % 4 != 3 and not odd:
        return row
    changed = row
    for turn in range(2 if bar.index % 8 == 7 else 1):
        ways = [_step_added, _step_moved, _step_dropped]
        first = (bar.number // 8 + turn + int(rng.integers(2))) % len(ways)
        for way in ways[first:] + ways[:first]:
            candidate = way(changed, rng)
            if candidate not in (changed, row):
                changed = candidate
                break
    return changed


def _step_added(row: str, rng: np.random.Generator) -> str:
    """Put a step on an empty eighth after the first beat."""
    beat = len(row) // BEATS_PER_BAR
    free = [i for i in range(beat, len(row)) if row[i] in ".-" and i % max(1, beat // 2) == 0] or [
        i for i in range(beat, len(row)) if row[i] in ".-"
    ]
    return _with(row, free, "x", rng)


def _step_moved(row: str, rng: np.random.Generator) -> str:
    """Let a soft step come one earlier."""
    soft = [i for i in range(1, len(row)) if row[i] in "xog" and row[i - 1] == "."]
    if not soft:
        return row
    at = soft[int(rng.integers(len(soft)))]
    return row[: at - 1] + row[at] + "." + row[at + 1 :]


def _step_dropped(row: str, rng: np.random.Generator) -> str:
    """Leave a soft step out, unless the bar would be empty."""
    if sum(mark not in ".-" for mark in row) < 2:
        return row
    soft = [i for i in range(1, len(row)) if row[i] in "xogf8"]
    return _with(row, soft, "-" if "-" in row else ".", rng)


def _with(row: str, places: Sequence[int], mark: str, rng: np.random.Generator) -> str:
    if not places:
        return row
    at = places[int(rng.integers(len(places)))]
    return row[:at] + mark + row[at + 1 :]


def held_length(row: str, at: int, step_beats: float) -> float:
    """Return the written length in beats of the step `at` with the holds that follow it."""
    end = at + 1
    while end < len(row) and row[end] == "-":
        end += 1
    return (end - at) * step_beats


def until_next(row: str, at: int, step_beats: float) -> float:
    """Return the beats from step `at` to the next sounding step, or to the end of the row."""
    end = at + 1
    while end < len(row) and row[end] in ".-":
        end += 1
    return (end - at) * step_beats


def final_chord(
    context: Context,
    voicing: Sequence[int],
    velocity: int,
    strum_ms: float,
    rng: np.random.Generator,
) -> list[DraftNote]:
    """Return the last bar's chord, rolled, ringing to the end of the bar."""
    beat = float((context.bars - 1) * BEATS_PER_BAR)
    return [
        DraftNote(beat, float(BEATS_PER_BAR), pitch, spread(velocity, rng), delay_ms=i * strum_ms)
        for i, pitch in enumerate(voicing)
    ]


def varied_blocks(notes: Sequence[DraftNote]) -> list[DraftNote]:
    """Return a line in which no eight bars are those before them: the later ones leave a note out.

    Left out is the shortest note, the last of several, so that the line keeps its shape.
    """
    blocks: dict[int, list[DraftNote]] = {}
    for note in notes:
        blocks.setdefault(int(note.beat // BLOCK_BEATS), []).append(note)
    for number in sorted(blocks):
        block, before = blocks[number], blocks.get(number - 1, [])
        if len(block) > 1 and _pattern(block) == _pattern(before):
            block.remove(min(reversed(block), key=lambda note: note.beats))
    return [note for number in sorted(blocks) for note in blocks[number]]


def _pattern(notes: Sequence[DraftNote]) -> list[tuple[float, int]]:
    return [(round(note.beat % BLOCK_BEATS, 3), note.pitch) for note in notes]
