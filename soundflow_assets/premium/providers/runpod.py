"""runpod.io serverless: our worker behind RunPod's queue, by its HTTP interface.

Results are kept for half an hour and limited in size, so the worker puts larger ones in a bucket
and returns an address. RunPod has no way to ask for a job whose reply was lost; each carries an
execution limit, so that an orphan costs at most that.
(docs.runpod.io, serverless/endpoints/operation-reference)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound
from soundflow_assets.premium.providers.http import LostReply, Service
from soundflow_assets.premium.providers.interface import Permanent, Transient, Watch
from soundflow_assets.premium.providers.job import check_hosted, job_of, sound_of, tell_progress
from soundflow_assets.settings import Providers

LOOK_EVERY_S = 3.0
_ENDED = ("FAILED", "CANCELLED", "TIMED_OUT")


class RunPod:
    """Generates on a serverless endpoint of runpod.io."""

    def __init__(self, settings: Providers, look_every_s: float = LOOK_EVERY_S) -> None:
        """Take endpoint and key from the settings."""
        self._settings = settings
        self._look_every_s = look_every_s

    def check(self, brief: Brief) -> None:
        """Refuse local models and missing settings."""
        check_hosted(brief, "runpod")
        self._service()

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Queue all jobs, so that workers share them, and collect them in order."""
        service = self._service()
        running: list[str] = []
        try:
            for brief in briefs:
                running.append(self._queued(service, brief, watch))
            return [
                self._collected(service, brief, job, folder, watch)
                for brief, job in zip(briefs, running, strict=True)
            ]
        except BaseException:
            for job in running:
                service.cancel("POST", f"{self._base}/cancel/{job}")
            raise

    @property
    def _base(self) -> str:
        return f"/v2/{self._settings.runpod_endpoint}"

    def _queued(self, service: Service, brief: Brief, watch: Watch) -> str:
        body = {
            "input": job_of(brief),
            "policy": {"executionTimeout": round(1000 * self._settings.timeout_s)},
        }
        try:
            answer = service.create(f"{self._base}/run", body)
        except LostReply as lost:
            watch.log(f"{lost}; asking again")
            answer = service.create(f"{self._base}/run", body)
        job = answer.get("id")
        if not isinstance(job, str) or not job:
            raise Permanent(f"runpod: no job id in its answer: {service.shown(answer)}")
        return job

    def _collected(
        self, service: Service, brief: Brief, job: str, folder: Path, watch: Watch
    ) -> Sound:
        while True:
            answer = service.get(f"{self._base}/status/{job}")
            status = answer.get("status")
            if status == "COMPLETED":
                facts = {
                    "queued_s": _seconds(answer.get("delayTime")),
                    "billed_s": _seconds(answer.get("executionTime")),
                    "worker": str(answer.get("workerId") or ""),
                }
                return sound_of(service, brief, answer.get("output"), folder, facts)
            if status in _ENDED:
                reason = service.shown(answer.get("error") or answer.get("output") or "no reason")
                kind = Transient if status == "TIMED_OUT" else Permanent
                raise kind(f"runpod: the job ended as {status}: {reason}")
            if status not in ("IN_QUEUE", "IN_PROGRESS"):
                raise Permanent(f"runpod: unknown status {service.shown(status)!r}")
            if watch.cancelled():
                raise Permanent("runpod: the run was cancelled")
            if status == "IN_PROGRESS":
                tell_progress(watch, brief, answer.get("output"))
            service.pause(self._look_every_s)

    def _service(self) -> Service:
        settings = self._settings
        if settings.runpod_api_key is None or settings.runpod_endpoint is None:
            missing = [
                name
                for name, value in (
                    ("SOUNDFLOW_RUNPOD_ENDPOINT", settings.runpod_endpoint),
                    ("SOUNDFLOW_RUNPOD_API_KEY", settings.runpod_api_key),
                )
                if value is None
            ]
            raise BadInput(f"gpu_provider: runpod: {' and '.join(missing)} not set")
        secret = settings.runpod_api_key.get_secret_value()
        return Service(
            "runpod",
            settings.runpod_url,
            {"Authorization": f"Bearer {secret}"},
            settings.timeout_s,
        )


def _seconds(milliseconds: Any) -> float:
    return round(float(milliseconds) / 1000.0, 3) if isinstance(milliseconds, (int, float)) else 0.0
