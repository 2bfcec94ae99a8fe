"""Performance: written beats to sounding seconds. Tempo, rubato, swing, offsets, jitter.

Three things move a note off the grid, in this order: the swing warps the beat itself, the tempo
curve turns beats into seconds, and the player adds a fixed offset (a snare that lies back) and a
small correlated unsteadiness. Random jitter makes no groove, so it is small and common to all
that is struck at one moment; the fixed offsets carry the feel.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

import numpy as np

from soundflow_assets.composition.draft import DraftHit, DraftNote
from soundflow_assets.composition.score import Hit, Note
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator

CORRELATION = 0.6  # AR(1) coefficient of the timing jitter
SHORTEST_NOTE_S = 0.03
CADENCE = 2.0  # a phrase ends slower by this multiple of the rubato
PHRASE_BEATS = 32  # eight bars of four


@dataclass(frozen=True, slots=True)
class Clock:
    """Beats to seconds for one track: swing and tempo curve. It knows what it was asked before."""

    beat_times_s: tuple[float, ...]  # of every quarter note, the end of the body included
    swing: float  # percent of the pair at which the off-beat falls
    pair_beats: float  # length of the swung pair: 0.5 for sixteenths, 1 for eighths
    _known: dict[float, float] = field(default_factory=dict, repr=False, compare=False)

    def seconds(self, beat: float) -> float:
        """Return when a written beat sounds (strictly increasing in `beat`)."""
        found = self._known.get(beat)
        if found is None:
            found = self._known[beat] = self._sounding(beat)
        return found

    def _sounding(self, beat: float) -> float:
        warped = swung(beat, self.swing, self.pair_beats)
        last = len(self.beat_times_s) - 2
        index = min(max(int(warped), 0), last)
        start, end = self.beat_times_s[index], self.beat_times_s[index + 1]
        return start + (warped - index) * (end - start)

    @property
    def body_s(self) -> float:
        """End of the last bar."""
        return self.beat_times_s[-1]


def clock_of(plan: TrackPlan, bars: int) -> Clock:
    """Return the clock of a track of `bars` bars."""
    pair_beats = 0.5 if plan.spec.feel.swing_unit == "sixteenth" else 1.0
    times = beat_times(bars * 4, plan.bpm, plan.spec.bpm.rubato)
    return shared_clock(times, plan.choices.swing, pair_beats)


@functools.lru_cache(maxsize=4)
def shared_clock(beat_times_s: tuple[float, ...], swing: float, pair_beats: float) -> Clock:
    """Return the clock that all candidates of a plan, and who measures them, go by."""
    return Clock(beat_times_s, swing, pair_beats)


def swung(beat: float, percent: float, pair_beats: float) -> float:
    """Return where a written beat falls when off-beats come at `percent` of their pair.

    >>> swung(0.25, 66.0, 0.5), swung(0.5, 66.0, 0.5)
    (0.33, 0.5)
    """
    pair = beat // pair_beats
    place = beat / pair_beats - pair
    late = percent / 100.0
    moved = place * 2.0 * late if place < 0.5 else late + (place - 0.5) * 2.0 * (1.0 - late)
    return (pair + moved) * pair_beats


@functools.lru_cache(maxsize=4)
def beat_times(beats: int, bpm: float, rubato: float) -> tuple[float, ...]:
    """Return the time of every quarter note, 0 to the end, in seconds.

    With rubato the tempo draws an arch over each phrase of eight bars, up by `rubato` in its
    middle and down at its edges, and the phrase's last two beats slow by twice that. The whole is
    scaled so that the piece keeps its nominal length.
    """
    lengths = []
    for beat in range(beats):
        place = (beat % PHRASE_BEATS + 0.5) / PHRASE_BEATS
        aside = 2.0 * place - 1.0
        tempo = 1.0 + rubato * (1.0 - 2.0 * aside * aside)
        if beat % PHRASE_BEATS >= PHRASE_BEATS - 2:
            tempo = 1.0 - CADENCE * rubato
        lengths.append(1.0 / tempo)
    scale = beats * 60.0 / bpm / math.fsum(lengths)
    times = [0.0]
    for length in lengths:
        times.append(times[-1] + length * scale)
    return tuple(round(time, 6) for time in times)


def perform_notes(
    plan: TrackPlan, role: str, notes: Iterable[DraftNote], clock: Clock
) -> tuple[Note, ...]:
    """Return a part as played, in order of onset, every note inside the body."""
    ordered = sorted(notes, key=attrgetter("beat", "delay_ms", "pitch"))
    shifts = _shifts(plan, role, [note.beat for note in ordered], _offset(plan, role))
    seconds, body_s = clock.seconds, clock.body_s
    places = {beat: (_rounded(beat), seconds(beat) + shift) for beat, shift in shifts.items()}
    played = []
    for beat, beats, pitch, velocity, articulation, delay_ms in ordered:
        place, moment = places[beat]
        onset = max(0.0, moment + delay_ms / 1000.0)
        if onset >= body_s - SHORTEST_NOTE_S:
            continue
        # A held note ends on the beat it is written to, wherever its start was moved.
        duration = max(SHORTEST_NOTE_S, min(seconds(beat + beats), body_s) - onset)
        loud = min(127, max(1, velocity))
        played.append(Note(place, round(onset, 6), round(duration, 6), pitch, loud, articulation))
    return _untangled(played)


def perform_hits(plan: TrackPlan, hits: Sequence[DraftHit], clock: Clock) -> tuple[Hit, ...]:
    """Return the kit as played. The whole kit shares its unsteadiness: one drummer, one body."""
    shifts = _shifts(plan, "drums", [hit.beat for hit in hits], 0.0)
    offsets = {sound: _offset(plan, sound) for sound in {hit.sound for hit in hits}}
    seconds, body_s = clock.seconds, clock.body_s
    places = {beat: (_rounded(beat), seconds(beat), shift) for beat, shift in shifts.items()}
    played = []
    for beat, sound, velocity, beats in hits:
        place, moment, shift = places[beat]
        long = beats > 0
        onset = max(0.0, moment if long else moment + (shift + offsets[sound]))
        if onset >= body_s - 1e-6:
            continue
        duration = max(0.0, min(seconds(beat + beats), body_s) - onset) if long else 0.0
        played.append(Hit(place, round(onset, 6), sound, velocity, round(duration, 6)))
    return tuple(sorted(played, key=attrgetter("onset_s", "sound")))


@functools.lru_cache(maxsize=4096)  # the beats of a track are few beside its notes
def _rounded(beat: float) -> float:
    return round(beat, 6)


def _offset(plan: TrackPlan, name: str) -> float:
    """Return the fixed offset of a role or sound in seconds."""
    return plan.spec.feel.offsets_ms.get(name, 0.0) / 1000.0


def _shifts(
    plan: TrackPlan, role: str, beats: Iterable[float], offset_s: float
) -> dict[float, float]:
    """Return offset plus AR(1) jitter for each distinct beat of a role, in seconds."""
    distinct = sorted(set(beats))
    rng = generator(*plan.scope(role, "timing"))
    sigma = plan.spec.feel.jitter_ms / 1000.0
    step_size = sigma * math.sqrt(1.0 - CORRELATION * CORRELATION)
    fresh = np.round(rng.standard_normal(len(distinct)), 9) * step_size
    most = 3.0 * sigma  # beyond three deviations a player would notice and correct
    shifts, drift = {}, 0.0
    for beat, step in zip(distinct, fresh.tolist(), strict=True):
        drift = CORRELATION * drift + step
        if abs(drift) > most:
            drift = math.copysign(most, drift)
        shifts[beat] = offset_s + drift
    return shifts


def _untangled(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Order by onset and cut a note short where the same pitch is struck again."""
    struck: dict[tuple[float, int], Note] = {}
    for note in sorted(notes, key=attrgetter("onset_s", "pitch")):
        place = (note.onset_s, note.pitch)
        if place not in struck or struck[place].velocity < note.velocity:
            struck[place] = note  # of two at one place the louder one sounds
    kept: list[Note] = []
    following: dict[int, float] = {}  # when each pitch is struck again
    for (onset_s, pitch), note in reversed(struck.items()):
        room = following.get(pitch, math.inf) - onset_s
        following[pitch] = onset_s
        if room < SHORTEST_NOTE_S:
            continue  # struck again at once: the later stroke stands for both
        kept.append(note if note.duration_s <= room else replace(note, duration_s=round(room, 6)))
    return tuple(reversed(kept))
