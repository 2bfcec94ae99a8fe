"""Can this installation make and publish a day? Each check says what it found and what to do.

Nothing here repairs anything, and nothing is left behind: the bucket is written to, read from and
cleaned up again.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from soundflow_assets.composition.check import check_harmony
from soundflow_assets.errors import SoundFlowError
from soundflow_assets.orchestration.instance import dagster_home
from soundflow_assets.plans.load import load_configs
from soundflow_assets.settings import Settings, load_settings
from soundflow_assets.storage.open import open_premium_store, open_store, public_base_url
from soundflow_assets.storage.store import ObjectStore
from soundflow_assets.synthesis.check import check_sounds

State = Literal["ok", "note", "problem"]
LEAST_FREE_BYTES = 500_000_000
COMFORTABLE_FREE_BYTES = 5_000_000_000
PROBE_FOLDER = "doctor"
_FFMPEG_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` says what to do, empty where nothing is to be done."""

    check: str
    state: State
    found: str
    remedy: str = ""


def diagnose() -> list[Finding]:
    """Run every check; a check that cannot be made is a finding, never an exception."""
    try:
        settings = load_settings()
    except SoundFlowError as error:
        settings_found = Finding("settings", "problem", str(error), "correct the environment")
        return [settings_found, *_independent()]
    where = f"R2 bucket {settings.r2.bucket}" if settings.r2 else f"local folder {settings.bucket}"
    found = [Finding("settings", "ok", where)]
    found += _guarded("configuration", lambda: _configuration(settings))
    found += _guarded("bucket", lambda: _bucket("bucket", open_store(settings)))
    if _has_premium_bucket(settings):
        found += _guarded(
            "premium bucket", lambda: _bucket("premium bucket", open_premium_store(settings))
        )
    found += _guarded("public address", lambda: _public_address(settings))
    return [*found, *_independent(settings)]


def _independent(settings: Settings | None = None) -> list[Finding]:
    bucket = settings.bucket if settings is not None and settings.r2 is None else None
    return [
        *_guarded("ffmpeg", _ffmpeg),
        *_guarded("dagster", _dagster),
        *_guarded("dagster home", _home),
        *_guarded("disk", lambda: _disk(bucket)),
        *_guarded("kernel cache", _kernel_cache),
    ]


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (SoundFlowError, OSError) as error:
        return [Finding(name, "problem", str(error))]


def _has_premium_bucket(settings: Settings) -> bool:
    if settings.r2 is not None:
        return settings.r2.premium_bucket is not None
    return settings.premium_bucket is not None


def _configuration(settings: Settings) -> Iterator[Finding]:
    configs = load_configs(settings.configs)
    check_harmony(configs)
    check_sounds(configs)
    counts = (
        f"{len(configs.plan.tracks)} categories, {len(configs.genres)} genres, "
        f"{len(configs.kits)} kits, {len(configs.patches)} patches, "
        f"{len(configs.nature.beds)} beds"
    )
    yield Finding("configuration", "ok", counts)


def _bucket(name: str, store: ObjectStore) -> Iterator[Finding]:
    """Write, read and remove one small object."""
    key = f"{PROBE_FOLDER}/{uuid.uuid4().hex}.txt"
    body = key.encode()
    store.put(key, body, if_absent=True, content_type="text/plain")
    try:
        same = store.get(key).body == body
        listed = any(info.key == key for info in store.list(PROBE_FOLDER + "/"))
    finally:
        store.delete(key)
    if same and listed:
        yield Finding(name, "ok", f"{store.name}: written, read, listed")
    else:
        what = "is not listed" if same else "comes back with other bytes"
        yield Finding(name, "problem", f"{store.name}: an object just written {what}")


def _public_address(settings: Settings) -> Iterator[Finding]:
    address = public_base_url(settings)
    if settings.free_public_base_url is None:
        yield Finding(
            "public address",
            "note",
            f"catalogs will point to {address}",
            "set FREE_PUBLIC_BASE_URL to the address front ends use",
        )
    else:
        yield Finding("public address", "ok", address)


def _ffmpeg() -> Iterator[Finding]:
    from soundflow_assets.delivery.ffmpeg import REMEDY, ffmpeg_path

    path = ffmpeg_path()
    try:
        told = subprocess.run(
            [path, "-hide_banner", "-version"],
            capture_output=True,
            text=True,
            timeout=_FFMPEG_TIMEOUT_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding("ffmpeg", "problem", f"{path} does not run: {error}", REMEDY)
        return
    yield Finding("ffmpeg", "ok", told.splitlines()[0])


def _dagster() -> Iterator[Finding]:
    versions = {name: importlib.metadata.version(name) for name in ("dagster", "dagster-webserver")}
    found = ", ".join(f"{name} {version}" for name, version in versions.items())
    if len(set(versions.values())) > 1:
        yield Finding("dagster", "problem", found, "install one set: `make setup`")
    else:
        yield Finding("dagster", "ok", found)


def _home() -> Iterator[Finding]:
    home = dagster_home()
    if home is None:
        yield Finding(
            "dagster home",
            "note",
            "DAGSTER_HOME is not set: runs of this command are not recorded",
            "set it to a folder with a dagster.yaml; `make` targets use the project's",
        )
        return
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home):
        pass
    if (home / "dagster.yaml").is_file():
        yield Finding("dagster home", "ok", str(home))
    else:
        yield Finding(
            "dagster home",
            "note",
            f"{home} has no dagster.yaml: Dagster's defaults hold, ten runs at a time among them",
            "copy the project's dagster.yaml there",
        )


def _disk(bucket: Path | None) -> Iterator[Finding]:
    folders = {"temporary files": Path(tempfile.gettempdir())}
    if bucket is not None:
        folders["bucket"] = next(one for one in (bucket, *bucket.parents) if one.is_dir())
    for what, folder in folders.items():
        free = shutil.disk_usage(folder).free
        found = f"{free / 1e9:.1f} GB free for {what} ({folder})"
        if free < LEAST_FREE_BYTES:
            yield Finding(
                "disk", "problem", found, "a day takes 25 MB, its making 100 MB: clear up"
            )
        elif free < COMFORTABLE_FREE_BYTES:
            yield Finding("disk", "note", found, "a year of free tracks takes 9 GB")
        else:
            yield Finding("disk", "ok", found)


def _kernel_cache() -> Iterator[Finding]:
    """Tell where compiled kernels are kept."""
    from soundflow_assets import compiled

    wanted = compiled.wanted_home()
    if compiled.FOLDER.parent == wanted:
        yield Finding("kernel cache", "ok", str(compiled.FOLDER))
    else:
        yield Finding(
            "kernel cache",
            "note",
            f"{wanted} cannot be written: compiled kernels are kept in {compiled.FOLDER}",
            "set NUMBA_CACHE_DIR to a folder that can be, and that lasts",
        )
