"""From finished files to a published track: the sidecar that describes them, and the bucket.

Sits on `production` as `production` sits on the stages. What makes publishing safe (files first,
the sidecar last, nothing overwritten) is `catalog.publish`.
"""

from __future__ import annotations

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.catalog.canonical import ordered
from soundflow_assets.catalog.entry import CatalogEntry, Loop, SectionMark, Stems
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import (
    Body,
    PublishResult,
    publish_track,
    read_sidecar,
    recorded,
)
from soundflow_assets.catalog.sidecar import FileRecord, PlanRecord, Sidecar, verdict_records
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.production import Production
from soundflow_assets.progress import ProgressCallback, StageClock, silent
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.store import NotFound

GENERATOR = "soundflow procedural engine"
CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "peaks.json": "application/json",
    "cover.png": "image/png",
    "mid": "audio/midi",
    "loop.ogg": "audio/ogg",
    "music.ogg": "audio/ogg",
    "bed.ogg": "audio/ogg",
    "plan.json": "application/json",
}


def publish(
    production: Production,
    library: Library,
    license_id: str,
    on_event: ProgressCallback = silent,
) -> PublishResult:
    """Put a finished track into its bucket; the same track again changes nothing.

    Raises
    ------
    Unavailable
        When the bucket does not answer; trying again may help.
    BadInput
        When it refuses these credentials.
    """
    ref = reference_of(production.plan)
    bodies = _bodies(production)
    sidecar = sidecar_of(production, library, license_id, bodies)
    files = {ref.file_key(ending): (body, CONTENT_TYPES[ending]) for ending, body in bodies.items()}
    with StageClock(production.plan.track_id, on_event).stage("upload") as on_progress:
        return publish_track(library.store(ref.tier), sidecar, files, on_progress)


def problems_of(library: Library, sidecar: Sidecar) -> list[str]:
    """Return in what the bucket differs from a sidecar, a sentence each: missing, size, hash."""
    store = library.store(sidecar.entry.tier)
    problems = []
    if read_sidecar(store, sidecar.key)[0] != sidecar:
        problems.append(f"{sidecar.key}: another sidecar lies there")
    for record in sidecar.files:
        try:
            held = store.head(record.key)
        except NotFound:
            problems.append(f"{record.key}: not there")
            continue
        if (held.size, held.sha256 or record.sha256) != (record.bytes, record.sha256):
            problems.append(f"{record.key}: holds other bytes than the sidecar says")
    return problems


def reference_of(plan: TrackPlan) -> TrackRef:
    """Return the track's place in the bucket."""
    return TrackRef(plan.tier, plan.date, plan.track_id)


def sidecar_of(
    production: Production, library: Library, license_id: str, bodies: dict[str, Body]
) -> Sidecar:
    """Return all that is known of a finished track; nothing in it depends on when or where."""
    ref = reference_of(production.plan)
    records = {
        ending: recorded(ref.file_key(ending), body, CONTENT_TYPES[ending])
        for ending, body in bodies.items()
    }
    return Sidecar(
        entry=_entry(production, library, license_id, ref, records),
        files=tuple(records.values()),
        plan=PlanRecord(sha256=records["plan.json"].sha256, key=records["plan.json"].key),
        verdicts=verdict_records(production.verdicts),
    )


def _entry(
    production: Production,
    library: Library,
    license_id: str,
    ref: TrackRef,
    records: dict[str, FileRecord],
) -> CatalogEntry:
    plan, audio = production.plan, records["mp3"]
    return CatalogEntry(
        id=plan.id,
        title=plan.title,
        plain_title=plan.plain_title,
        tier=plan.tier,
        date=plan.date,
        category=plan.category,
        genre=plan.genre,
        bpm=plan.bpm,
        key=plan.key,
        duration_sec=plan.duration_s,
        goal_tags=plan.goal_tags,
        nature_tags=plan.nature_tags,
        energy_min=plan.energy_min,
        energy_max=plan.energy_max,
        ambience_min=plan.ambience_min,
        ambience_max=plan.ambience_max,
        object_key=audio.key,
        url=library.url(audio.key) if plan.tier == "free" else None,
        sha256=audio.sha256,
        bytes=audio.bytes,
        bitrate_kbps=plan.bitrate_kbps,
        sample_rate=SAMPLE_RATE,
        loudness_lufs=production.measured("loudness"),
        true_peak_dbtp=production.measured("true_peak"),
        pcm_sha256=production.pcm_sha256,
        seed=str(plan.seed),
        engine_version=plan.engine_version,
        generator=GENERATOR,
        license=license_id,
        sections=tuple(
            SectionMark(
                name=section.name,
                start_sec=round(section.start_s, 3),
                end_sec=round(section.end_s, 3),
                energy=round(section.energy, 3),
            )
            for section in production.score.sections
        ),
        peaks_key=ref.file_key("peaks.json"),
        cover_key=ref.file_key("cover.png"),
        midi_key=ref.file_key("mid"),
        loop=_loop(production, records),
        stems=_stems(production, records),
    )


def _loop(production: Production, records: dict[str, FileRecord]) -> Loop | None:
    cut = production.loop
    if cut is None:
        return None
    file = records["loop.ogg"]
    return Loop(
        key=file.key,
        start_sample=cut.start,
        end_sample=cut.end,
        bars=cut.bars,
        duration_sec=round(cut.samples / SAMPLE_RATE, 6),
        sha256=file.sha256,
        bytes=file.bytes,
    )


def _stems(production: Production, records: dict[str, FileRecord]) -> Stems | None:
    pair = production.stems
    if pair is None:
        return None
    return Stems(
        music_key=records["music.ogg"].key,
        bed_key=records["bed.ogg"].key,
        loudness_lufs=pair.loudness_lufs,
        peak_dbfs=pair.peak_dbfs,
    )


def _bodies(production: Production) -> dict[str, Body]:
    plan = ordered(production.plan.model_dump(mode="json"))
    return {**production.files, "plan.json": plan}
