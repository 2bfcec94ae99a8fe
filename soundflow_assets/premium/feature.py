"""Never empty: on a day without a premium track, an older one under that day's date.

It says so: `featuredFrom` names the track whose sound it is, its id ends in `_again`, and tags,
seed, rights and hashes stay the first one's. Which one: the one that was on the front page longest
ago, so that a small library rotates instead of repeating its newest.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import Body, PublishResult, publish_track, read_sidecar
from soundflow_assets.catalog.sidecar import Sidecar
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import TrackRef, sidecar_ref, tracks_prefix
from soundflow_assets.storage.store import ObjectStore

SUFFIX = "_again"
_MOST_ID = 64


def feature_again(library: Library, date: dt.date) -> PublishResult | None:
    """Publish an older premium track under `date`; None when the day has one already.

    Running it again for the same day changes nothing.

    Raises
    ------
    BadInput
        When there is no older premium track.
    """
    store = library.premium
    published = _listed(store)
    if any(side.entry.date == date for side in published):
        return None
    older = [side for side in published if side.entry.date < date]
    if not older:
        raise BadInput(f"{date}: there is no older premium track to feature")
    originals = {side.entry.id: side for side in older if side.entry.featured_from is None}
    last: dict[str, dt.date] = {}
    for side in older:
        origin = side.entry.featured_from or side.entry.id
        if origin in originals:
            last[origin] = max(last.get(origin, side.entry.date), side.entry.date)
    if not last:
        raise BadInput(f"{date}: every older premium track is withdrawn")
    chosen = originals[min(last, key=lambda origin: (last[origin], origin))]
    return _published(store, chosen, date)


def _listed(store: ObjectStore) -> list[Sidecar]:
    """Return the sidecars of all premium tracks that are not withdrawn; broken ones are skipped."""
    found = []
    for info in store.list(tracks_prefix("premium"), suffix=".json"):
        if sidecar_ref(info.key) is None:
            continue
        try:
            sidecar, _ = read_sidecar(store, info.key)
        except BadInput:
            continue  # the catalogs report it
        if sidecar.withdrawn is None:
            found.append(sidecar)
    return found


def _published(store: ObjectStore, chosen: Sidecar, date: dt.date) -> PublishResult:
    first = chosen.entry
    ref = TrackRef("premium", date, f"{first.ref.track_id[: _MOST_ID - len(SUFFIX)]}{SUFFIX}")
    moved = {record.key: _moved(record.key, ref) for record in chosen.files}
    changes: dict[str, Any] = {
        "id": ref.id,
        "date": date,
        "plain_title": f"{first.category} Premium - {date.isoformat()}",
        "featured_from": first.id,
        "loop": None,
        "stems": None,
    }
    for name in ("object_key", "peaks_key", "cover_key", "midi_key"):
        key = getattr(first, name)
        if key is not None:
            changes[name] = moved[key]
    sidecar = Sidecar(
        **{
            **dict(chosen),
            "entry": first.model_copy(update=changes),
            "plan": None,
            "files": tuple(
                record.model_copy(update={"key": moved[record.key]}) for record in chosen.files
            ),
        }
    )
    files: dict[str, tuple[Body, str]] = {
        moved[record.key]: (store.get(record.key).body, record.content_type)
        for record in chosen.files
    }
    return publish_track(store, sidecar, files)


def _moved(key: str, ref: TrackRef) -> str:
    _, _, ending = key.rpartition("/")[2].partition(".")
    return ref.audio_key if ending == "mp3" else ref.companion_key(ending)
