"""Whether the names that configuration files use of each other exist.

Genres in the plan and its rotation, tags, beds, kits and their sounds, instruments and patches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from soundflow_assets.plans.configs import WEEKDAYS, Configs, rotated, slot_name
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.mode import progressions_of
from soundflow_assets.plans.rotation import slot_of
from soundflow_assets.plans.validate import nearest


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    hint = nearest(name, names)
    return f"unknown {what} {name!r}{hint or ';'} known: {', '.join(names)}"


def broken_references(configs: Configs) -> Iterator[tuple[str, str]]:
    """Yield (file, sentence) for every name that points to nothing."""
    for line in (
        *_entry_references(configs),
        *_rotation_references(configs),
        *_key_references(configs),
    ):
        yield "free_daily_plan.yaml", line
    for tag, beds in configs.nature.tags.items():
        for bed in sorted(set(beds) - set(configs.nature.beds)):
            yield "nature.yaml", f"tags.{tag}: {_unknown('bed', bed, configs.nature.beds)}"
    for bed in sorted(set(configs.nature.listening) - set(configs.nature.beds)):
        yield "nature.yaml", f"listening: {_unknown('bed', bed, configs.nature.beds)}"
    for bed in sorted(set(configs.nature.beds) - set(configs.nature.listening)):
        yield "nature.yaml", f"listening.{bed} is missing; every bed needs its targets"
    for stem, spec in configs.genres.items():
        file = f"genres/{stem}.yaml"
        if spec.genre != stem:
            yield file, f"genre: {spec.genre!r} differs from the file name; expected {stem!r}"
        for way in spec.played():
            where = "" if way.title == spec.title else f"{way.title}: "
            for line in (*_kit_references(way, configs), *_voice_references(way, configs)):
                yield file, where + line


def _entry_references(configs: Configs) -> Iterator[str]:
    for index, entry in enumerate(configs.plan.tracks):
        if entry.genre not in configs.genres:
            yield f"tracks[{index}].genre: {_unknown('genre', entry.genre, configs.genres)}"
        for tag in entry.natureTags:
            if tag not in configs.nature.tags:
                line = _unknown("tag", tag, configs.nature.tags)
                yield f"tracks[{index}].natureTags: {line}"


def _rotation_references(configs: Configs) -> Iterator[str]:
    categories = {slot_name(entry.siteCategory) for entry in configs.plan.tracks}
    rotation = configs.plan.genre_rotation
    for missing in sorted(categories - set(rotation)):
        yield f"genre_rotation: {missing} is missing; every site category needs its weekdays"
    for category, days in rotation.items():
        if category not in categories:
            yield f"genre_rotation: {_unknown('category', category, categories)}"
        for day in WEEKDAYS:
            if day not in days:
                yield f"genre_rotation.{category}: {day} is missing"
            elif (genre := rotated(days[day]).genre) not in configs.genres:
                line = _unknown("genre", genre, configs.genres)
                yield f"genre_rotation.{category}.{day}: {line}"


def _key_references(configs: Configs) -> Iterator[str]:
    """Yield slots whose key asks for a mode that the genre has no progression in."""
    for entry in configs.plan.tracks:
        category = slot_name(entry.siteCategory)
        days = configs.plan.genre_rotation.get(category, {})
        for weekday, day in enumerate(WEEKDAYS):
            if day not in days or rotated(days[day]).genre not in configs.genres:
                continue
            slot = slot_of(configs.plan, entry, weekday)
            minor = None if slot.key is None else slot.key.minor
            if not progressions_of(configs.genres[slot.genre], minor):
                mode = "minor" if minor else "major"
                yield (
                    f"genre_rotation.{category}.{day}: {slot.genre} has no progression in a {mode} "
                    f"mode and cannot be played in {slot.key}"
                )


def _kit_references(spec: GenreSpec, configs: Configs) -> Iterator[str]:
    for kit in spec.drums.kits:
        if kit not in configs.kits:
            yield f"drums.kits: {_unknown('kit', kit, configs.kits)}"
            continue
        for sound in spec.drums.lanes:
            if sound not in configs.kits[kit]:
                line = _unknown("sound", sound, configs.kits[kit])
                yield f"drums.lanes.{sound}: kit {kit!r} lacks it: {line}"


def _voice_references(spec: GenreSpec, configs: Configs) -> Iterator[str]:
    instruments = {name.split("/")[0] for name in configs.patches}
    for voices in spec.instrument_sets:
        for role, name in voices.voices.items():
            if name in configs.patches:
                continue
            instrument = name.split("/")[0]
            if instrument not in instruments:
                line = _unknown("instrument", instrument, instruments)
            else:
                line = _unknown(
                    "patch", name, (n for n in configs.patches if n.startswith(f"{instrument}/"))
                )
            yield f"instrument_sets.{voices.name}.voices.{role}: {line}"
