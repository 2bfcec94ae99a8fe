"""A finished track into its bucket: files first, the sidecar last, nothing ever overwritten.

A track exists from the moment its sidecar does, so a crash before leaves only files that the next
run finds and counts as done. The same bytes again change nothing. Other bytes for a file that is
there get a key of their own (`keys.revised_key`), and the sidecar, which never moves, is replaced
by compare-and-swap; the old file stays for those who hold its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from soundflow_assets.catalog.canonical import JSON_TYPE, sha256_of
from soundflow_assets.catalog.inbox import announce
from soundflow_assets.catalog.sidecar import FileRecord, Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.keys import Tier, revised_key
from soundflow_assets.storage.store import (
    FOR_EVER,
    NotFound,
    ObjectInfo,
    ObjectStore,
    PreconditionFailed,
    StoredObject,
)

Body = bytes | Path
Outcome = Literal["created", "unchanged", "revised"]

PRIVATE = "private, no-store"
_SIDECAR_CACHE = "public, max-age=60"
_PATIENCE = 12  # rounds against others who write the same track


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What publishing came to. `sidecar` is as stored, with the keys that hold the files."""

    outcome: Outcome
    sidecar: Sidecar
    written: tuple[str, ...]  # keys put by this call


def publish_track(
    store: ObjectStore,
    sidecar: Sidecar,
    files: Mapping[str, tuple[Body, str]],
    on_progress: Callable[[float], None] = lambda _share: None,
) -> PublishResult:
    """Publish a track; running it again, also after a crash or at the same time, is harmless.

    Parameters
    ----------
    store
        The bucket of the track's tier.
    sidecar
        Names every file by its first key, with its sha256 and size.
    files
        For each key of `sidecar.files` the bytes or a path, and the content type.
    on_progress
        Told the share of files that are stored, 0 to 1.

    Raises
    ------
    BadInput
        When the files given are not the files the sidecar describes; nothing is stored then.
    """
    bodies = _checked(sidecar, files)
    tier = sidecar.entry.tier
    moved: dict[str, str] = {}
    written: list[str] = []
    on_progress(0.0)
    for number, record in enumerate(_audio_first(sidecar)):
        moved[record.key], put = _store_file(store, record, bodies[record.key], tier)
        if put:
            written.append(moved[record.key])
        on_progress((number + 1) / (len(sidecar.files) + 1))
    outcome, stored = _store_sidecar(store, _moved(sidecar, moved), tier)
    if outcome != "unchanged":
        written.append(stored.key)
    on_progress(1.0)
    return PublishResult(outcome, stored, tuple(written))


def recorded(key: str, body: Body, content_type: str) -> FileRecord:
    """Return what a sidecar says of a file."""
    sha256, size = _measure(body)
    return FileRecord(key=key, sha256=sha256, bytes=size, content_type=content_type)


def read_sidecar(store: ObjectStore, key: str) -> tuple[Sidecar, StoredObject]:
    """Return the sidecar at `key` and the object it was read from."""
    found = store.get(key)
    return parse_sidecar(found.body, key), found


def put_sidecar(store: ObjectStore, sidecar: Sidecar, replaced: ObjectInfo | None) -> None:
    """Put a sidecar over exactly the version `replaced`, or as the first one.

    The catalogs are told before, so that no crash between the two can hide the track from them.
    """
    body = sidecar.to_bytes()
    announce(store, sidecar.entry.ref, body, replaced.etag if replaced is not None else "")
    store.put(
        sidecar.key,
        body,
        if_absent=replaced is None,
        if_match=replaced.etag if replaced is not None else None,
        content_type=JSON_TYPE,
        cache_control=PRIVATE if sidecar.entry.tier == "premium" else _SIDECAR_CACHE,
    )


def _checked(
    sidecar: Sidecar, files: Mapping[str, tuple[Body, str]]
) -> Mapping[str, tuple[Body, str]]:
    described = {record.key: record for record in sidecar.files}
    if described.keys() != files.keys():
        differing = ", ".join(sorted(described.keys() ^ files.keys()))
        raise BadInput(f"{sidecar.entry.id}: given and described files differ: {differing}")
    for key, (body, content_type) in files.items():
        sha256, size = _measure(body)
        record = described[key]
        if (sha256, size, content_type) != (record.sha256, record.bytes, record.content_type):
            raise BadInput(f"{key}: is not the file the sidecar describes ({sha256}, {size} bytes)")
    return files


