"""Files on a disk, written so that a crash leaves the old or the new one.

Also the sentences for what an operating system refuses. Nothing here knows of keys or buckets.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from soundflow_assets.errors import Failed

_STALE_S = 3600.0  # an unfinished write older than this belongs to a process that died
_CHUNK = 1 << 20


@contextlib.contextmanager
def staged(folder: Path, body: bytes | Path) -> Iterator[tuple[Path, str]]:
    """Write `body` to a temporary file in `folder`; yield it and its sha256.

    The bytes are on the disk when it is yielded. The file is removed unless it was moved away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            sha256 = _copy(body, file)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o644)  # mkstemp's 0600 would hide the bucket from a web server
        yield path, sha256
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock against other threads and processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def flush_folder(folder: Path) -> None:
    """Make a rename inside `folder` outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_stale(folder: Path) -> None:
    """Remove what writers that died left half-written in `folder`."""
    oldest = time.time() - _STALE_S
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime < oldest:
                    Path(entry.path).unlink()


def walk_files(root: Path, prefix: str = "", after: str = "") -> Iterator[str]:
    """Yield the paths below `root` that begin with `prefix` and come behind `after`, in order.

    The order is that of the whole paths with `/` between names. Folders in which nothing can be
    wanted are not read; hidden files and folders are passed over.
    """
    return _walk(root, "", prefix, after)


def _walk(root: Path, folder: str, prefix: str, after: str) -> Iterator[str]:
    try:
        with os.scandir(root / folder) as entries:
            names = sorted(
                f"{folder}{entry.name}{'/' if entry.is_dir() else ''}"
                for entry in entries
                if not entry.name.startswith(".")
            )
    except FileNotFoundError:
        return  # nothing was ever put here, or it was removed meanwhile
    for name in names:
        if not name.endswith("/"):
            if name.startswith(prefix) and name > after:
                yield name
        elif (name.startswith(prefix) or prefix.startswith(name)) and (
            name > after or after.startswith(name)
        ):
            yield from _walk(root, name, prefix, after)


def chunks(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes `start` to `stop` of an open file and close it."""
    with file:
        file.seek(start)
        while start < stop:
            chunk = file.read(min(_CHUNK, stop - start))
            if not chunk:
                raise Failed(f"the file ended at byte {start}, {stop} were recorded")
            start += len(chunk)
            yield chunk


def sentence(error: OSError) -> str:
    """Say what the operating system refused and what to do about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and run again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "no permission; make the folder writable or set SOUNDFLOW_BUCKET to another"
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return "a file stands where a folder is needed, or the other way round"
    return str(error)


def _copy(body: bytes | Path, file: BinaryIO) -> str:
    digest = hashlib.sha256()
    if isinstance(body, bytes):
        file.write(body)
        digest.update(body)
        return digest.hexdigest()
    with body.open("rb") as source:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()
