"""A bucket that is a folder: what is put under `a/b.mp3` lies in the file `a/b.mp3`.

Everything the back end needs for itself lies in `.soundflow` (records, locks, half-written files),
which no key can reach. A put renames a finished file into place under a lock per key; files are
never changed in place, so an open one is a consistent version however often its key is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from soundflow_assets.errors import BadInput, Failed
from soundflow_assets.storage.keys import check_key, is_key
from soundflow_assets.storage.local_files import (
    chunks,
    flush_folder,
    locked,
    sentence,
    staged,
    sweep_stale,
    walk_files,
)
from soundflow_assets.storage.local_record import (
    Record,
    by_content,
    by_stat,
    encode_records,
    read_records,
)
from soundflow_assets.storage.signing import UrlSigner
from soundflow_assets.storage.store import (
    DEFAULT_CONTENT_TYPE,
    NotFound,
    ObjectInfo,
    PreconditionFailed,
    RangeRead,
    StoredObject,
    check_put,
    check_range,
)

_OWN_FOLDER = ".soundflow"
_RACES = 5  # how often a read starts over because its key was written meanwhile


class LocalStore:
    """A folder as a bucket."""

    def __init__(self, root: Path, signer: UrlSigner | None = None) -> None:
        self.root = root.absolute()
        self._signer = signer
        self._own = self.root / _OWN_FOLDER
        self._temporary = self._own / "tmp"
        sweep_stale(self._temporary)

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.root)

    def get(self, key: str) -> StoredObject:
        """Return an object whole."""
        with self._speaking("read", key):
            file, record = self._open(key)
            with file:
                body = file.read()
        if hashlib.sha256(body).hexdigest() != record.sha256:
            raise Failed(
                f"{key} in {self.name} is damaged: its sha256 is not the recorded {record.sha256}; "
                "restore the file from a backup, or delete it and publish again"
            )
        return StoredObject(record.info(key), body)

    def head(self, key: str) -> ObjectInfo:
        """Return what is known of an object."""
        with self._speaking("read", key):
            file, record = self._open(key)
            file.close()
        return record.info(key)

    def put(
        self,
        key: str,
        body: bytes | Path,
        *,
        if_absent: bool = False,
        if_match: str | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
        cache_control: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        """Store an object atomically."""
        path = self._path(key)
        kept = check_put(if_absent, if_match, metadata)
        with self._speaking("write", key), staged(self._temporary, body) as (fresh, sha256):
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(key):
                current = self._current(key)
                _check_condition(key, current, if_absent, if_match)
                _move_past(fresh, current)
                stat = fresh.stat()
                record = Record(
                    sha256, stat.st_size, stat.st_mtime_ns, content_type, cache_control, kept
                )
                self._write_record(key, record, current)
                fresh.replace(path)
                flush_folder(path.parent)
        return record.info(key)

    def list(self, prefix: str = "", *, suffix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield what lies under `prefix`, in the order of keys."""
        for key in self._keys(prefix, suffix, after):
            with contextlib.suppress(NotFound):  # deleted since the folder was read
                info = self.head(key)
                yield ObjectInfo(key, info.size, info.etag, info.modified)

    def open_range(self, key: str, start: int = 0, stop: int | None = None) -> RangeRead:
        """Open a part of an object."""
        with self._speaking("read", key):
            file, record = self._open(key)
        try:
            start, stop = check_range(key, record.size, start, stop)
        except BadInput:
            file.close()
            raise
        return RangeRead(record.info(key), start, stop, chunks(file, start, stop))

    def sign_get(self, key: str, expires_s: int = 3600) -> str:
        """Return an address of the serving process; needs the two signing settings."""
        check_key(key)
        if self._signer is None:
            raise BadInput(
                "a local bucket signs addresses only for a service: set SOUNDFLOW_SIGNING_BASE_URL "
                "and SOUNDFLOW_SIGNING_SECRET"
            )
        return self._signer.sign(key, expires_s)

    def delete(self, key: str) -> None:
        """Remove an object and what was recorded of it."""
        path = self._path(key)
        with self._speaking("delete", key):
            if path.exists():
                with self._locked(key):
                    path.unlink(missing_ok=True)
                    self._record_path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _record_path(self, key: str) -> Path:
        return self._own / "meta" / f"{key}.json"

    def _locked(self, key: str) -> contextlib.AbstractContextManager[None]:
        # 256 lock files for all keys: a lock file per key could never be removed safely.
        return locked(self._own / "locks" / hashlib.sha256(key.encode()).hexdigest()[:2])

    def _open(self, key: str) -> tuple[BinaryIO, Record]:
        """Open an object together with the record of exactly that version."""
        path = self._path(key)
        for attempt in range(1, _RACES + 1):
            file = path.open("rb")
            stat = os.fstat(file.fileno())
            records = read_records(self._record_path(key))
            found = by_stat(records, stat)
            if found is not None:
                return file, found
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            # A version two writes old is no longer on record; a newer one is there to be opened.
            if attempt == _RACES or any(record.sha256 == sha256 for record in records):
                break
            if not records:
                break
            file.close()
        return file, by_content(records, sha256, stat, path.name)

    def _current(self, key: str) -> Record | None:
        try:
            file, record = self._open(key)
        except FileNotFoundError:
            return None
        file.close()
        return record

    def _write_record(self, key: str, newest: Record, before: Record | None) -> None:
        path = self._record_path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with staged(self._temporary, encode_records(newest, before)) as (fresh, _):
            fresh.replace(path)

    def _keys(self, prefix: str, suffix: str, after: str) -> Iterator[str]:
        with self._speaking("list", prefix or "everything"):
            for key in walk_files(self.root, prefix, after):
                if key.endswith(suffix) and is_key(key):  # others are stray files
                    yield key

    @contextlib.contextmanager
    def _speaking(self, verb: str, what: str) -> Iterator[None]:
        """Turn the operating system's refusals into sentences."""
        absent = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
        try:
            yield
        except OSError as error:
            if verb == "read" and isinstance(error, absent):
                raise NotFound(f"{what}: no such object in {self.name}") from error
            raise Failed(
                f"cannot {verb} {what} in the bucket folder {self.name}: {sentence(error)}"
            ) from error


def _check_condition(
    key: str, current: Record | None, if_absent: bool, if_match: str | None
) -> None:
    if if_absent and current is not None:
        raise PreconditionFailed(f"{key}: exists already")
    if if_match is not None and (current is None or current.sha256 != if_match):
        raise PreconditionFailed(f"{key}: is not the version that was read")


def _move_past(fresh: Path, current: Record | None) -> None:
    """Give the new file a later time than the version it replaces, on any clock."""
    stat = fresh.stat()
    if current is not None and stat.st_mtime_ns <= current.mtime_ns:
        os.utime(fresh, ns=(stat.st_atime_ns, current.mtime_ns + 1000))
