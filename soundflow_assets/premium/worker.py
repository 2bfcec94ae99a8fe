"""What runs beside a rented GPU: one job in, one FLAC out. RunPod, Modal and the notebook share it.

A job is what `providers.job` sends. Models stay loaded between jobs of one process. Weights are
fetched by whoever sets the machine up (`deploy/`), never here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.backends.interface import Backend, Progress, Task
from soundflow_assets.premium.backends.open import open_backend
from soundflow_assets.premium.models import find_model
from soundflow_assets.premium.request import MAX_PROMPT, MAX_S, BackendName

_BACKENDS: dict[str, BackendName] = {
    "auto": "auto",
    "transformers": "transformers",
    "audiocraft": "audiocraft",
    "acestep": "acestep",
}


def run_job(
    job: dict[str, Any],
    path: Path,
    on_progress: Progress = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Generate a job's sound into `path` as 24-bit FLAC; return what is known of it.

    Returns
    -------
    `{"version", "revision", "sample_rate", "facts"}`.

    Raises
    ------
    BadInput
        When the job is malformed, or the model cannot take it.
    """
    task = task_from(job)
    started = time.monotonic()
    backend = _backend(str(job.get("model")), str(job.get("backend", "auto")))
    loading_s = time.monotonic() - started
    [take] = backend.generate([task], on_progress, cancelled)
    import soundfile

    soundfile.write(path, take.audio.T, take.sample_rate, format="FLAC", subtype="PCM_24")
    return {
        "version": backend.version,
        "revision": backend.revision,
        "sample_rate": take.sample_rate,
        "facts": {**take.facts, "loading_s": round(loading_s, 3)},
    }


def task_from(job: dict[str, Any]) -> Task:
    """Return the backend's task of a job; `BadInput` names the field that is wrong."""
    text, seed = job.get("text"), str(job.get("seed", ""))
    duration, fields = job.get("duration_s"), job.get("fields") or {}
    if not isinstance(text, str) or not 1 <= len(text) <= 2 * MAX_PROMPT:
        raise BadInput(f"job: text: expected 1 to {2 * MAX_PROMPT} characters")
    if not isinstance(duration, (int, float)) or not 1 <= duration <= MAX_S:
        raise BadInput(f"job: duration_s: {duration!r}: expected 1 to {MAX_S:g}")
    if not seed.isdigit() or int(seed) >= 2**63:
        raise BadInput(f"job: seed: {seed!r}: expected digits below 2^63")
    if not isinstance(fields, dict):
        raise BadInput("job: fields: expected an object")
    return Task(text, float(duration), int(seed), fields)


@lru_cache(maxsize=1)
def _backend(model: str, name: str) -> Backend:
    if name not in _BACKENDS:
        raise BadInput(f"job: backend: {name!r}; allowed: {', '.join(_BACKENDS)}")
    return open_backend(find_model(model), _BACKENDS[name])
