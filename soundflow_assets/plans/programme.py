"""Long tracks as programmes: which movements there are, how long, in which keys, of what material.

A programme is a rondo. The first movement is the track as it would be alone; the last one comes
back to its key, progression, motif and instruments; the ones between draw other material of the
genre, every fourth of them on the first motif. Tempo and swing stay, so that neighbours can be
blended bar on bar. Keys move by a fifth or to the relative key and back, never further than that
from home. The plan's energy curve spans the whole; a movement moves within a part of its range.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soundflow_assets.plans.choices import choose
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.key import Key, parse_key
from soundflow_assets.plans.mode import progressions_of
from soundflow_assets.plans.model import (
    Choices,
    Curve,
    LongForm,
    Movement,
    Programme,
    TrackPlan,
)
from soundflow_assets.plans.rotation import Appearance
from soundflow_assets.plans.seeds import generator, seed_of

RING_S = 5.0  # what a movement is given after its last bar
LONGER_BY = 0.15  # movements differ from their mean length by up to this share
ENERGY_SHARE = 0.6  # of the plan's energy range that one movement uses
RECALL = 4  # every fourth movement has the first motif
STRIDE = 101  # appearances between the material of two movements: more than weeks of days
DRAWS = 12  # tries for material that the neighbour has not got
PEAK_AT = 0.7  # of the programme
# Hills and valleys of a programme whose curve is level, from calm to strong, each a little higher.
WAVES = (0.25, 0.6, 0.4, 0.75, 0.5, 0.9, 0.6, 1.0)


def extended(configs: Configs, plan: TrackPlan, at: Appearance) -> TrackPlan:
    """Return `plan` as it is, or with the programme of its movements when it is long."""
    rule = configs.plan.programme
    if plan.duration_s < rule.from_sec:
        return plan
    starts = _starts(plan, rule)
    keys = _keys(plan, len(starts))
    movements: list[Movement] = []
    for index, (start, key) in enumerate(zip(starts, keys, strict=True)):
        last = index == len(starts) - 1
        before = movements[-1].choices if movements else None
        choices = _choices(plan, at, index, key, last, before)
        low, high = energy_window(plan, _place(starts, index), index)
        movements.append(
            Movement(
                seed=plan.seed if index == 0 else seed_of(*plan.scope("movement", index)),
                key=str(key),
                start_bar=start,
                duration_s=_length_s(plan, rule, starts, index),
                energy_min=low,
                energy_max=high,
                choices=choices,
                kit=dict(configs.kits[choices.kit]) if choices.kit else {},
            )
        )
    sets = {one.choices.instrument_set for one in movements}
    voices = {
        name
        for one in plan.spec.instrument_sets
        if one.name in sets
        for name in one.voices.values()
    }
    return plan.model_copy(
        update={
            "programme": Programme(blend_bars=rule.blend_bars, movements=tuple(movements)),
            "patches": {name: configs.patches[name] for name in sorted(voices)},
        }
    )


def movement_plan(plan: TrackPlan, movement: Movement) -> TrackPlan:
    """Return the plan of one movement: a track of its own, without the beds that span all."""
    return plan.model_copy(
        update={
            "seed": movement.seed,
            "key": movement.key,
            "duration_s": movement.duration_s,
            "curve": "linear",
            "energy_min": movement.energy_min,
            "energy_max": movement.energy_max,
            "choices": movement.choices,
            "kit": movement.kit,
            "beds": (),
            "programme": None,
        }
    )


def _bar_s(plan: TrackPlan) -> float:
    return 240.0 / plan.bpm


def _starts(plan: TrackPlan, rule: LongForm) -> list[int]:
    """Return the bars on which the movements begin, multiples of eight."""
    bar_s = _bar_s(plan)
    blend_s = rule.blend_bars * bar_s
    count = max(2, round((plan.duration_s - blend_s) / (rule.movement_sec - blend_s)))
    rng = generator(*plan.scope("programme", "lengths"))
    shares = 1.0 + LONGER_BY * rng.uniform(-1.0, 1.0, size=count)
    ends = np.cumsum(shares) / shares.sum() * (plan.duration_s - blend_s)
    return [0, *(8 * round(float(end) / bar_s / 8) for end in ends[:-1])]


def _length_s(plan: TrackPlan, rule: LongForm, starts: Sequence[int], index: int) -> float:
    """Return how long a movement is; the last one takes what is left."""
    bar_s = _bar_s(plan)
    if index == len(starts) - 1:
        return plan.duration_s - starts[index] * bar_s
    return (starts[index + 1] - starts[index] + rule.blend_bars) * bar_s + RING_S


def _place(starts: Sequence[int], index: int) -> float:
    """Return where a movement stands, 0 for the first and 1 for the last."""
    return starts[index] / starts[-1]


def _keys(plan: TrackPlan, count: int) -> list[Key]:
    """Return a key for each movement: home at both ends, neighbours related in between."""
    home = parse_key(plan.key)
    fifths = [Key((home.tonic + step) % 12, home.minor) for step in (7, 5)]
    relative = Key((home.tonic + (3 if home.minor else 9)) % 12, not home.minor)
    away = [*fifths, relative] if progressions_of(plan.spec, relative.minor) else fifths
    rng = generator(*plan.scope("programme", "keys"))
    keys = [home]
    order: list[Key] = []
    for left in range(count - 2, 0, -1):
        # From home it goes away to a key not visited lately, or stays; from away it comes home.
        if keys[-1] != home or (left > 1 and rng.uniform() < 0.25):
            keys.append(home)
        else:
            order = order or [away[int(i)] for i in rng.permutation(len(away))]
            keys.append(order.pop())
    return [*keys, home]


def _choices(
    plan: TrackPlan, at: Appearance, index: int, key: Key, last: bool, before: Choices | None
) -> Choices:
    """Return a movement's material; what neighbours must share for a blend stays the track's."""
    own = plan.choices
    if before is None:
        return own
    drawn = max(
        (_drawn(plan, at, index, key, draw) for draw in range(DRAWS)),
        key=lambda one: _otherness(one, before, own),
    )
    update: dict[str, object] = {"swing": own.swing}
    if last or index % RECALL == 0:
        update["motif"] = own.motif
    if last:
        update |= {
            "progression": own.progression,
            "instrument_set": own.instrument_set,
            "kit": own.kit,
        }
    return drawn.model_copy(update=update)


def _drawn(plan: TrackPlan, at: Appearance, index: int, key: Key, draw: int) -> Choices:
    count = Appearance(at.of_genre + STRIDE * index + draw, at.of_pool + index + draw)
    return choose(plan.spec, key.minor, count, plan.bpm)


def _otherness(one: Choices, before: Choices, own: Choices) -> int:
    """Return how much of a movement's material is new; the progression counts for most."""
    return (
        8 * (one.progression not in (before.progression, own.progression))
        + 4 * (one.instrument_set != before.instrument_set)
        + 2 * (one.form != before.form)
        + (one.instrument_set != own.instrument_set)
    )


def energy_window(plan: TrackPlan, place: float, index: int) -> tuple[int, int]:
    """Return the lowest and highest energy of the movement at `place`, 0 to 1, in percent."""
    whole = plan.energy_max - plan.energy_min
    height = _height(plan.curve, place, index) * (1.0 - ENERGY_SHARE)
    low = plan.energy_min + whole * height
    return round(low), round(low + whole * ENERGY_SHARE)


def _height(curve: Curve, place: float, index: int) -> float:
    if curve == "build":
        return place
    if curve == "drop":
        return 1.0 - place
    if curve == "peak":
        return place / PEAK_AT if place <= PEAK_AT else (1.0 - place) / (1.0 - PEAK_AT)
    return 0.4 if place >= 1.0 else WAVES[index % len(WAVES)]
