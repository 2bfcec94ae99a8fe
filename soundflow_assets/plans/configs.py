"""What the configuration folder holds once read: the models of its small files and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, get_args

from pydantic import Field

from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.model import FreePlan, Params, Rotated, Tag, Weekday
from soundflow_assets.plans.strict import Name, Strict
from soundflow_assets.plans.targets import BedTargets

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class PatchFile(Strict):
    """`patches/<instrument>.yaml`: the instrument's patches."""

    patches: Annotated[dict[Name, Params], Field(min_length=1)]


class KitFile(Strict):
    """`kits/<kit>.yaml`: the kit's drum sounds, each with its recipe."""

    sounds: Annotated[dict[Name, Params], Field(min_length=1)]


class Nature(Strict):
    """`nature.yaml`: the beds, what a nature tag stands for in dB of each other, the targets."""

    beds: dict[Name, Params]
    tags: dict[Tag, dict[Name, Annotated[float, Field(ge=-40, le=12)]]]
    listening: dict[Name, BedTargets]


@dataclass(frozen=True, slots=True)
class Configs:
    """Everything in `generator_configs`, valid in itself and in its cross-references."""

    plan: FreePlan
    genres: Mapping[str, GenreSpec]
    kits: Mapping[str, Mapping[str, Params]]
    patches: Mapping[str, Params]  # `rhodes/warm` -> parameters
    nature: Nature


def slot_name(category: str) -> str:
    """Return a site category as the rotation spells it: `Deep Work` -> `deep_work`."""
    return category.strip().lower().replace(" ", "_").replace("-", "_")


def rotated(slot: str | Rotated) -> Rotated:
    """Return a rotation slot in its long form."""
    return slot if isinstance(slot, Rotated) else Rotated(genre=slot)
