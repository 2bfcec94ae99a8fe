"""modal.com: our worker behind a web address of Modal's, protected by a proxy token.

The worker's interface is ours (`deploy/modal_worker.py`): a job is put under an id that we choose,
so a lost reply is mended by putting it again; its state is asked for until it is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from soundflow_assets.catalog.canonical import canonical
from soundflow_assets.errors import BadInput
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound
from soundflow_assets.premium.providers.http import Service
from soundflow_assets.premium.providers.interface import Permanent, Watch
from soundflow_assets.premium.providers.job import check_hosted, job_of, sound_of, tell_progress
from soundflow_assets.settings import Providers

LOOK_EVERY_S = 2.0


class Modal:
    """Generates on modal.com."""

    def __init__(self, settings: Providers, look_every_s: float = LOOK_EVERY_S) -> None:
        """Take address and token from the settings."""
        self._settings = settings
        self._look_every_s = look_every_s

    def check(self, brief: Brief) -> None:
        """Refuse local models and missing settings."""
        check_hosted(brief, "modal")
        self._service()

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Start all jobs, each on a container of its own, and collect them in order."""
        service = self._service()
        running: list[str] = []
        try:
            for brief in briefs:
                job = job_of(brief)
                name = hashlib.sha256(canonical(job)).hexdigest()[:32]
                running.append(name)
                service.put(f"/jobs/{name}", job)
            return [
                self._collected(service, brief, name, folder, watch)
                for brief, name in zip(briefs, running, strict=True)
            ]
        except BaseException:
            for name in running:
                service.cancel("DELETE", f"/jobs/{name}")
            raise

    def _collected(
        self, service: Service, brief: Brief, name: str, folder: Path, watch: Watch
    ) -> Sound:
        while True:
            state: dict[str, Any] = service.get(f"/jobs/{name}")
            status = state.get("status")
            if status == "done":
                seconds = state.get("seconds")
                facts = {"billed_s": seconds} if isinstance(seconds, (int, float)) else {}
                return sound_of(service, brief, state.get("result"), folder, facts)
            if status == "failed":
                raise Permanent(f"modal: the job failed: {service.shown(state.get('error'))}")
            if status not in ("queued", "running"):
                raise Permanent(f"modal: unknown status {service.shown(status)!r}")
            if watch.cancelled():
                raise Permanent("modal: the run was cancelled")
            tell_progress(watch, brief, state.get("progress"))
            service.pause(self._look_every_s)

    def _service(self) -> Service:
        settings = self._settings
        if settings.modal_url is None:
            raise BadInput("gpu_provider: modal: SOUNDFLOW_MODAL_URL is not set")
        if settings.modal_key is None or settings.modal_secret is None:
            raise BadInput(
                "gpu_provider: modal: SOUNDFLOW_MODAL_KEY and SOUNDFLOW_MODAL_SECRET belong "
                "together; set both"
            )
        headers = {
            "Modal-Key": settings.modal_key.get_secret_value(),
            "Modal-Secret": settings.modal_secret.get_secret_value(),
        }
        return Service("modal", settings.modal_url, headers, settings.timeout_s)
