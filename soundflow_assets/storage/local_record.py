"""What the local back end remembers of an object beside its bytes: hash, type, metadata.

The record of `a/b.mp3` is `.soundflow/meta/a/b.mp3.json` and holds the newest version and the one
before it, because bytes and record cannot be replaced in one step: whichever version the bytes
turn out to be, its record is there. A version is recognised by size and time of modification, else
by its hash; a file put in by hand is described by its content alone.
"""

from __future__ import annotations

import datetime as dt
import json
import mimetypes
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from soundflow_assets.storage.store import DEFAULT_CONTENT_TYPE, ObjectInfo


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one object."""

    sha256: str
    size: int
    mtime_ns: int
    content_type: str
    cache_control: str
    metadata: dict[str, str]

    def info(self, key: str) -> ObjectInfo:
        """Return it as the protocol tells it; the etag is the hash."""
        return ObjectInfo(
            key=key,
            size=self.size,
            etag=self.sha256,
            modified=dt.datetime.fromtimestamp(self.mtime_ns / 1e9, tz=dt.UTC),
            sha256=self.sha256,
            content_type=self.content_type,
            cache_control=self.cache_control,
            metadata=self.metadata,
        )


def encode_records(newest: Record, before: Record | None) -> bytes:
    """Return the record file."""
    records = [asdict(record) for record in (newest, before) if record is not None]
    return json.dumps(records, sort_keys=True).encode()


def read_records(path: Path) -> list[Record]:
    """Return the versions on record, none where the file is missing or damaged."""
    try:
        return [Record(**fields) for fields in json.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        return []  # lost metadata is a smaller harm than an unreadable object


def by_stat(records: list[Record], stat: os.stat_result) -> Record | None:
    """Return the one version with this size and time, None if none or both could be it."""
    found = [
        record
        for record in records
        if (record.size, record.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    ]
    return found[0] if len(found) == 1 else None


def by_content(records: list[Record], sha256: str, stat: os.stat_result, name: str) -> Record:
    """Return the version with these bytes, or a description made from the file alone."""
    for record in records:
        if record.sha256 == sha256:
            return Record(
                sha256,
                stat.st_size,
                stat.st_mtime_ns,
                record.content_type,
                record.cache_control,
                record.metadata,
            )
    guessed = mimetypes.guess_type(name)[0] or DEFAULT_CONTENT_TYPE
    return Record(sha256, stat.st_size, stat.st_mtime_ns, guessed, "", {})
