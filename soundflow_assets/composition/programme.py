"""A programme's movements in their places: handed over to each other, and joined into one score.

Neighbours share the bars of a blend: the outgoing movement's last, the incoming one's first. With a
kit, the music changes hands in the middle of them as it does between two records: pitched parts,
and what both play of the body of the kit, belong to the outgoing movement before that and to the
incoming one after it; everything else plays on in both while the sound cross-fades, so that drums
carry over an opening that has none. Without a kit both play all they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from soundflow_assets.composition.draft import BEATS_PER_BAR
from soundflow_assets.composition.fills import BODY
from soundflow_assets.composition.score import Chord, Hit, Note, PartScore, Score, Section
from soundflow_assets.plans.model import TrackPlan

CUES = frozenset({"crash", "impact", "riser", "reverse_swell", "downlifter"})
Event = TypeVar("Event", Note, Hit)
SHORTEST_BEATS = 1.0  # of a note that is taken over in its middle


@dataclass(frozen=True, slots=True)
class Passage:
    """A movement in its place; plan and score are in the movement's own time."""

    plan: TrackPlan
    score: Score
    start_bar: int = 0

    @property
    def start_s(self) -> float:
        """Where the movement begins in the programme."""
        return self.start_bar * 240.0 / self.plan.bpm

    @property
    def start_beat(self) -> int:
        """The same in beats."""
        return self.start_bar * BEATS_PER_BAR


def has_beat(plan: TrackPlan) -> bool:
    """Say whether drums are heard in a track."""
    return plan.choices.kit is not None and plan.layers.drums > 0


def handed_over(passages: Sequence[Passage], blend_bars: int) -> tuple[Passage, ...]:
    """Return the movements as they are played; passages without a beat stay as they are."""
    scores = [passage.score for passage in passages]
    half = blend_bars // 2 * BEATS_PER_BAR
    for index, (one, two) in enumerate(pairwise(passages)):
        if not (has_beat(one.plan) and has_beat(two.plan)):
            continue
        end = one.score.bars * BEATS_PER_BAR
        shared = CUES | (
            BODY & _sounds(one.score, end - 2 * half, end) & _sounds(two.score, 0, 2 * half)
        )
        scores[index] = _within(scores[index], 0, end - half, shared)
        end = two.score.bars * BEATS_PER_BAR
        scores[index + 1] = _within(scores[index + 1], half, end, shared)
    return tuple(
        replace(passage, score=score) for passage, score in zip(passages, scores, strict=True)
    )


def _sounds(score: Score, first: int, last: int) -> set[str]:
    """Return what is struck from beat `first` to beat `last`."""
    return {hit.sound for hit in score.hits if first <= hit.beat < last}


def _within(score: Score, first: int, last: int, sounds: frozenset[str]) -> Score:
    """Let the pitched parts and `sounds` play from beat `first` to beat `last` only."""
    span_s = score.beat_times_s[first], score.beat_times_s[last]
    beat_s = 60.0 / score.bpm
    parts = tuple(
        replace(part, notes=tuple(_kept(part.notes, first, last, span_s, beat_s)))
        for part in score.parts
    )
    hits = tuple(hit for hit in score.hits if hit.sound not in sounds or first <= hit.beat < last)
    return replace(score, parts=parts, hits=hits)


def _kept(
    notes: Iterable[Note], first: int, last: int, span_s: tuple[float, float], beat_s: float
) -> Iterator[Note]:
    start_s, end_s = span_s
    for note in notes:
        if note.beat >= last:
            continue
        off_s = note.onset_s + note.duration_s
        if note.beat < first:
            # What sounds on beyond the change enters with it.
            if off_s - start_s < SHORTEST_BEATS * beat_s:
                continue
            moved = round(off_s - start_s, 6)
            yield replace(note, beat=float(first), onset_s=start_s, duration_s=moved)
        elif off_s > end_s + beat_s:
            yield replace(note, duration_s=round(end_s + beat_s - note.onset_s, 6))
        else:
            yield note


