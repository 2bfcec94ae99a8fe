"""Which genre plays on which day, and the how-manieth time it plays.

Counting a genre's appearances needs no memory: the rotation repeats weekly, so the count is a
function of the date. Everything that must not repeat within weeks is drawn from these counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from soundflow_assets.plans.configs import WEEKDAYS, rotated, slot_name
from soundflow_assets.plans.key import Key, parse_key
from soundflow_assets.plans.model import FreePlan, PlanEntry

EPOCH = dt.date(2024, 1, 1)  # a Monday
REMEMBERED = 4  # tracks of a genre from which the next one differs in harmony


@dataclass(frozen=True, slots=True)
class Slot:
    """One category's place on one weekday; tempo and key are None where the genre draws them."""

    genre: str
    bpm: float | None
    key: Key | None

    @property
    def pool(self) -> tuple[str, bool | None]:
        """Genre and the mode its progressions must have (None = either)."""
        return (self.genre, None if self.key is None else self.key.minor)


def slot_of(plan: FreePlan, entry: PlanEntry, weekday: int) -> Slot:
    """Return the slot of `entry` on `weekday` (0 = Monday).

    The entry's own tempo and key hold for its own genre only; a rotation slot may give its own.
    """
    named = rotated(plan.genre_rotation[slot_name(entry.siteCategory)][WEEKDAYS[weekday]])
    own = named.genre == entry.genre
    key = named.key or (entry.key if own else None)
    bpm = named.bpm or (entry.bpm if own else None)
    return Slot(named.genre, bpm, None if key is None else parse_key(key))


def week(plan: FreePlan) -> Iterator[tuple[int, PlanEntry, Slot]]:
    """Yield (weekday, entry, slot) of a whole week, in the order in which tracks are counted."""
    for weekday in range(7):
        for entry in plan.tracks:
            yield weekday, entry, slot_of(plan, entry, weekday)


@dataclass(frozen=True, slots=True)
class Appearance:
    """How often the genre, and the genre in this mode, has played since the epoch.

    `beside` is for a track in either mode: (whether minor, count in its pool) of the genre's tracks
    in a given mode that come shortly before or after, so that it can keep off what they play.
    """

    of_genre: int
    of_pool: int
    beside: tuple[tuple[bool | None, int], ...] = ()


def appearance(plan: FreePlan, entry: PlanEntry, date: dt.date) -> Appearance:
    """Count the appearances before `date`'s track of `entry` (negative before the epoch)."""
    weeks, weekday = divmod((date - EPOCH).days, 7)
    here = slot_of(plan, entry, weekday)
    # The genre's tracks of one week, in order.
    tracks = [(d, other.id, slot) for d, other, slot in week(plan) if slot.genre == here.genre]
    place = next(i for i, (d, name, _) in enumerate(tracks) if (d, name) == (weekday, entry.id))
    of_genre = weeks * len(tracks) + place
    pools = [slot.pool for _, _, slot in tracks]
    around = [of_genre + step for step in range(-REMEMBERED, REMEMBERED + 1)]
    return Appearance(
        of_genre=of_genre,
        of_pool=_of_pool(pools, of_genre),
        beside=tuple(
            (pools[number % len(pools)][1], _of_pool(pools, number))
            for number in around
            if here.key is None and pools[number % len(pools)] != here.pool
        ),
    )


def _of_pool(pools: Sequence[tuple[str, bool | None]], number: int) -> int:
    """Return how many tracks of its pool come before the genre's track `number`."""
    weeks, place = divmod(number, len(pools))
    return weeks * pools.count(pools[place]) + pools[:place].count(pools[place])
