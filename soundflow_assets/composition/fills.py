"""Fills: the last bar of a block rewritten, more of it the more energy there is.

Each fill takes the bar's events and returns the bar's events. A fill is only chosen where the
section plays what it builds on, so that a drumless section stays drumless.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from soundflow_assets.composition.draft import BEATS_PER_BAR, DraftHit
from soundflow_assets.plans.drums import Fill
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import generator, shuffled

Hits = list[DraftHit]
BODY = frozenset({"kick", "snare", "clap", "snap", "brush"})


@dataclass(frozen=True, slots=True)
class _Fill:
    """Where a fill stands: the bar's first beat, strength 0 to 1, the kit, the smallest step."""

    start: float
    strength: float
    kit: frozenset[str]
    unit: float
    rng: np.random.Generator

    @property
    def end(self) -> float:
        return self.start + BEATS_PER_BAR

    def run(self, beats: float) -> list[float]:
        """Return evenly spaced places over the last `beats` of the bar."""
        count = round(beats / self.unit)
        return [self.end - beats + self.unit * step for step in range(count)]

    def hit(self, beat: float, sound: str, velocity: float) -> DraftHit:
        spread = 1.0 + 0.05 * float(self.rng.uniform(-1.0, 1.0))
        return DraftHit(beat, sound, min(127, max(1, round(velocity * spread))))

    def first_of(self, *sounds: str) -> str | None:
        return next((sound for sound in sounds if sound in self.kit), None)