def _measure(body: Body) -> tuple[str, int]:
    if isinstance(body, bytes):
        return sha256_of(body), len(body)
    with body.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), body.stat().st_size


def _audio_first(sidecar: Sidecar) -> list[FileRecord]:
    return sorted(sidecar.files, key=lambda file: (file.key != sidecar.entry.object_key, file.key))


def _store_file(
    store: ObjectStore, record: FileRecord, body: tuple[Body, str], tier: Tier
) -> tuple[str, bool]:
    """Return the key that holds these bytes, and whether this call put them there."""
    for key in (record.key, revised_key(record.key, record.sha256)):
        if (held := _held(store, key)) is None:
            try:
                store.put(
                    key,
                    body[0],
                    if_absent=True,
                    content_type=body[1],
                    cache_control=PRIVATE if tier == "premium" else FOR_EVER,
                )
                return key, True
            except PreconditionFailed:
                held = _held(store, key)
        if held == record.sha256:
            return key, False
    raise Failed(
        f"{record.key}: neither it nor its revision holds the bytes with sha256 {record.sha256}; "
        "another writer is at work or the stored object is damaged; run again"
    )


def _held(store: ObjectStore, key: str) -> str | None:
    """Return the sha256 of what lies at `key`, None where nothing does."""
    try:
        return store.head(key).sha256 or store.get(key).info.sha256
    except NotFound:
        return None


def _moved(sidecar: Sidecar, moved: Mapping[str, str]) -> Sidecar:
    """Return the sidecar with every key as it is now, the public address included."""
    if all(first == now for first, now in moved.items()):
        return sidecar
    entry = sidecar.entry
    changes: dict[str, Any] = {
        name: moved[key]
        for name in ("object_key", "peaks_key", "cover_key", "midi_key")
        if (key := getattr(entry, name)) is not None
    }
    if entry.url is not None:
        changes["url"] = entry.url.removesuffix(entry.object_key) + changes["object_key"]
    if entry.loop is not None:
        changes["loop"] = entry.loop.model_copy(update={"key": moved[entry.loop.key]})
    if entry.stems is not None:
        keys = {name: moved[getattr(entry.stems, name)] for name in ("music_key", "bed_key")}
        changes["stems"] = entry.stems.model_copy(update=keys)
    plan = sidecar.plan
    if plan is not None and plan.key is not None:
        plan = plan.model_copy(update={"key": moved[plan.key]})
    return Sidecar(
        **{
            **dict(sidecar),
            "entry": entry.model_copy(update=changes),
            "plan": plan,
            "files": tuple(
                file.model_copy(update={"key": moved[file.key]}) for file in sidecar.files
            ),
        }
    )


def _store_sidecar(store: ObjectStore, sidecar: Sidecar, tier: Tier) -> tuple[Outcome, Sidecar]:
    for _ in range(_PATIENCE):
        try:
            found = store.get(sidecar.key)
        except NotFound:
            try:
                put_sidecar(store, sidecar, None)
                return "created", sidecar
            except PreconditionFailed:
                continue
        new = _still_withdrawn(sidecar, found)
        if new.to_bytes() == found.body:
            return "unchanged", new
        try:
            put_sidecar(store, new, found.info)
            return "revised", new
        except PreconditionFailed:
            continue
    raise Failed(f"{sidecar.key}: others kept replacing it; run again")


def _still_withdrawn(sidecar: Sidecar, found: StoredObject) -> Sidecar:
    """Keep a withdrawal: making a track again must not bring back what a person took down."""
    try:
        old = parse_sidecar(found.body, sidecar.key)
    except BadInput:
        return sidecar  # a broken sidecar is repaired by replacing it
    if old.withdrawn is None:
        return sidecar
    # Its files are there again, so it can be taken back again.
    return sidecar.model_copy(
        update={"withdrawn": old.withdrawn.model_copy(update={"swept_at": None})}
    )
