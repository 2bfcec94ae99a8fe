"""What is known of a track beside its sound: from its plan, its score, or its sidecar.

Whatever is missing is measured but not judged, so that any audio file can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from soundflow_assets.composition.score import Score
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.targets import CategoryTargets, GenreTargets


@dataclass(frozen=True, slots=True)
class KnownSection:
    """A section of the form: when it sounds, and how energetic it is, 0 to 1."""

    name: str
    start_s: float
    end_s: float
    energy: float


@dataclass(frozen=True, slots=True)
class Known:
    """What a track was meant to be."""

    title: str = ""
    bpm: float | None = None
    key: str | None = None
    duration_s: float | None = None
    body_s: float | None = None  # from here on silence is the ending
    target_lufs: float | None = None
    sections: tuple[KnownSection, ...] = ()
    with_drums: bool | None = None
    score: Score | None = None
    plan: TrackPlan | None = None
    category: CategoryTargets = field(default_factory=CategoryTargets)
    genre: GenreTargets = field(default_factory=GenreTargets)


def known_of(score: Score | None, plan: TrackPlan | None) -> Known:
    """Return what score and plan say; where both do, the score."""
    source = score or plan
    if source is None:
        return Known()
    return Known(
        title=source.title,
        bpm=source.bpm,
        key=source.key,
        duration_s=source.duration_s,
        body_s=score.body_s if score else None,
        target_lufs=plan.target_lufs if plan else None,
        sections=_sections(score),
        with_drums=_with_drums(score, plan),
        score=score,
        plan=plan,
        category=plan.targets if plan else CategoryTargets(),
        genre=plan.spec.listening if plan else GenreTargets(),
    )


def _sections(score: Score | None) -> tuple[KnownSection, ...]:
    if score is None:
        return ()
    return tuple(
        KnownSection(one.name, one.start_s, one.end_s, one.energy) for one in score.sections
    )


def _with_drums(score: Score | None, plan: TrackPlan | None) -> bool | None:
    if plan is not None:
        return plan.choices.kit is not None and plan.layers.drums > 0
    return bool(score.hits) if score is not None else None
