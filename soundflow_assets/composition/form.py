"""Form: a genre's succession of sections fitted to a duration, with its energy.

The body is a whole number of bars that ends a few seconds before the file does; the rest is tail.
Sections keep to a grid of four bars wherever the length allows, the last one takes what is left
over. One section stretches; a long track goes through the inner sections several times, each
pass with its own weight, a short one drops what it can do without, down to an opening, the
strongest section and an ending.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundflow_assets.composition.draft import DraftSection
from soundflow_assets.composition.energy import active_roles, effective_energies
from soundflow_assets.plans.form import Form, FormSection
from soundflow_assets.plans.model import TrackPlan

GRID = 4  # bars; section boundaries fall on multiples of it
LONGEST_SECTION = 48  # bars; beyond it a section would lose its shape


@dataclass(frozen=True, slots=True)
class _Block:
    """A section on its way to its final length. `lift` is the weight of its pass."""

    section: FormSection
    bars: int
    lift: float = 0.0


def fit_form(plan: TrackPlan) -> tuple[DraftSection, ...]:
    """Return the track's sections, contiguous from bar 0 to the last bar of the body."""
    form = next(form for form in plan.spec.forms if form.name == plan.choices.form)
    blocks = fit_blocks(form, body_bars(plan.duration_s, plan.bpm))
    energies = effective_energies(
        [(block.section.energy + block.lift, block.bars) for block in blocks],
        plan.curve,
        plan.energy_min / 100.0,
        plan.energy_max / 100.0,
    )
    names = _numbered([block.section.name for block in blocks])
    sections, bar = [], 0
    for block, name, energy in zip(blocks, names, energies, strict=True):
        sections.append(
            DraftSection(
                name=name,
                start_bar=bar,
                bars=block.bars,
                energy=energy,
                roles=active_roles(plan.spec, block.section, energy),
                transition=block.section.transition,
                harmony=block.section.harmony,
            )
        )
        bar += block.bars
    return tuple(sections)


def body_bars(duration_s: float, bpm: float) -> int:
    """Return the whole bars of the body, leaving a tail of 2 to 6 s (less on short tracks).

    Within that window the rounder number wins: a multiple of 8, else of 4, else of 2.
    """
    bar_s = 240.0 / bpm
    shortest_tail = min(2.0, max(1.0, duration_s * 0.1))
    most = max(1, math.floor((duration_s - shortest_tail) / bar_s + 1e-9))
    least = max(1, min(most, math.ceil((duration_s - 3.0 * shortest_tail) / bar_s - 1e-9)))
    for unit in (8, 4, 2):
        rounded = most // unit * unit
        if rounded >= least and rounded > 0:
            return rounded
    return most


def fit_blocks(form: Form, bars: int) -> tuple[_Block, ...]:
    """Return the form's blocks with lengths that sum to `bars`."""
    if 3 <= bars < 3 * GRID:
        return _miniature(form, bars)
    blocks = [_Block(section, section.bars) for section in form.sections]
    blocks = _repeat_inner(blocks, bars)
    blocks = _shorten(blocks, bars)
    blocks = _stretch(blocks, bars)
    # What is left over (never more than a stretch of bars off the grid) lengthens the end.
    rest = bars - _total(blocks)
    blocks[-1] = replace(blocks[-1], bars=blocks[-1].bars + rest)
    return tuple(blocks)


