"""Runs whose event logs are written by the test, the way the job writes them."""

from pathlib import Path

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterRunStatus
from dagster._core.events import AssetObservationData, StepMaterializationData
from dagster._core.instance.ref import InstanceRef

from soundflow_assets.definitions import defs
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.generation.desk import Desk
from soundflow_assets.orchestration.generation.job import JOB
from soundflow_assets.orchestration.instance import PROCESS_TAG
from soundflow_assets.orchestration.locks import locked

ENTRY = {
    "id": "x", "title": "Quiet Harbour", "category": "Study", "genre": "lofi", "bpm": 80,
    "key": "Am", "durationSec": 10, "date": "2025-01-15", "seed": "7", "bytes": 100,
    "loudnessLufs": -14.0, "truePeakDbtp": -1.2, "pcmSha256": "0" * 64, "engineVersion": "1",
    "license": "CC-BY-4.0",
    "sections": [{"name": "a", "startSec": 0, "endSec": 10, "energy": 0.5}],
    "objectKey": "made/x/track.mp3", "peaksKey": "made/x/track.peaks.json",
    "coverKey": "made/x/track.cover.png", "midiKey": "made/x/track.mid",
}  # fmt: skip


def desk_in(home: Path) -> Desk:
    (home / ".soundflow").mkdir(parents=True, exist_ok=True)
    instance = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home)))
    return Desk(instance, defs.resolve_job_def(JOB))


class Worker:
    """Plays the worker of a run: holds its lock, and writes its log."""

    def __init__(self, desk: Desk, home: Path, project_id: str) -> None:
        self._desk = desk
        self._id = project_id
        lock = home / ".soundflow" / f"test-{project_id}.lock"
        self._lock = locked(lock)
        self._lock.__enter__()
        desk.instance.add_run_tags(project_id, {PROCESS_TAG: f"test-{project_id}"})
        self._tell(DagsterEventType.RUN_START, None)

    def stage(self, stage: str, progress: float) -> None:
        observation = dg.AssetObservation(
            asset_keys.MADE_TRACK, metadata={"stage": stage, "progress": float(progress)}
        )
        self._tell(DagsterEventType.ASSET_OBSERVATION, AssetObservationData(observation))

    def succeed(self) -> None:
        made = dg.AssetMaterialization(
            asset_keys.MADE_TRACK, metadata={"entry": dg.MetadataValue.json(ENTRY)}
        )
        self._tell(DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made))
        self._tell(DagsterEventType.RUN_SUCCESS, None)

    def die(self) -> None:
        """Let go of the lock, as the kernel does for a process that was killed."""
        self._lock.__exit__(None, None, None)

    def _tell(self, kind: DagsterEventType, data: object) -> None:
        event = DagsterEvent(kind.value, JOB, step_key="song", event_specific_data=data)
        self._desk.instance.report_dagster_event(event, self._id)


def status_of(desk: Desk, project_id: str) -> DagsterRunStatus:
    run = desk.instance.get_run_by_id(project_id)
    assert run is not None
    return run.status
