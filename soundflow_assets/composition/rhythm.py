"""Rhythm: the kit's lanes written out bar by bar, with fills, builds and cues into sections.

A grid mark is a weight, not a sample: `X` accent, `x` normal, `o` soft, `g` ghost. Accents and
normal strokes always sound; which soft and ghost strokes join them is settled for sixteen bars at
a time by the lane's chance and the section's energy: a groove is what comes back, and a calmer
section is a sparser one. Every fourth bar changes a detail, every eighth exchanges one lane's grid,
the last bar of eight takes a fill. Swing, offsets and jitter are `perform`'s.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from soundflow_assets.composition.cues import build_hits, cue_hits, mute_from
from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftHit, DraftSection
from soundflow_assets.composition.fills import fill_bar
from soundflow_assets.composition.form import is_build
from soundflow_assets.composition.lanes import lane_bars, step_beats
from soundflow_assets.plans.drums import Lane
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator, shuffled

VELOCITY = {"X": 112, "x": 92, "o": 68, "g": 28}
VELOCITY_SPREAD = 0.06
HAND_WEIGHT = (1.0, 0.8, 1.1, 0.76)  # a hand leans on one and three, beat by beat
HATS = frozenset({"hat_closed", "hat_open", "ride", "shaker"})
SPARSE = 2  # strokes in a bar; a hat that plays no more leans on every second figure instead
PAIR_WEIGHT = (1.14, 0.76)
STEADY = frozenset({"kick", "snare", "clap"})  # struck alike on every beat
CORE = frozenset({"kick", "snare", "clap", "ride", "hat_foot"})  # the genre's backbone
BLOCK = 8  # bars
SETTLED = 16  # bars that keep one choice of soft strokes
FULL = 0.85  # of a bar's steps
COMPED = 4  # comping figures in a drummer's phrase


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar's place: its index in the track, in its section, and the section itself."""

    index: int
    within: int
    section: DraftSection
    exchanged: str | None  # the lane that plays another grid in this block of eight

    @property
    def start(self) -> float:
        return float(self.index * BEATS_PER_BAR)

    @property
    def closes_block(self) -> bool:
        return self.within % BLOCK == BLOCK - 1 or self.closes_section

    @property
    def closes_section(self) -> bool:
        return self.within == self.section.bars - 1


def write_hits(plan: TrackPlan, sections: Sequence[DraftSection]) -> tuple[DraftHit, ...]:
    """Return every drum and effect event of the track, in order of beat.

    A genre without a kit has none.
    """
    if not plan.kit:
        return ()
    hits: list[DraftHit] = []
    for place, section in enumerate(sections):
        last = place == len(sections) - 1
        body = list(_section_hits(plan, section, last))
        if is_build(section.name):
            body.extend(build_hits(plan, section))
        mute = mute_from(section, last)
        hits.extend(hit for hit in body if mute is None or hit.beat < mute)
        if not last:
            hits.extend(cue_hits(plan, section, sections[place + 1]))
    return _settled(hits)


