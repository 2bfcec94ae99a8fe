"""A track made on request, as it is put into the bucket and described to who asked for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundflow_assets.storage.keys import made_key
from soundflow_assets.storage.store import FOR_EVER

if TYPE_CHECKING:
    from soundflow_assets.production import Production
    from soundflow_assets.storage.store import ObjectStore

# ending of a finished file -> its name below the project, its content type, its field
FILES = {
    "mp3": ("track.mp3", "audio/mpeg", "objectKey"),
    "peaks.json": ("track.peaks.json", "application/json", "peaksKey"),
    "cover.png": ("track.cover.png", "image/png", "coverKey"),
    "mid": ("track.mid", "audio/midi", "midiKey"),
}


def put_files(store: ObjectStore, project_id: str, files: dict[str, Path]) -> None:
    """Put a finished track's files under its project; the MP3 last, for it is what is waited for.

    Putting them again, after a retry, replaces them by the same bytes.
    """
    for ending in sorted(FILES, key=lambda one: one == "mp3"):
        name, content_type, _ = FILES[ending]
        store.put(
            made_key(project_id, name),
            files[ending],
            content_type=content_type,
            cache_control=FOR_EVER,
        )


def describe(production: Production, project_id: str, license_id: str) -> dict[str, Any]:
    """Return the track's entry: the names of the catalogs, keys instead of addresses."""
    plan = production.plan
    keys = {field: made_key(project_id, name) for name, _, field in FILES.values()}
    return {
        "id": project_id,
        "title": plan.title,
        "category": plan.category,
        "genre": plan.genre,
        "bpm": plan.bpm,
        "key": plan.key,
        "durationSec": plan.duration_s,
        "date": plan.date.isoformat(),
        "seed": str(plan.seed),
        "bytes": production.files["mp3"].stat().st_size,
        "loudnessLufs": production.measured("loudness"),
        "truePeakDbtp": production.measured("true_peak"),
        "pcmSha256": production.pcm_sha256,
        "engineVersion": plan.engine_version,
        "license": license_id,
        "sections": [
            {
                "name": section.name,
                "startSec": round(section.start_s, 3),
                "endSec": round(section.end_s, 3),
                "energy": round(section.energy, 3),
            }
            for section in production.score.sections
        ],
        **keys,
    }
