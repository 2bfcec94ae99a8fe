"""Configuration, date and category to the complete recipe of one track.

A pure function: the same configuration, engine version, date and category always give the same
plan. What is counted is in `rotation`, what is drawn from the counts in `choices`.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.ambience import ambience_level, bed_loudness_lu, beds_of
from soundflow_assets.plans.choices import choose, cycled
from soundflow_assets.plans.configs import Configs, slot_name
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.key import Key
from soundflow_assets.plans.mode import is_minor, progressions_of
from soundflow_assets.plans.model import (
    MAX_DURATION_S,
    MIN_DURATION_S,
    PlanEntry,
    TrackPlan,
)
from soundflow_assets.plans.programme import extended
from soundflow_assets.plans.rotation import Appearance, Slot, appearance, slot_of
from soundflow_assets.plans.seeds import generator, seed_of
from soundflow_assets.plans.titles import title_of
from soundflow_assets.plans.validate import nearest
from soundflow_assets.version import ENGINE_VERSION


@dataclass(frozen=True, slots=True)
class _Request:
    """What a track is asked to be, before anything is drawn."""

    entry: PlanEntry
    slot: Slot
    date: dt.date
    track_id: str
    at: Appearance
    seed: int
    duration_s: float


def free_plan(
    configs: Configs,
    date: dt.date,
    category: str,
    duration_s: float | None = None,
    seed: int | None = None,
) -> TrackPlan:
    """Return the plan of one category's daily track.

    Parameters
    ----------
    configs : Configs
        From `load_configs`.
    date : datetime.date
        The day; its weekday picks the genre.
    category : str
        `Deep Work`, `deep-work`, `deep_work` or the track id `deep_work_daily`.
    duration_s : float, optional
        10 to 3600; the plan's default otherwise.
    seed : int, optional
        Redraws every choice; the same seed gives the same track.

    Raises
    ------
    BadInput
        Unknown category or a duration outside the limits.
    """
    entry = find_entry(configs, category)
    slot = slot_of(configs.plan, entry, date.weekday())
    request = _Request(
        entry=entry,
        slot=slot,
        date=date,
        track_id=entry.id,
        at=appearance(configs.plan, entry, date) if seed is None else Appearance(seed, seed),
        seed=seed_of(ENGINE_VERSION, date, entry.id, slot.genre) if seed is None else seed,
        duration_s=_duration(configs, duration_s),
    )
    return _resolve(configs, request)


def genre_plan(
    configs: Configs,
    genre: str,
    date: dt.date,
    seed: int | None = None,
    duration_s: float | None = None,
    category: str | None = None,
) -> TrackPlan:
    """Return the plan of a track of one genre, whatever the weekday.

    Layers, tone and ranges come from `category`, or else from the first category that has the
    genre as its own or in its rotation. Without a seed the date decides.

    Raises
    ------
    BadInput
        Unknown genre or category, or a duration outside the limits.
    """
    if genre not in configs.genres:
        known = sorted(configs.genres)
        raise BadInput(
            f"unknown genre {genre!r}{nearest(genre, known) or ';'} known: {', '.join(known)}"
        )
    entry = _home_of(configs, genre) if category is None else find_entry(configs, category)
    own = genre == entry.genre
    slots = [slot_of(configs.plan, entry, weekday) for weekday in range(7)]
    slot = next((s for s in slots if s.genre == genre), Slot(genre, None, None))
    if own and slot.key is None:
        slot = Slot(genre, entry.bpm, None)
    count = date.toordinal() if seed is None else seed
    request = _Request(
        entry=entry,
        slot=slot,
        date=date,
        track_id=genre,
        at=Appearance(count, count),
        seed=seed_of(ENGINE_VERSION, date, "genre", genre) if seed is None else seed,
        duration_s=_duration(configs, duration_s),
    )
    return _resolve(configs, request)


def find_entry(configs: Configs, category: str) -> PlanEntry:
    """Return the entry of a category name, slug or track id; `BadInput` lists what is known."""
    for entry in configs.plan.tracks:
        if category == entry.id or slot_name(category) == slot_name(entry.siteCategory):
            return entry
    known = [entry.siteCategory for entry in configs.plan.tracks]
    ids = [entry.id for entry in configs.plan.tracks]
    raise BadInput(
        f"unknown category {category!r}{nearest(category, [*known, *ids]) or ';'} "
        f"known: {', '.join(known)} (or by track id: {', '.join(ids)})"
    )


def _home_of(configs: Configs, genre: str) -> PlanEntry:
    entries = configs.plan.tracks
    for entry in entries:
        if entry.genre == genre:
            return entry
    for entry in entries:
        if any(slot_of(configs.plan, entry, day).genre == genre for day in range(7)):
            return entry
    return entries[0]


def _duration(configs: Configs, asked: float | None) -> float:
    duration_s = configs.plan.defaults.duration_sec if asked is None else asked
    if not (math.isfinite(duration_s) and MIN_DURATION_S <= duration_s <= MAX_DURATION_S):
        raise BadInput(
            f"duration {duration_s:g} s is not possible; allowed: {MIN_DURATION_S:g} to "
            f"{MAX_DURATION_S:g} s"
        )
    return float(duration_s)


def _resolve(configs: Configs, request: _Request) -> TrackPlan:
    entry, date = request.entry, request.date
    defaults = configs.plan.defaults
    spec = _played(configs.genres[request.slot.genre], request.slot.bpm, request.at.of_genre)
    minor = None if request.slot.key is None else request.slot.key.minor
    if not progressions_of(spec, minor):
        raise BadInput(
            f"genre {spec.genre!r} has no progression in a {'minor' if minor else 'major'} mode, "
            f"so it cannot be played in {request.slot.key}"
        )
    bpm = request.slot.bpm or _tempo(spec, request.at.of_genre)
    choices = choose(spec, minor, request.at, bpm)
    key = request.slot.key or _key(spec, choices.progression, request.at.of_genre)
    chosen = next(s for s in spec.instrument_sets if s.name == choices.instrument_set)
    level = ambience_level(entry, date, request.seed)
    plan = TrackPlan(
        engine_version=ENGINE_VERSION,
        seed=request.seed,
        date=date,
        track_id=request.track_id,
        category=entry.siteCategory,
        title=title_of(entry.siteCategory, spec.genre, date),
        plain_title=f"{entry.siteCategory} Daily - {date.isoformat()}",
        genre=spec.genre,
        bpm=bpm,
        key=str(key),
        duration_s=request.duration_s,
        curve=entry.curve,
        energy_min=entry.energyMin,
        energy_max=entry.energyMax,
        ambience_min=entry.ambienceMin,
        ambience_max=entry.ambienceMax,
        ambience_level=level,
        layers=entry.layers,
        synth=entry.synth,
        modulation=entry.modulation,
        beds=beds_of(configs, entry) if level else (),
        bed_loudness_lu=bed_loudness_lu(level),
        goal_tags=entry.goalTags,
        nature_tags=entry.natureTags,
        target_lufs=defaults.target_lufs if entry.target_lufs is None else entry.target_lufs,
        targets=entry.listening,
        bitrate_kbps=int(defaults.export_bitrate.removesuffix("k")),
        outputs=defaults.outputs,
        choices=choices,
        spec=spec,
        patches={name: configs.patches[name] for name in sorted(set(chosen.voices.values()))},
        kit=dict(configs.kits[choices.kit]) if choices.kit else {},
    )
    return extended(configs, plan, request.at)


def _played(genre: GenreSpec, bpm: float | None, count: int) -> GenreSpec:
    """Return the way in which the genre is played this time: its ways take turns.

    Where the slot fixes a tempo, only ways that know it take part, or else the genre's own.
    """
    ways = genre.played()
    fitting = [way for way in ways if bpm is None or way.bpm.min <= bpm <= way.bpm.max]
    return fitting[count % len(fitting)] if fitting else ways[0]


def _tempo(spec: GenreSpec, count: int) -> float:
    low, high = math.ceil(spec.bpm.min), math.floor(spec.bpm.max)
    if low > high:
        return spec.bpm.default
    return float(generator("tempo", spec.genre, count).integers(low, high + 1))


def _key(spec: GenreSpec, progression: str, count: int) -> Key:
    chosen = next(p for p in spec.harmony.progressions if p.name == progression)
    tonic = spec.tonics[cycled(count, len(spec.tonics), spec.genre, "tonic")]
    return Key(tonic % 12, is_minor(chosen))
