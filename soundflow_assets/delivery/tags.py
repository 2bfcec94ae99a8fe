"""The tags of a track: what of its plan goes into the file."""

from __future__ import annotations

from soundflow_assets.delivery.id3 import Tags
from soundflow_assets.plans.model import TrackPlan


def tags_of(plan: TrackPlan, cover_png: bytes, licence: str = "") -> Tags:
    """Return the tags of a free or premium track; everything in them is in its plan."""
    extra = {
        "SOUNDFLOW_ID": plan.id,
        "SOUNDFLOW_SEED": str(plan.seed),
        "SOUNDFLOW_ENGINE": plan.engine_version,
        "LICENSE": licence,
    }
    return Tags(
        title=plan.title,
        album=f"SoundFlow {plan.category}",
        date=plan.date,
        genre=plan.spec.title,
        bpm=plan.bpm,
        key=plan.key,
        comment=f"{plan.plain_title}. Seed {plan.seed}, engine version {plan.engine_version}.",
        encoder=f"LAME 3.100, SoundFlow engine {plan.engine_version}",
        cover_png=cover_png,
        extra=tuple((name, value) for name, value in sorted(extra.items()) if value),
    )