def joined(plan: TrackPlan, passages: Sequence[Passage]) -> Score:
    """Return the score of the whole, in the programme's time."""
    if plan.programme is None:
        return passages[0].score
    first, last = passages[0].score, passages[-1]
    times = tuple(_beat_times(passages))
    return replace(
        first,
        key=plan.key,
        duration_s=plan.duration_s,
        body_s=times[-1],
        bars=last.start_bar + last.score.bars,
        beat_times_s=times,
        sections=tuple(
            replace(
                section,
                start_s=times[section.start_bar * BEATS_PER_BAR],
                end_s=times[(section.start_bar + section.bars) * BEATS_PER_BAR],
            )
            for section in _sections(passages, plan.programme.blend_bars)
        ),
        chords=tuple(_chords(passages, plan.programme.blend_bars)),
        parts=tuple(_parts(plan, passages)),
        hits=tuple(
            sorted(
                (_shifted(hit, one) for one in passages for hit in one.score.hits),
                key=lambda hit: (hit.onset_s, hit.sound),
            )
        ),
    )


def _shifted(event: Event, passage: Passage) -> Event:
    return replace(
        event,
        beat=round(event.beat + passage.start_beat, 6),
        onset_s=round(event.onset_s + passage.start_s, 6),
    )


def _beat_times(passages: Sequence[Passage]) -> Iterator[float]:
    for one, following in pairwise(passages):
        for time in one.score.beat_times_s[: following.start_beat - one.start_beat]:
            yield round(one.start_s + time, 6)
    for time in passages[-1].score.beat_times_s:
        yield round(passages[-1].start_s + time, 6)


def _parts(plan: TrackPlan, passages: Sequence[Passage]) -> Iterator[PartScore]:
    """Yield each role's notes; it is named by the instrument that plays it first."""
    for role in (part.role for part in plan.spec.parts):
        played = [(one, part) for one in passages if (part := one.score.part(role)) is not None]
        if not played:
            continue
        notes = [_shifted(note, one) for one, part in played for note in part.notes]
        ordered = sorted(notes, key=lambda note: (note.onset_s, note.pitch))
        yield PartScore(role, played[0][1].instrument, tuple(ordered))


def _chords(passages: Sequence[Passage], blend_bars: int) -> Iterator[Chord]:
    """Yield chords without gap or overlap: in a blend they change hands in the middle."""
    half = blend_bars // 2 * BEATS_PER_BAR
    for index, one in enumerate(passages):
        times = one.score.beat_times_s
        first = half if index else 0
        last = one.score.bars * BEATS_PER_BAR - (half if index < len(passages) - 1 else 0)
        for chord in one.score.chords:
            start, end = max(chord.beat, first), min(chord.beat + chord.beats, last)
            if end <= start:
                continue
            onset_s = times[first] if start > chord.beat else chord.onset_s
            off_s = times[last] if end == last else chord.onset_s + chord.duration_s
            yield replace(
                chord,
                beat=round(start + one.start_beat, 6),
                beats=round(end - start, 6),
                onset_s=round(onset_s + one.start_s, 6),
                duration_s=round(off_s - onset_s, 6),
            )


def _sections(passages: Sequence[Passage], blend_bars: int) -> Iterator[Section]:
    """Yield sections numbered by movement, and one for each blend."""
    for index, one in enumerate(passages):
        first = blend_bars if index else 0
        last = one.score.bars - (blend_bars if index < len(passages) - 1 else 0)
        if index:
            yield _blend(passages[index - 1], one, index, blend_bars)
        for section in one.score.sections:
            start, end = max(section.start_bar, first), min(section.start_bar + section.bars, last)
            if end > start:
                yield _placed(one, section, f"{index + 1}.{section.name}", start, end)


def _blend(before: Passage, after: Passage, number: int, bars: int) -> Section:
    out = [s for s in before.score.sections if s.start_bar + s.bars > before.score.bars - bars]
    into = [s for s in after.score.sections if s.start_bar < bars]
    roles = dict.fromkeys(role for section in (*out, *into) for role in section.roles)
    energy = 0.5 * (out[-1].energy + into[0].energy)
    model = replace(into[0], energy=round(energy, 4), roles=tuple(roles), transition="fade")
    return _placed(after, model, f"{number}.to_{number + 1}", 0, bars)


def _placed(passage: Passage, section: Section, name: str, start: int, end: int) -> Section:
    """Return a section in the programme's bars; its times follow from them."""
    return replace(section, name=name, start_bar=start + passage.start_bar, bars=end - start)
