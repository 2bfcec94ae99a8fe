"""Generation, for the routes: wishes in, projects and their events out.

Dagster's instance is read by polling in threads: four times a second while something is being made,
once a second otherwise. The loop also sees to it that runs are taken (`dispatch`). A project's log
is read only while somebody listens to it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import dagster as dg

from soundflow_assets.api.feed import Feed
from soundflow_assets.api.problems import Problem
from soundflow_assets.errors import BadInput
from soundflow_assets.orchestration.generation.desk import Desk, NoDaemon, Project, TakenBy
from soundflow_assets.orchestration.generation.dispatch import Dispatcher
from soundflow_assets.orchestration.generation.job import JOB
from soundflow_assets.orchestration.generation.project import ProjectEvent, Reader
from soundflow_assets.orchestration.generation.request import SongRequest, plan_of
from soundflow_assets.orchestration.instance import dagster_home
from soundflow_assets.orchestration.locks import locked
from soundflow_assets.orchestration.open_databases import instance_of
from soundflow_assets.settings import Settings

if TYPE_CHECKING:
    from soundflow_assets.plans.configs import Configs

LOGGER = logging.getLogger("soundflow.api")
DEFAULT_HOME = Path("data/dagster")
BUSY_S, IDLE_S = 0.25, 1.0
MOST_WAITING = 20
Work = Literal["daemon", "process", "no daemon", "unreachable"]


class Studio:
    """Generation over one Dagster instance, with at most `workers` processes of our own."""

    def __init__(
        self, settings: Settings, home: Path | None = None, workers: int | None = None
    ) -> None:
        self._settings = settings
        self._workers = max(1, (os.cpu_count() or 1) // 2) if workers is None else workers
        self._home = home or dagster_home() or DEFAULT_HOME.absolute()
        self._desk: Desk | None = None
        self._dispatcher: Dispatcher | None = None
        self._feeds: dict[str, Feed] = {}
        self._wake = asyncio.Event()
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after runs and feeds until the end."""
        loop = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop
            if self._desk is not None:
                self._desk.instance.dispose()

    async def submit(self, wish: SongRequest, key: str | None = None) -> Project:
        """Hand a wish in; the same idempotency key gives the same project.

        Raises
        ------
        Problem
            422 for a category or genre there is not, 409 for a key used for another wish, 503
            where too many wait or nothing would take the run.
        """
        desk = await self._opened()
        try:
            return await asyncio.to_thread(self._submitted, desk, wish, key)
        except NoDaemon as error:
            raise Problem(503, str(error), headers={"Retry-After": "60"}) from None
        finally:
            self._wake.set()

    async def project(self, project_id: str) -> Project:
        """Return a project's head; raises 404 where there is none."""
        desk = await self._opened()
        found = await asyncio.to_thread(desk.project, project_id)
        if found is None:
            raise Problem(404, f"project {project_id!r}: there is no such project")
        return found

    async def events(self, project_id: str) -> Sequence[ProjectEvent]:
        """Return all events of a project there is, so far."""
        desk = await self._opened()
        events, _ = await asyncio.to_thread(desk.read, project_id, Reader())
        return events

    async def follow(
        self,
        project_id: str,
        after: int,
        write: Callable[[ProjectEvent], str],
        idle_s: float | None = None,
    ) -> AsyncIterator[str]:
        """Yield the events of a project there is, from number `after` on, until it is over.

        Each is as `write` tells it, which must tell it alike to all; empty when nothing came for
        `idle_s`.
        """
        desk = await self._opened()
        feed = self._feeds.setdefault(project_id, Feed())
        feed.listeners += 1
        try:
            if feed.cursor is None:
                await self._refresh(desk, project_id, feed)
            self._wake.set()
            async for event in feed.follow(after, idle_s):
                yield "" if event is None else feed.text(event, write)
        finally:
            feed.listeners -= 1
            if feed.listeners == 0 and self._feeds.get(project_id) is feed:
                del self._feeds[project_id]

    async def work(self) -> Work:
        """Return what would take a run that is handed in now."""
        try:
            desk = await self._opened()
            lives = await asyncio.to_thread(desk.daemon_lives)
        except Exception as error:
            LOGGER.warning("Dagster's instance cannot be read: %s", error)
            return "unreachable"
        wanted = self._settings.service.worker
        if wanted == "daemon":
            return "daemon" if lives else "no daemon"
        return "daemon" if lives and wanted == "auto" else "process"

    def _submitted(self, desk: Desk, wish: SongRequest, key: str | None) -> Project:
        today = dt.datetime.now(dt.UTC).date()
        plan_of(self._configs(), wish, today)  # what is wrong with it is said now, not by the run
        if key is not None and (known := desk.by_key(key)) is not None:
            if not _is_of(known, wish):
                raise Problem(409, "Idempotency-Key: was used for another request")
            return known
        if len(desk.unfinished()) >= MOST_WAITING:
            raise Problem(
                503, f"{MOST_WAITING} tracks are waiting to be made", headers={"Retry-After": "60"}
            )
        return desk.submit(wish, today, self._taken_by(desk), key)

    def _taken_by(self, desk: Desk) -> TakenBy:
        wanted = self._settings.service.worker
        if wanted == "auto":
            return "daemon" if desk.daemon_lives() else "process"
        return wanted

    def _configs(self) -> Configs:
        from soundflow_assets.plans.load import load_configs

        return load_configs(self._settings.configs)

    async def _opened(self) -> Desk:
        async with self._opening:
            if self._desk is None:
                self._desk = await asyncio.to_thread(self._open)
                self._dispatcher = Dispatcher(self._desk, self._home, self._workers)
            return self._desk

    def _open(self) -> Desk:
        from soundflow_assets.definitions import defs

        try:
            own = self._home / ".soundflow"
            own.mkdir(parents=True, exist_ok=True)
            # Storages that an operator names may not take turns to create their tables, as ours do.
            with locked(own / "opening.lock"):
                instance = instance_of(self._home)
        except (OSError, dg.DagsterError) as error:
            raise BadInput(f"the Dagster home {self._home} cannot be used: {error}") from error
        return Desk(instance, defs.resolve_job_def(JOB))

    async def _look_again_and_again(self) -> None:
        while True:
            busy = False
            try:
                busy = await self._look()
            except Exception:
                LOGGER.exception("looking after the runs failed; trying again")
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), BUSY_S if busy else IDLE_S)
            await asyncio.sleep(0.01)

    async def _look(self) -> bool:
        desk = await self._opened()
        if self._dispatcher is None:
            raise AssertionError("opened with the desk")
        runs = await asyncio.to_thread(self._dispatcher.look)
        for project_id, feed in list(self._feeds.items()):
            if not feed.is_over:
                await self._refresh(desk, project_id, feed)
        return bool(runs) or bool(self._feeds)

    async def _refresh(self, desk: Desk, project_id: str, feed: Feed) -> None:
        async with feed.reading:
            events, feed.cursor = await asyncio.to_thread(
                desk.read, project_id, feed.reader, feed.cursor
            )
            feed.add(events)


def _is_of(project: Project, wish: SongRequest) -> bool:
    asked = wish.model_dump(exclude_none=True)
    return all(project.request.get(name) == value for name, value in asked.items()) and (
        {"category", "genre"} & project.request.keys() == {"category", "genre"} & asked.keys()
    )
