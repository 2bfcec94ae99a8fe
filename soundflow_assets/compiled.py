"""The one door to numba: `njit`, with compiled code kept by the state of the sources.

numba rebuilds a cached kernel when its own file changes, but not when a function that it has
inlined from another file does, and would go on playing the old sound. So the folder's name is a
hash of every source that may hold a kernel: another state of the sources starts from nothing. numba
must know the folder before the first kernel is declared, so kernels take `njit` from here, never
from numba itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import numba
from numba import njit

__all__ = ["njit"]

PACKAGE = Path(__file__).resolve().parent
SOURCES = ("synthesis", "mastering", "delivery", "listening")
PREFIX = "kernels-"


def sources_digest() -> str:
    """Return a short hash over every Python source of the packages with kernels."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return a writable folder for the present sources, created; older states are removed.

    Under `NUMBA_CACHE_DIR` where that is set, else in this package's `__pycache__`, else among the
    user's temporary files (an installation may be read-only).
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    homes = [Path(given)] if given else [Path(__file__).with_name("__pycache__")]
    homes.append(Path(tempfile.gettempdir()) / f"soundflow-{os.getuid()}")
    name = PREFIX + sources_digest()
    for home in homes:
        folder = home / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.joinpath(".used").touch()
        except OSError:
            continue
        for other in home.glob(PREFIX + "*"):
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        return folder
    return Path(tempfile.mkdtemp(prefix=PREFIX))


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
