"""Energy: how full a section is, and who plays in it.

Energy runs over two layers: the form's own figures and the plan's curve over the whole track

====== =====================================================
linear the form as written
build  rises from the first section to the last
drop   falls from the first section to the last
peak   rises to 70 % of the track, then falls
====== =====================================================

mixed, the form's own weighing more (a break stays a break), and spread so that the calmest section
sits at the plan's lowest energy and the strongest at its highest.
"""

from __future__ import annotations

from collections.abc import Sequence

from soundflow_assets.plans.form import FormSection
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.model import Curve

PEAK_AT = 0.7  # of the track
FORM_SHARE = 0.58  # of the form's own figures in the mixture


def effective_energies(
    blocks: Sequence[tuple[float, int]], curve: Curve, low: float, high: float
) -> list[float]:
    """Return each block's energy in [low, high] from (form energy, bars) and the curve."""
    total = sum(bars for _, bars in blocks)
    form = _spread([energy for energy, _ in blocks])
    mixed, bar = [], 0
    for own, (_, bars) in zip(form, blocks, strict=True):
        place = (bar + bars / 2.0) / total
        bar += bars
        mixed.append(_mixed(own, curve, place))
    return [round(low + (high - low) * value, 4) for value in _spread(mixed)]


def active_roles(spec: GenreSpec, section: FormSection, energy: float) -> tuple[str, ...]:
    """Return the pitched roles and drum sounds that may sound at this energy."""
    thresholds = {part.role: part.from_energy for part in spec.parts}
    thresholds |= {sound: lane.from_energy for sound, lane in spec.drums.lanes.items()}
    drums = set(spec.drums.lanes)

    def named(names: tuple[str, ...], role: str) -> bool:
        return role in names or (role in drums and "drums" in names)

    allowed = {
        role: threshold
        for role, threshold in thresholds.items()
        if not named(section.without, role) and (not section.only or named(section.only, role))
    }
    active = tuple(role for role, threshold in allowed.items() if energy + 1e-9 >= threshold)
    pitched = {part.role for part in spec.parts}
    if pitched.intersection(active) or not pitched.intersection(allowed or thresholds):
        return active
    # However calm the plan, a section that has pitched roles sounds at least its calmest one.
    calmest = min(
        (role for role in allowed or thresholds if role in pitched), key=thresholds.__getitem__
    )
    return (*active, calmest)


def _mixed(own: float, curve: Curve, place: float) -> float:
    if curve == "linear":
        return own
    return FORM_SHARE * own + (1.0 - FORM_SHARE) * _curve(curve, place)


def _curve(curve: Curve, place: float) -> float:
    if curve == "build":
        return place
    if curve == "drop":
        return 1.0 - place
    return place / PEAK_AT if place <= PEAK_AT else (1.0 - place) / (1.0 - PEAK_AT)


def _spread(values: Sequence[float]) -> list[float]:
    """Spread values over 0 to 1; all equal values stand in the middle."""
    low, high = min(values), max(values)
    if high - low < 1e-9:
        return [0.5] * len(values)
    return [(value - low) / (high - low) for value in values]
