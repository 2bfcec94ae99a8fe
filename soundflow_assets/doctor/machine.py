"""The machine itself: ffmpeg, Dagster and its home, disk, and where compiled kernels are kept."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from soundflow_assets.doctor.finding import Finding, guarded
from soundflow_assets.orchestration.instance import dagster_home

LEAST_FREE_BYTES = 500_000_000
COMFORTABLE_FREE_BYTES = 5_000_000_000
_FFMPEG_TIMEOUT_S = 20


def machine_findings(bucket: Path | None = None) -> list[Finding]:
    """Check this machine; `bucket` is the folder that tracks are put into, if it is one."""
    return [
        *guarded("ffmpeg", _ffmpeg),
        *guarded("dagster", _dagster),
        *guarded("dagster home", _home),
        *guarded("disk", lambda: _disk(bucket)),
        *guarded("kernel cache", _kernel_cache),
    ]


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
