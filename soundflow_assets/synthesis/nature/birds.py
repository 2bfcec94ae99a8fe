"""Bird song as data: species with their way of singing, and the motif one singer keeps for life.

A motif is 2 to 7 notes between 2 and 7 kHz, each a sweep of 40 to 180 ms: up, down, arched, level
or trilled at 18 to 35 Hz. The species are invented; their habits are those of real families.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Note(NamedTuple):
    """One note: pitches at its start, middle and end, and the pause after it."""

    start_hz: float
    middle_hz: float
    end_hz: float
    length_s: float
    gap_s: float
    level_db: float = 0.0
    trill_hz: float = 0.0
    trill_depth: float = 0.0


class Species(NamedTuple):
    """A way of singing. `twice` is the chance of a repeat, after `pause_s`."""

    name: str
    motif: Callable[[np.random.Generator], tuple[Note, ...]]
    second: float  # second harmonic against the first
    twice: float
    pause_s: float


def _whistle(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing two or three pure level notes, falling by a third or so (as titmice do)."""
    top = rng.uniform(3300, 4200)
    pitches = [top, top * rng.uniform(0.80, 0.86), top * rng.uniform(0.80, 0.86)]
    return tuple(
        Note(hz * 1.01, hz, hz * 0.985, rng.uniform(0.13, 0.18), rng.uniform(0.05, 0.1))
        for hz in pitches[: int(rng.integers(2, 4))]
    )


def _see_saw(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing a high and a low note in turn, three times, like a squeaking pump."""
    high, low = rng.uniform(4600, 5600), rng.uniform(3300, 4000)
    notes: list[Note] = []
    for _ in range(3):
        notes.append(Note(high * 0.97, high, high * 0.95, 0.085, 0.05))
        notes.append(Note(low * 1.04, low, low * 0.98, 0.11, 0.075, -1.0))
    return tuple(notes)


def _trill(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing two introductory sips and a long fluttering trill."""
    hz = rng.uniform(3800, 5200)
    rate = rng.uniform(18, 35)
    sip = Note(hz * 1.2, hz * 1.1, hz * 1.02, 0.06, 0.09, -4.0)
    body = Note(hz * 1.05, hz, hz * 0.93, 0.18, 0.0, 0.0, rate, 0.1)
    return (sip, sip, body, body._replace(start_hz=hz * 0.93, middle_hz=hz * 0.9, end_hz=hz * 0.86))


def _warble(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing five to seven quick unlike sweeps, tumbling downwards (as warblers do)."""
    hz = rng.uniform(4800, 6200)
    notes: list[Note] = []
    for _ in range(int(rng.integers(5, 8))):
        turn = rng.uniform(0.82, 1.25)
        arch = rng.uniform(0.9, 1.2)
        end = min(max(hz * turn, 2200), 6800)
        middle = min(max(hz * arch, 2200), 6900)
        notes.append(
            Note(
                hz, middle, end, rng.uniform(0.04, 0.1), rng.uniform(0.02, 0.05), rng.uniform(-4, 0)
            )
        )
        hz = max(hz * rng.uniform(0.84, 0.98), 2600)
    return tuple(notes)


def _flute(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing three or four slow low arches and a thin flourish (as thrushes and blackbirds do)."""
    hz = rng.uniform(2050, 2500)
    notes: list[Note] = []
    for _ in range(int(rng.integers(3, 5))):
        step = float(rng.choice([0.84, 0.89, 1.0, 1.12, 1.19, 1.26]))
        end = min(max(hz * step, 2000), 3000)
        notes.append(
            Note(hz, (hz + end) * 0.52, end, rng.uniform(0.13, 0.18), rng.uniform(0.02, 0.07))
        )
        hz = end
    notes.append(Note(5200, 6100, 4300, 0.09, 0.0, -11.0, 30.0, 0.06))
    return tuple(notes)


def _chip(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing four to six equal falling chips, speeding up (as finches do before their flourish)."""
    top = rng.uniform(4800, 6400)
    count = int(rng.integers(4, 7))
    return tuple(
        Note(top, top * 0.82, top * 0.62, 0.05, 0.11 - 0.014 * number, -3.0 + 0.6 * number)
        for number in range(count)
    )


def _upslur(rng: np.random.Generator) -> tuple[Note, ...]:
    """Sing two rising slurs, the second higher: a question (as pewees and leaf warblers do)."""
    hz = rng.uniform(2700, 3500)
    return (
        Note(hz, hz * 1.02, hz * 1.22, 0.15, 0.11),
        Note(hz * 1.05, hz * 1.12, hz * 1.55, 0.17, 0.0, -1.0),
    )


SPECIES = (
    Species("whistler", _whistle, 0.04, 0.4, 0.5),
    Species("see-saw", _see_saw, 0.08, 0.5, 0.25),
    Species("triller", _trill, 0.05, 0.2, 0.6),
    Species("warbler", _warble, 0.06, 0.3, 0.35),
    Species("flute", _flute, 0.07, 0.15, 0.9),
    Species("chipper", _chip, 0.05, 0.3, 0.4),
    Species("asker", _upslur, 0.05, 0.45, 0.7),
)