def _section_hits(plan: TrackPlan, section: DraftSection, last: bool) -> Iterable[DraftHit]:
    for within in range(section.bars):
        exchanged = _exchanged(plan, section, within // BLOCK)
        bar = _Bar(section.start_bar + within, within, section, exchanged)
        hits = [
            hit
            for sound, lane in plan.spec.drums.lanes.items()
            if sound in section.roles
            for hit in _lane_hits(plan, sound, lane, bar)
        ]
        changed = hits
        if bar.within % 4 == 3 and not bar.closes_block:
            changed = _detail_changed(plan, hits, bar)
        if hits and bar.closes_block and not (last and bar.closes_section):
            strength = section.energy * (1.0 if bar.closes_section else 0.6)
            changed = fill_bar(plan, hits, bar.start, strength, bar.index)
        if changed is not hits and _full(plan, hits) and _places(changed) == _places(hits):
            changed = _breathed(plan, changed, bar.start + 2.0)
        yield from changed


def _lane_hits(plan: TrackPlan, sound: str, lane: Lane, bar: _Bar) -> Iterable[DraftHit]:
    marks = _marks(plan, sound, lane, bar)
    energy = bar.section.energy
    soft, ghost = lane.chance * (0.8 + 0.2 * energy), lane.chance * (0.35 + 0.65 * energy)
    # A jazz drummer's soft strokes are a phrase of four bars, others' are one bar that stays.
    turn = bar.within % COMPED if plan.spec.drums.steps == 12 else 0
    settled = plan.scope("drums", sound, "soft", bar.within // SETTLED, marks, turn)
    struck = _struck(settled, marks, soft, ghost)
    if not struck:
        return
    uneven = generator(*plan.scope("drums", sound, bar.index)).random(len(marks)).tolist()
    places = step_beats(len(marks))
    level, steady, start = 0.9 + 0.12 * energy, sound in STEADY, bar.start
    lean = 1.0
    if sound in HATS and sum(mark in VELOCITY for mark in marks) <= SPARSE:
        spans = len(lane_bars(lane, len(marks), plan.choices.lanes.get(sound, 0)))
        lean = PAIR_WEIGHT[bar.within // spans % 2]
    for step in struck:
        mark, beat = marks[step], places[step]
        hand_weight = 1.0 if steady or mark == "g" else HAND_WEIGHT[int(beat)]
        weight = VELOCITY[mark] * level * (1.0 + VELOCITY_SPREAD * (2.0 * uneven[step] - 1.0))
        yield DraftHit(start + beat, sound, _velocity(weight * hand_weight * lean))


@functools.lru_cache(maxsize=256)  # sixteen bars ask for the same
def _struck(scope: tuple[object, ...], marks: str, soft: float, ghost: float) -> tuple[int, ...]:
    """Return the steps that sound, soft and ghost ones by their chances.

    A lane of soft strokes alone keeps at least its likeliest.
    """
    keep = {"X": 1.0, "x": 1.0, "o": soft, "g": ghost}
    chances = generator(*scope).random(len(marks)).tolist()
    light = [step for step, mark in enumerate(marks) if mark in "og"]
    if light and not set(marks) & {"X", "x"}:
        chances[min(light, key=chances.__getitem__)] = 0.0
    return tuple(
        step for step, mark in enumerate(marks) if mark in keep and chances[step] < keep[mark]
    )


def _marks(plan: TrackPlan, sound: str, lane: Lane, bar: _Bar) -> str:
    """Return the marks of one lane for one bar."""
    steps = plan.spec.drums.steps
    chosen = plan.choices.lanes.get(sound, 0)
    if sound == "brush" and steps == 12:
        return _comped(plan, lane, bar)
    if sound == bar.exchanged:
        chosen += bar.within // BLOCK
    if sound == "ride" and steps == 12 and bar.within % 4 == 2:
        chosen += 1  # a jazz drummer's ride turns a little in every third bar
    bars = lane_bars(lane, steps, chosen)
    return bars[bar.within % len(bars)]


def _exchanged(plan: TrackPlan, section: DraftSection, block: int) -> str | None:
    """Return the lane that plays another grid in this block of eight bars, none in the first."""
    free = [
        sound
        for sound, lane in plan.spec.drums.lanes.items()
        if sound in section.roles and sound not in CORE and len(lane.grids) > 1
    ]
    return free[(section.start_bar // BLOCK + block) % len(free)] if free and block else None


def _comped(plan: TrackPlan, lane: Lane, bar: _Bar) -> str:
    """Return a brush figure for this bar: any of the lane's, never the same twice running."""
    figures = sorted({b for i in range(len(lane.grids)) for b in lane_bars(lane, 12, i)})
    order = shuffled(plan.scope("drums", "comping"), len(figures))
    # Two phrases of four figures, taken in turn: no figure stands beside itself.
    phrase, place = bar.within // SETTLED % 2, bar.within % COMPED
    return figures[order[(phrase * COMPED + place) % len(figures)]]


def _detail_changed(plan: TrackPlan, hits: list[DraftHit], bar: _Bar) -> list[DraftHit]:
    """Change one detail: leave out, move or add one light stroke, or breathe before the bar line.

    The detail belongs to the groove: it is the same wherever this bar of a section comes round.
    """
    rng = generator(*plan.scope("drums", "detail", bar.within % SETTLED))
    light = [i for i, hit in enumerate(hits) if hit.sound not in CORE and hit.velocity < 90]
    if not light:
        return hits
    index = light[int(rng.integers(len(light)))]
    hit = hits[index]
    kind = int(rng.integers(4))
    if kind == 3 or _full(plan, hits):
        return _breathed(plan, hits, bar.start + BEATS_PER_BAR)
    if kind == 0:
        return [other for other in hits if other.beat != hit.beat or other.sound in CORE]
    later = hit._replace(beat=hit.beat + _unit(plan), velocity=max(20, hit.velocity - 15))
    free = later.beat < bar.start + BEATS_PER_BAR and all(
        (other.beat, other.sound) != (later.beat, later.sound) for other in hits
    )
    if not free:
        return hits[:index] + hits[index + 1 :]
    if kind == 1:
        return [*hits[:index], later, *hits[index + 1 :]]
    return [*hits, later]


def _places(hits: Iterable[DraftHit]) -> set[float]:
    return {hit.beat for hit in hits}


def _full(plan: TrackPlan, hits: Iterable[DraftHit]) -> bool:
    """Whether so many steps are taken that only a gap is heard as a change."""
    return len(_places(hits)) > FULL * BEATS_PER_BAR / _unit(plan)


def _breathed(plan: TrackPlan, hits: Iterable[DraftHit], beat: float) -> list[DraftHit]:
    """Leave the last two steps before `beat` to the backbone."""
    start = beat - 2 * _unit(plan)
    return [hit for hit in hits if not start <= hit.beat < beat or hit.sound in CORE]


def _unit(plan: TrackPlan) -> float:
    """Return the smallest step in quarter notes that the genre's grid knows."""
    return 0.25 if plan.spec.drums.steps == 16 else 0.5


def _velocity(weight: float) -> int:
    return min(127, max(1, round(weight)))


def _settled(hits: Iterable[DraftHit]) -> tuple[DraftHit, ...]:
    """Order the events, keep the loudest of doubled strokes, let an open hat silence a closed one.

    One foot works the hi-hat: where both are written on one step, only the open one sounds.
    """
    loudest: dict[tuple[float, str], DraftHit] = {}
    for hit in hits:
        place = (_rounded(hit.beat), hit.sound)
        if place not in loudest or loudest[place].velocity < hit.velocity:
            loudest[place] = hit
    open_beats = {beat for beat, sound in loudest if sound == "hat_open"}
    kept = [
        hit
        for (beat, sound), hit in loudest.items()
        if not (sound == "hat_closed" and beat in open_beats)
    ]
    return tuple(sorted(kept, key=attrgetter("beat", "sound")))


@functools.lru_cache(maxsize=4096)
def _rounded(beat: float) -> float:
    return round(beat, 4)
