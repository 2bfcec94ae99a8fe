"""The shipped plan for days of a week, made once: five categories, ten seconds each."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import PublishResult
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.verdict import Verdict
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.production import produce
from soundflow_assets.publication import publish
from soundflow_assets.storage.local import LocalStore

MONDAY = dt.date(2025, 1, 13)
DAYS = tuple(MONDAY + dt.timedelta(days=number) for number in range(7))
SECONDS = 10.0
LICENSE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class Made:
    """One track of the week, without its sound."""

    plan: TrackPlan
    score: Score
    verdicts: tuple[Verdict, ...]
    pcm_sha256: str
    published: PublishResult


@dataclass(frozen=True, slots=True)
class Week:
    """The tracks of some days, and the bucket they are in."""

    library: Library
    days: tuple[dt.date, ...]
    tracks: dict[tuple[dt.date, str], Made]  # by date and track id


def library_in(folder: Path) -> Library:
    """Return a library in one local bucket."""
    store = LocalStore(folder)
    return Library(public=store, premium=store, public_base_url="https://music.example")


def make(library: Library, plan: TrackPlan, folder: Path) -> Made:
    """Produce and publish a track."""
    production = produce(plan, folder, license_id=LICENSE)
    published = publish(production, library, LICENSE)
    return Made(plan, production.score, production.verdicts, production.pcm_sha256, published)


def make_days(days: tuple[dt.date, ...], bucket: Path, scratch: Path) -> Week:
    """Make every track of the shipped plan for some days, and the catalogs."""
    configs = load_configs()
    library = library_in(bucket)
    tracks = {
        (day, entry.id): make(library, free_plan(configs, day, entry.id, SECONDS), scratch)
        for day in days
        for entry in configs.plan.tracks
    }
    commit_catalogs(library)
    return Week(library, days, tracks)
