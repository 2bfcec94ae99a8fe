"""The GPU of this machine, or its CPU with a warning and an estimate.

The model stays loaded for as long as the process lives, so that a batch of waiting requests pays
for loading once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.backends.interface import Backend
from soundflow_assets.premium.backends.open import open_backend
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound
from soundflow_assets.premium.models import Model
from soundflow_assets.premium.providers.interface import Watch, task_of, window_seams
from soundflow_assets.premium.request import BackendName

LARGEST_BATCH = 8
# A tiny or small model is fine on a CPU; days of work are not what anybody meant.
LONGEST_ON_CPU_S = 6 * 3600.0


class Local:
    """Generates in this process."""

    def check(self, brief: Brief) -> None:
        """Refuse a model that is not here, and one of another channel count than a track has."""
        if brief.model.channels < 2:
            raise BadInput(f"model: {brief.model.name} is mono; premium tracks are stereo")
        from soundflow_assets.premium.backends.open import check_backend

        check_backend(brief.model, brief.request.backend)

    def generate(self, briefs: Sequence[Brief], folder: Path, watch: Watch) -> list[Sound]:
        """Generate in batches of at most `LARGEST_BATCH`."""
        model, request = briefs[0].model, briefs[0].request
        backend = _backend(model, request.backend)
        sounds: list[Sound] = []
        for first in range(0, len(briefs), LARGEST_BATCH):
            sounds += self._batch(backend, briefs[first : first + LARGEST_BATCH], watch)
        return sounds

    def _batch(self, backend: Backend, briefs: Sequence[Brief], watch: Watch) -> list[Sound]:
        tasks = [task_of(brief) for brief in briefs]
        for task in tasks:
            backend.check(task)
        estimate_s = backend.estimate_s(tasks)
        if estimate_s is not None and backend.on_cpu:
            watch.log(
                f"no GPU on this machine: {briefs[0].model.name} on its CPU will take about "
                f"{_spoken(estimate_s)}"
            )
            if estimate_s > LONGEST_ON_CPU_S:
                raise BadInput(
                    f"gpu_provider: local: there is no GPU here, and the CPU would take about "
                    f"{_spoken(estimate_s)}; use a smaller model, or another provider"
                )

        def told(share: float) -> None:
            for brief in briefs:
                watch.tell(brief.track_id, share)

        takes = backend.generate(tasks, told, watch.cancelled)
        windowed = briefs[0].model.family.startswith("musicgen")
        return [
            Sound(
                (take.audio,),
                take.sample_rate,
                seams_s=window_seams(brief.request.duration) if windowed else (),
                model_revision=backend.revision,
                generator=backend.version,
                facts=dict(take.facts),
            )
            for brief, take in zip(briefs, takes, strict=True)
        ]


@lru_cache(maxsize=1)
def _backend(model: Model, name: BackendName) -> Backend:
    return open_backend(model, name)


def _spoken(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