def _miniature(form: Form, bars: int) -> tuple[_Block, ...]:
    """Return opening, strongest section and ending, where there is no room for four bars of each.

    The ends take a quarter of the bars each, at least one and at most two, so that what is opened
    and closed is still the longest.
    """
    strongest = max(form.sections[1:-1], key=lambda section: section.energy)
    end = max(1, min(2, bars // 4))
    return (
        _Block(form.sections[0], end),
        _Block(strongest, bars - 2 * end),
        _Block(form.sections[-1], end),
    )


def _total(blocks: Sequence[_Block]) -> int:
    return sum(block.bars for block in blocks)


def _repeat_inner(blocks: list[_Block], bars: int) -> list[_Block]:
    """Go through the sections between first and last again while a whole pass still fits.

    Passes differ in weight (a calmer one, then a stronger one), so an hour has hills and valleys
    of its own instead of one plateau.
    """
    head, inner, tail = blocks[:1], blocks[1:-1], blocks[-1:]
    room = bars - _total(blocks)
    passes = 1 + room // max(1, _total(inner))
    if passes < 2:
        return blocks
    lifts = (0.0, 0.06, -0.06, 0.1, -0.03, 0.04, -0.1)
    repeated = [
        replace(block, lift=lifts[turn % len(lifts)] + 0.05 * turn / passes)
        for turn in range(passes)
        for block in inner
    ]
    return head + repeated + tail


def _stretch(blocks: list[_Block], bars: int) -> list[_Block]:
    """Lengthen in steps of 4 bars: the stretching section up to double before the others join."""

    def grown(index: int) -> tuple[bool, float, int]:
        block = blocks[index]
        lead = 0.8 if block.section.stretch else 0.0
        too_long = block.bars >= max(LONGEST_SECTION, block.section.bars)
        return too_long, block.bars / block.section.bars - lead, -index

    # The opening and a build keep their length: waiting longer for what comes is no gain.
    growing = [
        index
        for index, block in enumerate(blocks)
        if block.section.stretch or (index > 0 and not is_build(block.section.name))
    ]
    while bars - _total(blocks) >= GRID:
        index = min(growing or [0], key=grown)
        blocks[index] = replace(blocks[index], bars=blocks[index].bars + GRID)
    return blocks


def _shorten(blocks: list[_Block], bars: int) -> list[_Block]:
    """Shrink, then drop sections until the form fits into `bars`."""
    while _total(blocks) > bars:
        smaller = _shrunk(blocks, bars)
        if smaller is not None:
            blocks = smaller
        elif len(blocks) > 1:
            blocks = _without_least(blocks)
        else:
            blocks = [replace(blocks[0], bars=bars)]
    return blocks


def _shrunk(blocks: list[_Block], bars: int) -> list[_Block] | None:
    """Take 4 bars from the section that can spare them best, or return None."""
    floors = [_floor(block, bars) for block in blocks]
    spare = [
        (block.section.stretch, block.bars, index)
        for index, block in enumerate(blocks)
        if block.bars - GRID >= floors[index]
    ]
    if not spare:
        return None
    _, _, index = max(spare)
    return [
        replace(block, bars=block.bars - GRID) if i == index else block
        for i, block in enumerate(blocks)
    ]


def _floor(block: _Block, bars: int) -> int:
    """Return the shortest useful length: half of what is written, 8 bars, or 4 in a short track."""
    if bars < 40:
        return GRID
    return min(block.section.bars, max(GRID, block.section.bars // 2 // GRID * GRID))


def _without_least(blocks: list[_Block]) -> list[_Block]:
    """Drop the section that is missed least.

    Inner sections go first, the one nearest in energy to its neighbours before the others, so the
    contrast of break and climax stays longest; then the opening, then the end. The strongest
    section is never dropped.
    """
    energies = [block.section.energy + block.lift for block in blocks]
    peak = energies.index(max(energies))
    inner = [index for index in range(1, len(blocks) - 1) if index != peak]
    if inner:
        least = min(
            inner,
            key=lambda i: (
                abs(energies[i] - energies[i - 1]) + abs(energies[i] - energies[i + 1]),
                i,
            ),
        )
    else:
        least = next(index for index in (len(blocks) - 1, 0) if index != peak)
        if len(blocks) == 3:
            least = 0
    return [block for index, block in enumerate(blocks) if index != least]


def _numbered(names: Sequence[str]) -> list[str]:
    """Tell repeated names apart: a, b, a_2, b_2."""
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return numbered


def is_build(name: str) -> bool:
    """Say whether a section of this name rises towards the next (build, build2, build_2)."""
    return name.rstrip("0123456789").rstrip("_") == "build"
