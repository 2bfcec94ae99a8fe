"""A finished premium track into the private bucket: files first, the sidecar last.

The sidecar carries what the track may be used for and how it came about, and nothing that differs
between two makings of the same track.
"""

from __future__ import annotations

from typing import Any

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import Body, PublishResult, publish_track, recorded
from soundflow_assets.catalog.sidecar import FileRecord, Sidecar, verdict_records
from soundflow_assets.premium.production import BITRATE_KBPS, PremiumProduction
from soundflow_assets.premium.rights import statement_of
from soundflow_assets.progress import StageClock
from soundflow_assets.settings import Settings
from soundflow_assets.version import ENGINE_VERSION

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "peaks.json": "application/json",
    "cover.png": "image/png",
    "request.json": "application/json",
}


def publish_premium(
    production: PremiumProduction, library: Library, settings: Settings, clock: StageClock
) -> PublishResult:
    """Put a finished track into the premium bucket; the same track again changes nothing."""
    ref = production.brief.request.ref
    bodies: dict[str, Body] = {
        **production.files,
        "request.json": production.brief.request.to_bytes(),
    }
    records = {
        ending: recorded(ref.file_key(ending), body, CONTENT_TYPES[ending])
        for ending, body in bodies.items()
    }
    sidecar = Sidecar(
        entry=_entry(production, settings, records),
        files=tuple(records.values()),
        measures={**production.measures, "generation": _generation(production)},
        verdicts=verdict_records(production.verdicts),
    )
    files = {records[ending].key: (body, CONTENT_TYPES[ending]) for ending, body in bodies.items()}
    with clock.stage("upload") as on_progress:
        return publish_track(library.store(ref.tier), sidecar, files, on_progress)


def _entry(
    production: PremiumProduction, settings: Settings, records: dict[str, FileRecord]
) -> CatalogEntry:
    brief, request, prompt = production.brief, production.brief.request, production.brief.prompt
    audio = records["mp3"]
    return CatalogEntry(
        id=request.ref.id,
        title=brief.title,
        plain_title=f"{request.category} Premium - {request.date.isoformat()}",
        tier="premium",
        date=request.date,
        category=request.category,
        genre=prompt.genre,
        bpm=production.bpm,
        key=production.key,
        duration_sec=request.duration,
        goal_tags=prompt.goalTags,
        nature_tags=prompt.natureTags,
        energy_min=prompt.energyMin,
        energy_max=prompt.energyMax,
        ambience_min=prompt.ambienceMin,
        ambience_max=prompt.ambienceMax,
        object_key=audio.key,
        sha256=audio.sha256,
        bytes=audio.bytes,
        bitrate_kbps=BITRATE_KBPS,
        sample_rate=SAMPLE_RATE,
        loudness_lufs=production.measured("loudness"),
        true_peak_dbtp=production.measured("true_peak"),
        pcm_sha256=production.master.pcm_sha256,
        seed=str(brief.seed),
        engine_version=ENGINE_VERSION,
        generator=f"{brief.model.family} by {request.gpu_provider}",
        license=brief.model.license,
        peaks_key=records["peaks.json"].key,
        cover_key=records["cover.png"].key,
        model=brief.model.name if brief.model.folder is not None else brief.model.hub_id,
        model_revision=production.sound.model_revision or None,
        rights=statement_of(request, brief.model, settings),
    )


def _generation(production: PremiumProduction) -> dict[str, Any]:
    brief = production.brief
    return {
        "prompt": brief.rendered.text,
        "promptFields": dict(brief.rendered.fields),
        "promptId": brief.prompt.id,
        "words": brief.enhanced.original,
        "enhancer": brief.enhanced.version,
        "enhancerNote": brief.enhanced.note,
        "backend": production.sound.generator,
        "revision": brief.request.revision,
    }