def fill_bar(plan: TrackPlan, hits: Hits, start: float, strength: float, bar: int) -> Hits:
    """Return the bar's events with one of the genre's fills; consecutive fills differ."""
    playing = {hit.sound for hit in hits}
    possible = [name for name in plan.spec.drums.fills if _fits(name, playing)]
    if not possible:
        return hits
    order = shuffled(plan.scope("fills"), len(possible))
    name = possible[order[(bar // 4) % len(possible)]]
    place = _Fill(
        start=start,
        strength=strength,
        kit=frozenset(plan.kit),
        unit=0.25 if plan.spec.drums.steps == 16 else 0.5,
        rng=generator(*plan.scope("fills", bar)),
    )
    return _FILLS[name](hits, place)


def _fits(name: Fill, playing: set[str]) -> bool:
    needs = _NEEDS.get(name)
    return bool(playing & (needs or BODY))


def _without(hits: Hits, start: float, *sounds: str) -> Hits:
    """Return the events without `sounds` (all, when none is named) from `start` on."""
    return [hit for hit in hits if hit.beat < start or (sounds and hit.sound not in sounds)]


def _crescendo(place: _Fill, sounds: Sequence[str], beats: float, low: float, high: float) -> Hits:
    """Return a run over the last `beats`, going through `sounds`, rising in level."""
    places = place.run(beats)
    return [
        place.hit(
            beat,
            sounds[min(len(sounds) - 1, step * len(sounds) // len(places))],
            low + (high - low) * step / max(1, len(places) - 1),
        )
        for step, beat in enumerate(places)
    ]


def _snare_roll(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("snare", "clap")
    if sound is None:
        return hits
    beats = 2.0 if place.strength > 0.55 else 1.0
    rest = _without(hits, place.end - beats, "snare", "clap")
    return rest + _crescendo(place, [sound], beats, 50, 75 + 40 * place.strength)


def _snare_swell(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("snare", "clap")
    if sound is None:
        return hits
    rest = _without(hits, place.end - 1.0, "snare", "clap")
    if place.strength > 0.5:
        rest = _without(rest, place.end - 2.0, "kick")
    return rest + _crescendo(place, [sound], 1.0, 30, 55 + 45 * place.strength)


def _tom_run(hits: Hits, place: _Fill) -> Hits:
    toms = [sound for sound in ("tom_high", "tom_mid", "tom_low") if sound in place.kit]
    if not toms:
        return hits
    beats = 2.0 if place.strength > 0.5 else 1.0
    rest = _without(hits, place.end - beats, "hat_closed", "tom_low", "tom_mid", "snare", "clap")
    run = _crescendo(place, toms, beats, 62, 72 + 40 * place.strength)
    # Three, three, two: the accents of the run.
    return rest + [
        hit._replace(velocity=min(127, hit.velocity + 14)) if step % 8 in (0, 3, 6) else hit
        for step, hit in enumerate(run)
    ]


def _open_hat_swap(hits: Hits, place: _Fill) -> Hits:
    rest = _without(hits, place.end - 1.0, "hat_closed", "hat_open")
    swapped = [place.hit(place.end - 0.5, "hat_open", 75 + 30 * place.strength)]
    if place.strength > 0.6:
        swapped.append(place.hit(place.end - 1.0, "hat_open", 70))
    return rest + swapped


def _rim_ghosts(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("rim", "snare")
    if sound is None:
        return hits
    ghosts = (place.end - 5 * place.unit, place.end - 3 * place.unit, place.end - place.unit)
    rest = _without(hits, place.end - 1.5, sound)
    return rest + [
        place.hit(beat, sound, 34 + 8 * step + 25 * place.strength)
        for step, beat in enumerate(ghosts)
    ]


def _kick_drop(hits: Hits, place: _Fill) -> Hits:
    beats = 4.0 if place.strength > 0.75 else 2.0
    return _without(hits, place.end - beats, "kick")


def _hat_triplet(hits: Hits, place: _Fill) -> Hits:
    rest = _without(hits, place.end - 1.0, "hat_closed", "hat_open")
    third = 1.0 / 3.0
    return rest + [
        place.hit(place.end - 1.0 + third * step, "hat_closed", 58 + 14 * step) for step in range(3)
    ]


def _snare_flam(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("snare", "clap", "brush")
    if sound is None:
        return hits
    beat = place.end - (1.0 if place.strength < 0.6 else 0.5)
    loud = 80 + 30 * place.strength
    rest = [hit for hit in hits if hit.sound != sound or abs(hit.beat - beat) > 0.2]
    return [*rest, place.hit(beat - 0.06, sound, 0.55 * loud), place.hit(beat, sound, loud)]


def _half_bar_rest(hits: Hits, place: _Fill) -> Hits:
    return _without(hits, place.start + 2.0)


def _conga_run(hits: Hits, place: _Fill) -> Hits:
    congas = [sound for sound in ("conga_high", "conga_low") if sound in place.kit]
    if not congas:
        return hits
    beats = 2.0 if place.strength > 0.4 else 1.0
    rest = _without(hits, place.end - beats, *congas)
    run = _crescendo(place, congas, beats, 52, 66 + 40 * place.strength)
    return rest + [hit for step, hit in enumerate(run) if step % 4 != 1]


def _brush_swirl(hits: Hits, place: _Fill) -> Hits:
    if "brush" not in place.kit:
        return hits
    rest = _without(hits, place.end - 1.0, "brush")
    return rest + _crescendo(place, ["brush"], 1.0, 45, 60 + 35 * place.strength)


def _ride_lift(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("ride", "hat_closed")
    if sound is None:
        return hits
    rest = _without(hits, place.end - 2.0, sound)
    lift = [place.end - 2.0 + 0.5 * step for step in range(4)]
    return rest + [
        place.hit(beat, sound, 66 + 8 * step + 20 * place.strength)
        for step, beat in enumerate(lift)
    ]


def _shaker_push(hits: Hits, place: _Fill) -> Hits:
    sound = place.first_of("shaker", "hat_closed")
    if sound is None:
        return hits
    rest = _without(hits, place.end - 2.0, sound)
    return rest + _crescendo(place, [sound], 2.0, 36, 62 + 40 * place.strength)


def _break_slip(hits: Hits, place: _Fill) -> Hits:
    """Push the second half of the two-step back by an eighth, as if the record had slipped."""
    middle = place.start + 2.0
    slipped = [
        hit._replace(beat=hit.beat + 0.5)
        if hit.beat >= middle and hit.sound in ("kick", "snare")
        else hit
        for hit in hits
    ]
    return [hit for hit in slipped if hit.beat < place.end]


_FILLS: dict[Fill, Callable[[Hits, _Fill], Hits]] = {
    "snare_roll": _snare_roll, "snare_swell": _snare_swell, "tom_run": _tom_run,
    "open_hat_swap": _open_hat_swap, "rim_ghosts": _rim_ghosts, "kick_drop": _kick_drop,
    "hat_triplet": _hat_triplet, "snare_flam": _snare_flam, "half_bar_rest": _half_bar_rest,
    "conga_run": _conga_run, "brush_swirl": _brush_swirl, "ride_lift": _ride_lift,
    "shaker_push": _shaker_push, "break_slip": _break_slip,
}  # fmt: skip
# What must be playing for a fill to make sense; the others need the body of a kit.
_NEEDS: dict[Fill, frozenset[str]] = {
    "open_hat_swap": frozenset({"hat_closed", "hat_open"}),
    "hat_triplet": frozenset({"hat_closed"}),
    "shaker_push": frozenset({"shaker", "hat_closed"}),
    "ride_lift": frozenset({"ride"}),
    "kick_drop": frozenset({"kick"}),
    "break_slip": frozenset({"kick"}),
    "rim_ghosts": frozenset({"rim", "snare", "clap", "snap"}),
    "conga_run": frozenset({"conga_high", "conga_low", "shaker"}),
}
