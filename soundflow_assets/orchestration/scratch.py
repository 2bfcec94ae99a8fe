"""Where a track lies while it is made: a folder of its own, gone afterwards, also after a kill.

A killed process cannot clear up. Whoever makes the next folder removes those whose maker is dead.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soundflow_assets.orchestration.locks import is_held, locked

PREFIX = "soundflow-scratch-"
_LOCK = "in-use.lock"
_GRACE_S = 60.0  # a folder this young may not have its lock yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder for temporary files."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with locked(folder / _LOCK):
            files = folder / "files"
            files.mkdir()
            yield files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove the folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            young = time.time() - folder.stat().st_mtime < _GRACE_S
            if not young and not is_held(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            # Another user's, or gone this moment: not ours to remove.
            continue
