"""What one track takes out of its genre's material, by counting instead of by chance.

Progressions run through a shuffled cycle, so a progression comes back as late as it can; a track
in either mode passes over what its neighbours take from the cycle of their mode. Grids are digits
of the appearance count in a mixed radix, each digit shifted by those below it: the combination of
grids is different for every appearance until the product of all grid counts is used up (tens of
thousands for a genre with a kit), and every single grid changes from one appearance to the next.
The motif's seed is different for every appearance. So two tracks of one genre within weeks never
share progression and groove, or progression and melody.
"""

from __future__ import annotations

from collections.abc import Sequence

from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.mode import progressions_of
from soundflow_assets.plans.model import Choices
from soundflow_assets.plans.rotation import Appearance
from soundflow_assets.plans.seeds import generator, seed_of

SHORT_EIGHTH_S = 0.1  # jazz: the short note of a swung pair keeps this length at fast tempi


def cycled(count: int, size: int, *scope: object) -> int:
    """Return the `count`-th index of a shuffled cycle over `size` things."""
    order = generator("cycle", *scope).permutation(size)
    return int(order[count % size])


def grid_indexes(count: int, sizes: Sequence[int]) -> list[int]:
    """Return one index per size; injective over any `prod(sizes)` consecutive counts.

    >>> [grid_indexes(n, [2, 3]) for n in range(4)]
    [[0, 0], [1, 1], [0, 1], [1, 2]]
    """
    indexes, below = [], 1
    for size in sizes:
        indexes.append((count // below + count % below) % size)
        below *= size
    return indexes


def swing_percent(spec: GenreSpec, bpm: float, count: int) -> float:
    """Return where the off-beat falls, in percent of its pair (50 = straight).

    On a triplet grid the short eighth is max(100 ms, a quarter of the beat), as jazz drummers
    play it; elsewhere the genre's range is drawn from.
    """
    if spec.drums.steps == 12:
        beat_s = 60.0 / bpm
        return round(100.0 * (1.0 - max(SHORT_EIGHTH_S, beat_s / 4.0) / beat_s), 1)
    swing = spec.feel.swing
    return round(float(generator("swing", spec.genre, count).uniform(swing.min, swing.max)), 1)


def choose(spec: GenreSpec, minor: bool | None, at: Appearance, bpm: float) -> Choices:
    """Return the material of the track that is `spec`'s appearance `at`."""
    genre, count = spec.genre, at.of_genre
    lanes = list(spec.drums.lanes.items())
    parts = [part for part in spec.parts if part.grids]
    sizes = [len(lane.grids) for _, lane in lanes] + [len(part.grids) for part in parts]
    names = [sound for sound, _ in lanes] + [part.role for part in parts]
    picked = [
        cycled(index, size, genre, "grid", name)
        for index, size, name in zip(grid_indexes(count, sizes), sizes, names, strict=True)
    ]
    sets, forms, kits = spec.instrument_sets, spec.forms, spec.drums.kits
    return Choices(
        progression=_progression(spec, minor, at),
        instrument_set=sets[cycled(_stepped(count, len(sets)), len(sets), genre, "set")].name,
        form=forms[_stepped(count, len(forms))].name,
        kit=kits[cycled(_stepped(count, len(kits)), len(kits), genre, "kit")] if kits else None,
        lanes=dict(zip(names[: len(lanes)], picked[: len(lanes)], strict=True)),
        parts=dict(zip(names[len(lanes) :], picked[len(lanes) :], strict=True)),
        motif=seed_of("motif", genre, count) & 0x7FFFFFFF,
        swing=swing_percent(spec, bpm, count),
    )


def _progression(spec: GenreSpec, minor: bool | None, at: Appearance) -> str:
    """Return the next of the cycle, past those that tracks beside this one take from their own."""
    taken = {_cycle(spec, mode, count) for mode, count in at.beside}
    size = len(progressions_of(spec, minor))
    names = [_cycle(spec, minor, at.of_pool + step) for step in range(size)]
    return next((name for name in names if name not in taken), names[0])


def _cycle(spec: GenreSpec, minor: bool | None, count: int) -> str:
    names = [progression.name for progression in progressions_of(spec, minor)]
    return names[cycled(count, len(names), spec.genre, minor)] if names else ""


def _stepped(count: int, size: int) -> int:
    """Return an index that moves on every count and slips by one each round.

    Without the slip, a set of four would be tied to the same weekdays for ever.
    """
    return (count + count // size) % size
