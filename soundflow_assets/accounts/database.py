"""The accounts' SQLite file: its tables, and how it is opened.

Times are whole Unix seconds. Rows are never deleted: what ends gets the time of its end. The
receipts are chained by hash, so a row that was changed or taken out later is found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from soundflow_assets.errors import Failed

VERSION = 1
_PATIENCE_S = 10.0

_SCHEMA = """
CREATE TABLE users (
    id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^a-z0-9_-]*'),
    email TEXT,
    created_ts INTEGER NOT NULL
) STRICT;
CREATE TABLE tokens (
    id TEXT PRIMARY KEY CHECK (length(id) = 10),
    user_id TEXT NOT NULL REFERENCES users (id),
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    label TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    created_ts INTEGER NOT NULL,
    expires_ts INTEGER CHECK (expires_ts > created_ts),
    revoked_ts INTEGER,
    revoked_because TEXT,
    last_used_ts INTEGER,
    CHECK ((revoked_ts IS NULL) = (revoked_because IS NULL))
) STRICT;
CREATE INDEX tokens_of_user ON tokens (user_id);
CREATE TABLE entitlements (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    scope TEXT NOT NULL CHECK (scope IN ('premium')),
    starts_ts INTEGER NOT NULL,
    ends_ts INTEGER CHECK (ends_ts > starts_ts),
    granted_ts INTEGER NOT NULL,
    revoked_ts INTEGER
) STRICT;
CREATE INDEX entitlements_of_user ON entitlements (user_id, scope);
CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    action TEXT NOT NULL,
    request TEXT NOT NULL,
    result TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    prev_sha256 TEXT NOT NULL CHECK (length(prev_sha256) = 64),
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64)
) STRICT;
CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
    BEGIN SELECT RAISE (ABORT, 'receipts are never deleted'); END;
CREATE TRIGGER receipts_hold BEFORE UPDATE ON receipts
    BEGIN SELECT RAISE (ABORT, 'receipts are never changed'); END;
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Return a connection to the accounts, which are made where there are none.

    Raises
    ------
    Failed
        When the file cannot be opened, is no database, or is of a later program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        made = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
        made.row_factory = sqlite3.Row
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA foreign_keys = ON")
        _migrate(made, path)
    except (OSError, sqlite3.Error) as error:
        raise Failed(f"accounts {path}: cannot be opened: {error}") from error
    return made


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing; `FileNotFoundError` where there are no accounts."""
    if not path.exists():
        raise FileNotFoundError(path)
    made = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=1.0,
        isolation_level=None,
        check_same_thread=False,
    )
    made.row_factory = sqlite3.Row
    return made


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing; the write lock is taken at once, so that what is read holds."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return
        if version != 0:
            raise Failed(
                f"accounts {path}: version {version} is not {VERSION}, which this program knows"
            )
        for statement in _statements(_SCHEMA):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _statements(script: str) -> Iterator[str]:
    """Split a script; `executescript` would commit the transaction around it."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
