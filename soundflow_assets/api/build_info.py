"""Which program this is: version, commit, engine, and when it was built."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import subprocess
from pathlib import Path

from pydantic import BaseModel

from soundflow_assets.version import ENGINE_VERSION

_TIMEOUT_S = 5


class BuildInfo(BaseModel):
    """What `/version` answers. `commit` is None where neither setting nor checkout tells it."""

    version: str
    commit: str | None
    engine_version: str
    build_time: dt.datetime


def build_info(project: Path, commit: str | None) -> BuildInfo:
    """Return what is known of the program in the folder `project`.

    The build time is the commit's in a checkout, and elsewhere when the package was installed.
    """
    told = _git(project)
    built = told[1] if told else _installed()
    return BuildInfo(
        version=importlib.metadata.version("soundflow-assets"),
        commit=commit or (told[0] if told else None),
        engine_version=ENGINE_VERSION,
        build_time=built,
    )


def _git(project: Path) -> tuple[str, dt.datetime] | None:
    if not (project / ".git").exists():
        return None
    try:
        told = subprocess.run(
            ["git", "-C", str(project), "show", "-s", "--format=%H %ct", "HEAD"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        ).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return told[0], dt.datetime.fromtimestamp(int(told[1]), tz=dt.UTC)


def _installed() -> dt.datetime:
    from soundflow_assets import version

    return dt.datetime.fromtimestamp(Path(version.__file__).stat().st_mtime, tz=dt.UTC)
