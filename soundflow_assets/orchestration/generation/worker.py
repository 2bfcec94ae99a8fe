"""A process that makes one track: `python -m soundflow_assets.orchestration.generation.worker RUN`.

What the service starts where no Dagster daemon does. It outlives the service, takes a run that
nobody else has taken, and holds the lock by which others see that it lives (`instance`).
"""

from __future__ import annotations

import fcntl
import sys
from pathlib import Path

from dagster import DagsterRunStatus
from dagster._core.definitions.reconstruct import ReconstructableJob, ReconstructableRepository
from dagster._core.execution.api import execute_run

from soundflow_assets.orchestration.generation.job import JOB
from soundflow_assets.orchestration.instance import dagster_home, open_instance

MODULE, ATTRIBUTE = "soundflow_assets.definitions", "defs"


def main(run_id: str) -> int:
    """Make the track of a run; return 0 where that, or nothing, was to be done."""
    home = dagster_home()
    if home is None:
        raise SystemExit("worker: DAGSTER_HOME is not set")
    with open_instance() as opened, claim_file(home, run_id).open("a") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # another worker has it
        instance = opened.instance
        run = instance.get_run_by_id(run_id)
        if run is None or run.status is not DagsterRunStatus.NOT_STARTED:
            return 0
        instance.add_run_tags(run_id, opened.tags)
        run = instance.get_run_by_id(run_id)
        if run is None:
            return 0
        job = ReconstructableJob(ReconstructableRepository.for_module(MODULE, ATTRIBUTE), JOB)
        return 0 if execute_run(job, run, instance).success else 1


def claim_file(home: Path, run_id: str) -> Path:
    """Return the file whose lock says that a worker has this run."""
    folder = home / ".soundflow" / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run_id}.lock"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
