"""Countless small events: each one of a stock of sounds, at its own moment, level and place.

Nobody tells one raindrop of hundreds a second from another: a few hundred are made, each when it is
first heard, and laid where they fall. Level and place are drawn for every event anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.kernels.math import db_to_gain, noise, noise_bits
from soundflow_assets.synthesis.nature.curves import Curve
from soundflow_assets.synthesis.nature.grains import (
    LEFT,
    LENGTH,
    LONGEST,
    ONSET,
    RIGHT,
    SEND,
    Mono,
    Table,
    lay,
    poisson,
    write_grain,
)

APART = 1 << 20  # samples between the variants of a stock: each has noise of its own
Rows = npt.NDArray[np.int64]
Events = npt.NDArray[np.float64]  # (n, 4)

# Columns of an event, in samples, row of the stock, gains.
AT, ROW, GAIN_LEFT, GAIN_RIGHT = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Spread:
    """How the events of a kind differ: in level, normally within limits, and in place."""

    level_db: float
    spread_db: float
    width: float  # of the pan, 2 is from ear to ear
    lowest_db: float = -100.0
    highest_db: float = 100.0


@njit(cache=True)
def _spread(
    onsets: Curve, numbers: Curve, variants: Rows, firsts: Rows, stock: Table, seed: int,
    level_db: float, spread_db: float, lowest_db: float, highest_db: float, width: float,
) -> Events:  # fmt: skip
    """Return the grains of events: the rows of each one's variant, at its level and place."""
    count = 0
    for i in range(onsets.shape[0]):
        count += firsts[variants[i] + 1] - firsts[variants[i]]
    events = np.empty((count, 4))
    n = 0
    for i in range(onsets.shape[0]):
        own = int(numbers[i]) * 8
        # Near the standard normal: four draws, uniform within ±1, have a variance of 4/3.
        normal = 0.0
        for part in range(4):
            normal += noise(own + part, seed)
        db = level_db + spread_db * 0.8660254037844386 * normal
        gain = db_to_gain(min(max(db, lowest_db), highest_db))
        pan = 0.5 * width * noise(own + 4, seed)
        left, right = gain * np.sqrt(1.0 - pan), gain * np.sqrt(1.0 + pan)
        variant = variants[i]
        for row in range(firsts[variant], firsts[variant + 1]):
            events[n, AT] = np.floor(onsets[i]) + stock[row, ONSET] - variant * APART
            events[n, ROW] = row
            events[n, GAIN_LEFT] = left * stock[row, LEFT]
            events[n, GAIN_RIGHT] = right * stock[row, RIGHT]
            n += 1
    return events


@njit(cache=True)
def _any_of(numbers: Curve, variants: int, seed: int) -> Rows:
    """Return for each event one of `variants`."""
    chosen = np.empty(numbers.shape[0], np.int64)
    for i in range(numbers.shape[0]):
        chosen[i] = int(noise_bits(int(numbers[i]), seed)) % variants
    return chosen


@njit(cache=True)
def add_scattered(
    dry: Audio, wet: Audio, start: int, events: Events, level: float, seed: int,
    stock: Table, places: Rows, sounds: Mono,
) -> None:  # fmt: skip
    """Add events to `dry` and, by their sends, to `wet` (2, tile + longest).

    `sounds` holds row r of `stock` from `places[r]` to `places[r + 1]`, a multiple of `LANES`; its
    first sample is not a number as long as it has not been heard.
    """
    scratch = np.empty(LONGEST + LANES)
    for e in range(events.shape[0]):
        first = int(events[e, AT]) - start
        if first < 0:
            continue
        row = int(events[e, ROW])
        place, size = places[row], places[row + 1] - places[row]
        if np.isnan(sounds[place]):
            write_grain(stock[row], seed, scratch, sounds, place)
        left, right = level * events[e, GAIN_LEFT], level * events[e, GAIN_RIGHT]
        lay(dry, first, sounds, place, size, left, right)
        send = stock[row, SEND]
        if send != 0.0:
            lay(wet, first, sounds, place, size, left * send, right * send)


class _Stock:
    """The grains of all variants in order of time, and room for the sound of each."""

    def __init__(self, grains: Callable[[Curve, Curve], Table], variants: int) -> None:
        numbers = np.arange(variants, dtype=np.float64)
        table = grains(numbers * APART, numbers)
        self.table = table[np.argsort(table[:, ONSET], kind="stable")]
        self.firsts = np.searchsorted(self.table[:, ONSET], np.arange(variants + 1) * APART)
        sizes = (np.minimum(self.table[:, LENGTH], LONGEST).astype(np.int64) + LANES - 1) // LANES
        self.places = np.concatenate([[0], np.cumsum(sizes * LANES)])
        self.sounds: Mono = np.full(self.places[-1], np.nan, np.float32)


class Scattered:
    """A kind of event at random moments, each from a stock.

    Parameters
    ----------
    name, seed
        Of the kind.
    rates
        Start sample to events per second at the tile's control points.
    grains
        Onsets (samples) and numbers of variants to their grains, one or several each; gains are
        against the event's.
    variants
        How many there are.
    spread
        How events differ in level and place.
    choose
        Onsets and numbers of events to the variant of each; any of them where it is not given.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        rates: Callable[[int], Curve],
        grains: Callable[[Curve, Curve], Table],
        variants: int,
        spread: Spread,
        choose: Callable[[Curve, Curve], Rows] | None = None,
    ) -> None:
        self.name = name
        self._seed = seed
        self._rates = rates
        self._spread = spread
        self._choose = choose or (lambda onsets, numbers: _any_of(numbers, variants, seed + 1))
        # Made when it is first heard: a bed is also made only to see whether its values will do.
        self._stock = functools.cache(lambda: _Stock(grains, variants))
        self._cursor = np.zeros(2)

    def _events(self, start: int) -> Events:
        drawn = poisson(start, self._rates(start), self._seed, self._cursor)
        onsets, numbers = np.ascontiguousarray(drawn[:, 0]), np.ascontiguousarray(drawn[:, 1])
        spread, stock = self._spread, self._stock()
        return np.asarray(_spread(
            onsets, numbers, self._choose(onsets, numbers), stock.firsts, stock.table,
            self._seed + 2, spread.level_db, spread.spread_db, spread.lowest_db,
            spread.highest_db, spread.width,
        ))  # fmt: skip

    def schedule(self, start: int) -> Table:
        """Return the grains of the tile from sample `start` on; ask tile by tile from the first."""
        events = self._events(start)
        table = self._stock().table[events[:, ROW].astype(np.int64)]
        table[:, ONSET] = events[:, AT]
        table[:, LEFT : RIGHT + 1] = events[:, GAIN_LEFT:]
        return np.asarray(table)

    def add(self, start: int, gain: float, dry: Audio, wet: Audio) -> None:
        """Add the events of the tile that begins at sample `start`, and their sends to `wet`."""
        stock = self._stock()
        add_scattered(
            dry, wet, start, self._events(start), gain, self._seed,
            stock.table, stock.places, stock.sounds,
        )  # fmt: skip
