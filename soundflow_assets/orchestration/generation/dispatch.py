"""Sees to it that every run is taken, and that one that nobody will finish is said to have failed.

Called again and again by the service; what it knows it reads anew each time.

==========================================  =======================================================
a run                                       what is done
==========================================  =======================================================
for a process, not taken                    a worker is started, as many at a time as is said
taken by a process that is dead             failed: the worker was killed
for a process, its worker ended before it   failed: the worker did not start
for a daemon, queued, and none lives        failed after a while: no daemon takes it
for a daemon, begun, and none lives         failed after a while without a word in its log
==========================================  =======================================================
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus

from soundflow_assets.orchestration.generation.desk import WORKER_TAG, Desk
from soundflow_assets.orchestration.generation.worker import claim_file
from soundflow_assets.orchestration.instance import HOME_VARIABLE, PROCESS_TAG
from soundflow_assets.orchestration.locks import is_held

_COMMAND = ("-m", "soundflow_assets.orchestration.generation.worker")
UNTAKEN_S = 60.0
SILENT_S = 600.0
MAX_LOG_BYTES = 5_000_000  # then the workers' log begins anew, and one old one is kept


class Dispatcher:
    """Starts workers, `most` at a time, and ends what has no worker any more."""

    def __init__(self, desk: Desk, home: Path, most: int = 1) -> None:
        self._desk = desk
        self._home = home
        self._most = most
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def look(self) -> Sequence[dg.DagsterRun]:
        """Do what is to be done now; return the runs that are not over."""
        runs = self._desk.unfinished()
        gone = {run_id for run_id, process in self._started.items() if process.poll() is not None}
        for run in runs:
            if run.tags.get(WORKER_TAG) == "process":
                self._see_to_process(run, gone)
            else:
                self._see_to_daemon(run)
        for run_id in gone:
            self._started.pop(run_id, None)
        return runs

    def workers(self) -> int:
        """Return how many workers of this dispatcher are at work."""
        return sum(process.poll() is None for process in self._started.values())

    def _see_to_process(self, run: dg.DagsterRun, gone: set[str]) -> None:
        process = run.tags.get(PROCESS_TAG)
        if process is not None:
            if not is_held(self._home / ".soundflow" / f"{process}.lock"):
                self._fail(run, "the worker that made this track was killed; ask for it again")
        elif run.run_id in gone and self._waits(run):
            # Where the claim is held, a worker of another service was quicker than ours.
            self._fail(run, "the worker ended before it began; its log says why")
        elif run.run_id not in self._started and self._waits(run) and self.workers() < self._most:
            self._started[run.run_id] = self._start(run.run_id)

    def _waits(self, run: dg.DagsterRun) -> bool:
        # A worker started before a restart of the service may be about to take it.
        return run.status is DagsterRunStatus.NOT_STARTED and not is_held(
            claim_file(self._home, run.run_id)
        )

    def _see_to_daemon(self, run: dg.DagsterRun) -> None:
        if self._desk.daemon_lives():
            return
        taken = run.status is not DagsterRunStatus.QUEUED
        quiet_s = time.time() - self._last_word(run)
        if not taken and quiet_s > UNTAKEN_S:
            self._fail(run, "no Dagster daemon takes runs; the operator can start one")
        elif taken and quiet_s > SILENT_S:
            self._fail(run, "the Dagster daemon and the worker of this track are gone")

    def _last_word(self, run: dg.DagsterRun) -> float:
        """Return when the run's log was last written to, in Unix seconds."""
        newest = self._desk.instance.get_records_for_run(run.run_id, limit=1, ascending=False)
        if newest.records:
            return newest.records[0].event_log_entry.timestamp
        project = self._desk.project(run.run_id)
        return project.created_at.timestamp() if project else time.time()

    def _fail(self, run: dg.DagsterRun, sentence: str) -> None:
        current = self._desk.instance.get_run_by_id(run.run_id)
        if current is not None and not current.is_finished:
            self._desk.instance.report_run_failed(current, sentence)

    def _start(self, run_id: str) -> subprocess.Popen[bytes]:
        log = self._home / ".soundflow" / "workers.log"
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *_COMMAND, run_id],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, HOME_VARIABLE: str(self._home)},
                # Not in our group: what ends the service does not end the track.
                start_new_session=True,
            )
