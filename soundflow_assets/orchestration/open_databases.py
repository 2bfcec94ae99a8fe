"""SQLite storages that keep their databases open.

Dagster's own open and close a database for every event: each time an engine is made, statements are
compiled anew and the write-ahead log is folded back into the file. A day writes 350 events, which
took more time than composing its tracks. The files are the same ones, so either kind reads what the
other has written.

A process that lives on, as the daemon and the UI do, looks at one run after the other: the
databases that were used last stay open, older ones are closed.

A new home is often opened by several processes at once: the daemon, the UI, the service. Each of
them would create the tables and stamp them with a revision, half of them with an older one because
they saw tables without any, and Dagster refuses a database with two revisions for ever. So one
process creates, and the others wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import dagster as dg
import sqlalchemy as sa
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage

from soundflow_assets.orchestration.locks import locked

_PATIENCE_S = 30.0  # for another process that is writing
_MOST_OPEN = 8  # the index, and runs side by side


class _Databases:
    """A connection to each database that stays open, by its address."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engines: dict[str, sa.Engine] = {}

    @contextmanager
    def transaction(self, address: str) -> Iterator[sa.Connection]:
        with self._lock:
            # Kept in the order of use: the first is the one that was not used for longest.
            engine = self._engines.pop(address, None) or _engine(address)
            self._engines[address] = engine
            if len(self._engines) > _MOST_OPEN:
                # A transaction that is still under way there ends on its own connection.
                self._engines.pop(next(iter(self._engines))).dispose()
        # Another thread, or one transaction within another, gets a connection of its own.
        with engine.begin() as connection:
            yield connection

    def close(self) -> None:
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _engine(address: str) -> sa.Engine:
    engine = sa.create_engine(
        address,
        poolclass=sa.QueuePool,
        pool_size=1,
        connect_args={"timeout": _PATIENCE_S, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # With a write-ahead log this is safe against a killed process; a power cut may take the
        # last events, never the database.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class _KeptOpen:
    """What the storages have in common, mixed into Dagster's own: how they are made and closed."""

    FOLDER: ClassVar[str]  # within the home, as Dagster has it
    from_local: ClassVar[Any]

    def __init__(self, *args: Any) -> None:
        """Take what Dagster's own takes."""
        self._databases = _Databases()
        super().__init__(*args)

    @classmethod
    def config_type(cls) -> Any:
        """Return what `dagster.yaml` has to say: the Dagster home."""
        return {"home": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """Make the storage of a home, where Dagster's own would be."""
        folder = Path(config_value["home"], cls.FOLDER)
        with _alone_in(folder):
            return cls.from_local(str(folder), inst_data)

    def dispose(self) -> None:
        """Close everything."""
        super().dispose()  # type: ignore[misc]
        self._databases.close()


class OpenEventLog(_KeptOpen, SqliteEventLogStorage):
    """The event log: one database of all assets (`index`), and one for each run."""

    FOLDER = "history/runs"

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        """Create the folder and its index, where they are not there."""
        self._prepared: set[str] = set()
        self._tables: set[str] = set()  # of the index, seen so far; none is ever dropped
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_local(cls, base_dir: str, inst_data: Any = None) -> OpenEventLog:
        """Make the storage of a folder, as Dagster's other storages are made."""
        return cls(base_dir, inst_data)

    @contextmanager
    def run_connection(self, run_id: str | None = None) -> Iterator[Any]:
        """Begin a transaction on a run's events."""
        shard = str(run_id)
        if shard not in self._prepared:
            with super().run_connection(run_id):  # creates the tables
                self._prepared.add(shard)
        with self._databases.transaction(self.conn_string_for_shard(shard)) as connection:
            yield connection

    @contextmanager
    def index_connection(self) -> Iterator[Any]:
        """Begin a transaction on what is known of assets over all runs."""
        with self.run_connection("index") as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked before every event of a check."""
        if table_name not in self._tables:
            with self.index_connection() as connection:
                self._tables.update(sa.inspect(connection).get_table_names())
        return table_name in self._tables

    def wipe(self) -> None:
        """Remove all databases."""
        self._databases.close()
        self._prepared.clear()
        self._tables.clear()
        super().wipe()


class _OneDatabase(_KeptOpen):
    """A storage whose tables are all in one database."""

    _conn_string: str

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Begin a transaction."""
        with self._databases.transaction(self._conn_string) as connection:
            yield connection


class OpenRuns(_OneDatabase, SqliteRunStorage):
    """The table of runs."""

    FOLDER = "history"


class OpenSchedules(_OneDatabase, SqliteScheduleStorage):
    """What the schedule and the sensors have done."""

    FOLDER = "schedules"


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Be the only process that may create a database in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "creating.lock"):
        yield


def instance_of(home: Path) -> dg.DagsterInstance:
    """Return the instance of a Dagster home; a storage that its `dagster.yaml` names is used as is.

    Where none is named, that is SQLite's in the home, and its databases stay open.
    """
    named = _config(home).keys() & {"storage", *_STORAGES, "instance_class"}
    if named:
        return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home)))
    overrides: Any = {
        key: {"module": __name__, "class": kind.__name__, "config": {"home": str(home)}}
        for key, kind in _STORAGES.items()
    }
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=overrides))


# key of dagster.yaml -> what it means here
_STORAGES: dict[str, type] = {
    "run_storage": OpenRuns,
    "event_log_storage": OpenEventLog,
    "schedule_storage": OpenSchedules,
}


def _config(home: Path) -> dict[str, Any]:
    path = home / "dagster.yaml"
    return (yaml.safe_load(path.read_bytes()) or {}) if path.exists() else {}
