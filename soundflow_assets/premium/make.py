"""Requests to published tracks: the one path behind every door.

Each request stands alone: what is wrong with one does not keep another of the same batch from being
made. Requests for one model on this machine are generated together.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import PublishResult
from soundflow_assets.errors import SoundFlowError
from soundflow_assets.plans.load import load_free_plan
from soundflow_assets.plans.targets import CategoryTargets
from soundflow_assets.premium.brief import Brief, brief_of
from soundflow_assets.premium.intake import Sound
from soundflow_assets.premium.production import PremiumProduction, produce_premium
from soundflow_assets.premium.providers.interface import Provider, Watch
from soundflow_assets.premium.providers.open import open_provider
from soundflow_assets.premium.publication import publish_premium
from soundflow_assets.premium.request import PremiumRequest
from soundflow_assets.progress import ProgressCallback, StageClock, StageEvent, silent
from soundflow_assets.settings import Settings


@dataclass(frozen=True, slots=True)
class Made:
    """A published track, and what its making cost."""

    production: PremiumProduction
    published: PublishResult
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended: `made`, or the error that kept it from being made."""

    request: PremiumRequest
    made: Made | None = None
    error: Exception | None = None


@dataclass(slots=True)
class _Listener:
    """Turns what providers tell into stage events."""

    on_event: ProgressCallback
    clocks: dict[str, StageClock] = field(default_factory=dict)

    def clock(self, track_id: str) -> StageClock:
        return self.clocks.setdefault(track_id, StageClock(track_id, self.on_event))

    def tell(self, track_id: str, share: float) -> None:
        if 0.0 < share < 1.0:
            self.on_event(StageEvent(track_id, "render", share))


def make_premium(
    requests: Sequence[PremiumRequest],
    settings: Settings,
    library: Library,
    *,
    on_event: ProgressCallback = silent,
    log: Callable[[str], None] = lambda sentence: None,
    cancelled: Callable[[], bool] = lambda: False,
    folder: Path | None = None,
) -> list[Outcome]:
    """Generate, finish, judge and publish; return how each request ended, in their order.

    Parameters
    ----------
    requests
        As stored.
    settings, library
        Where secrets come from and where tracks go.
    on_event
        Told of every stage of every track.
    log
        Told sentences for the operator.
    cancelled
        Asked now and then whether to stop.
    folder
        For temporary files; one that is removed afterwards otherwise.
    """
    outcomes: dict[str, Outcome] = {}
    listener = _Listener(on_event)
    groups: dict[tuple[str, ...], list[Brief]] = {}
    for request in requests:
        try:
            with listener.clock(request.track_id).stage("plan"):
                brief = brief_of(request, settings)
                provider = open_provider(request.gpu_provider, settings)
                provider.check(brief)
        except SoundFlowError as error:
            outcomes[request.track_id] = Outcome(request, error=error)
            continue
        # A model here is loaded once for all; elsewhere one failure must not be everybody's.
        together = (brief.model.hub_id, request.backend)
        alone = (request.track_id,)
        key = (request.gpu_provider, *(together if request.gpu_provider == "local" else alone))
        groups.setdefault(key, []).append(brief)
    place = nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory(prefix="premium-")
    with place as scratch:
        watch = Watch(listener.tell, log, cancelled)
        for (name, *_), briefs in groups.items():
            provider = open_provider(briefs[0].request.gpu_provider, settings)
            for outcome in _group(
                provider, name, briefs, Path(scratch), watch, listener, settings, library
            ):
                outcomes[outcome.request.track_id] = outcome
    return [outcomes[request.track_id] for request in requests]


def _group(
    provider: Provider,
    name: str,
    briefs: list[Brief],
    scratch: Path,
    watch: Watch,
    listener: _Listener,
    settings: Settings,
    library: Library,
) -> list[Outcome]:
    started = time.monotonic()
    for brief in briefs:
        listener.on_event(StageEvent(brief.track_id, "render", 0.0))
    try:
        sounds = provider.generate(briefs, scratch, watch)
    except (SoundFlowError, OSError) as error:
        return [Outcome(brief.request, error=error) for brief in briefs]
    seconds = time.monotonic() - started
    outcomes = []
    for brief, sound in zip(briefs, sounds, strict=True):
        listener.on_event(StageEvent(brief.track_id, "render", 1.0))
        facts = {"provider": name, "provider_s": round(seconds, 3), "batch": len(briefs)}
        try:
            made = _finished(brief, sound, scratch, listener, settings, library, facts)
            outcomes.append(Outcome(brief.request, made))
        except (SoundFlowError, OSError) as error:
            outcomes.append(Outcome(brief.request, error=error))
    return outcomes


def _finished(
    brief: Brief,
    sound: Sound,
    scratch: Path,
    listener: _Listener,
    settings: Settings,
    library: Library,
    facts: dict[str, Any],
) -> Made:
    clock = listener.clock(brief.track_id)
    own = scratch / brief.track_id
    own.mkdir(exist_ok=True)
    targets = _targets(settings, brief.request.category)
    production = produce_premium(brief, sound, own, clock, targets, brief.model.license)
    published = publish_premium(production, library, settings, clock)
    return Made(production, published, {**facts, **sound.facts})


def _targets(settings: Settings, category: str) -> CategoryTargets:
    """Return what the category's free tracks are measured against; premium ones sit beside them."""
    for entry in load_free_plan(settings.configs).tracks:
        if entry.siteCategory == category:
            return entry.listening
    return CategoryTargets()
