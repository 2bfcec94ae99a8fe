"""What is said of a track, wherever it lies: its hashes, its plan, and the file itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from soundflow_assets.catalog.canonical import sha256_of
from soundflow_assets.catalog.document import field_problems, parse_document
from soundflow_assets.catalog.library import open_library
from soundflow_assets.catalog.sidecar import Sidecar, parse_sidecar
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan, genre_plan
from soundflow_assets.settings import Settings
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.store import NotFound, ObjectStore
from soundflow_assets.version import ENGINE_VERSION

_REVISION = re.compile(r"-r[0-9a-f]{8}$")
_ENDINGS = (".plan.json", ".json", ".mp3")


@dataclass(frozen=True, slots=True)
class Claim:
    """A track as it is described; hashes are None where none was recorded."""

    id: str
    audio: bytes | None  # the MP3 that is there
    plan: TrackPlan
    planned_anew: bool  # the plan is none that was kept
    engine_version: str
    license_id: str
    mp3_sha256: str | None = None
    pcm_sha256: str | None = None
    plan_sha256: str | None = None
    plan_sha256_found: str | None = None  # of the plan that is there


class _Place(Protocol):
    """Where a track's files lie side by side, by the last part of their keys."""

    def read(self, key: str) -> bytes | None:
        """Return a file, or None where there is none."""


def claim_of(what: str, settings: Settings) -> Claim:
    """Return what is said of a file, or of a track of the bucket by its id.

    Parameters
    ----------
    what
        An MP3, its sidecar or its plan; or an id like `free-2025-01-15-deep_work_daily`.

    Raises
    ------
    BadInput
        When it is neither, or nothing that can be read says what it was made from.
    """
    path = Path(what)
    if path.is_file():
        return _claim_of_file(path, settings)
    try:
        ref = TrackRef.parse(what)
    except BadInput:
        raise BadInput(
            f"{what}: neither a file nor the id of a track, like free-2025-01-15-deep_work_daily"
        ) from None
    place = _Bucket(open_library(settings).store(ref.tier))
    data = place.read(ref.sidecar_key)
    if data is None:
        raise BadInput(f"{what}: no such track in {place.store.name}")
    return _claimed(parse_sidecar(data, ref.sidecar_key), place, settings)


def _claim_of_file(path: Path, settings: Settings) -> Claim:
    ending = next((one for one in _ENDINGS if path.name.endswith(one)), None)
    if ending is None:
        raise BadInput(f"{path}: expected an MP3, a sidecar or a plan.json")
    stem = path.name.removesuffix(ending)
    place = _Folder(path.parent)
    for name in dict.fromkeys((stem, _REVISION.sub("", stem))):
        data = place.read(f"{name}.json")
        if data is not None:
            return _claimed(parse_document(Sidecar, data, f"{name}.json"), place, settings)
    plan = place.read(f"{stem}.plan.json")
    if plan is None:
        raise BadInput(
            f"{path}: neither a sidecar nor a plan.json lies beside it, so that nothing says what "
            "it was made from"
        )
    read = _plan(plan, f"{stem}.plan.json")
    return Claim(
        id=read.id,
        audio=place.read(f"{stem}.mp3"),
        plan=read,
        planned_anew=False,
        engine_version=read.engine_version,
        license_id=settings.free_license,
    )


def _claimed(sidecar: Sidecar, place: _Place, settings: Settings) -> Claim:
    entry, record = sidecar.entry, sidecar.plan
    key = None if record is None else record.key
    data = None if key is None else place.read(key)
    plan = _planned_anew(sidecar, settings) if data is None else _plan(data, str(key))
    return Claim(
        id=entry.id,
        audio=place.read(entry.object_key),
        plan=plan,
        planned_anew=data is None,
        engine_version=entry.engine_version,
        license_id=entry.license,
        mp3_sha256=entry.sha256,
        pcm_sha256=entry.pcm_sha256,
        plan_sha256=None if record is None else record.sha256,
        plan_sha256_found=None if data is None else sha256_of(data),
    )


def _plan(data: bytes, name: str) -> TrackPlan:
    try:
        return TrackPlan.model_validate_json(data)
    except ValidationError as error:
        raise BadInput(
            f"{name}: engine version {ENGINE_VERSION} cannot read this plan: "
            f"{'; '.join(field_problems(error)[:3])}"
        ) from None


def _planned_anew(sidecar: Sidecar, settings: Settings) -> TrackPlan:
    """Ask the configuration for the plan of a track whose own is not there."""
    entry = sidecar.entry
    if entry.tier != "free":
        raise BadInput(f"{entry.id}: its plan is not there, and no configuration makes it")
    configs = load_configs(settings.configs)
    plan = _free_plan(configs, sidecar, None)
    return plan if str(plan.seed) == entry.seed else _free_plan(configs, sidecar, int(entry.seed))


def _free_plan(configs: Configs, sidecar: Sidecar, seed: int | None) -> TrackPlan:
    entry, track = sidecar.entry, sidecar.entry.ref.track_id
    if track in configs.genres:
        return genre_plan(configs, track, entry.date, seed, entry.duration_sec, entry.category)
    return free_plan(configs, entry.date, track, entry.duration_sec, seed)


@dataclass(frozen=True, slots=True)
class _Bucket:
    store: ObjectStore

    def read(self, key: str) -> bytes | None:
        try:
            return self.store.get(key).body
        except NotFound:
            return None


@dataclass(frozen=True, slots=True)
class _Folder:
    folder: Path

    def read(self, key: str) -> bytes | None:
        path = self.folder / key.rpartition("/")[2]
        try:
            return path.read_bytes() if path.is_file() else None
        except OSError as error:
            raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error
