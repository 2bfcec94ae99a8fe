"""What our own workers (RunPod, Modal) are sent and what they return.

A worker is `soundflow_assets.premium.worker` around the same backends, so a job is a backend's task
in JSON. Sound comes back as FLAC: inline while it is small, by address beyond a service's limit.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from soundflow_assets.errors import BadInput
from soundflow_assets.premium.brief import Brief
from soundflow_assets.premium.intake import Sound, read_sound
from soundflow_assets.premium.providers.http import Service
from soundflow_assets.premium.providers.interface import (
    Permanent,
    Watch,
    task_of,
    window_seams,
)


def job_of(brief: Brief) -> dict[str, Any]:
    """Return the job of a brief, as a worker reads it."""
    task = task_of(brief)
    return {
        "track_id": brief.track_id,
        "model": brief.model.hub_id,
        "backend": brief.request.backend,
        "text": task.text,
        "fields": dict(task.fields),
        "duration_s": task.duration_s,
        "seed": str(task.seed),  # beyond what JSON's numbers hold in other languages
    }


def check_hosted(brief: Brief, provider: str) -> None:
    """Refuse models that no other machine can fetch (`BadInput`)."""
    if not brief.model.hosted:
        raise BadInput(
            f"model: {brief.model.hub_id} is a folder of this machine; {provider} takes models by "
            "their hub id"
        )


def tell_progress(watch: Watch, brief: Brief, said: object) -> None:
    """Pass on a worker's share of the work, where it says one, within 0 to 1."""
    if isinstance(said, int | float):
        watch.tell(brief.track_id, min(1.0, max(0.0, float(said))))


def sound_of(
    service: Service, brief: Brief, result: Any, folder: Path, facts: dict[str, Any]
) -> Sound:
    """Return the sound of a worker's result.

    Raises
    ------
    Permanent
        When the result is an error, or holds neither sound nor an address.
    """
    if not isinstance(result, dict):
        raise Permanent(f"{service.name}: expected an object as result: {service.shown(result)!r}")
    if result.get("error"):
        raise Permanent(f"{service.name}: the worker failed: {service.shown(result['error'])}")
    path = folder / f"{brief.track_id}.received"
    if isinstance(result.get("audio_url"), str):
        service.fetch(result["audio_url"], path)
    elif isinstance(result.get("audio_base64"), str):
        try:
            path.write_bytes(base64.b64decode(result["audio_base64"], validate=True))
        except (binascii.Error, ValueError):
            raise Permanent(f"{service.name}: its sound is not base64") from None
    else:
        raise Permanent(f"{service.name}: the result holds neither audio_url nor audio_base64")
    read = read_sound(path, service.name)
    windowed = brief.model.family.startswith("musicgen")
    told = result.get("facts")
    return Sound(
        read.parts,
        read.sample_rate,
        seams_s=window_seams(brief.request.duration) if windowed else (),
        model_revision=str(result.get("revision") or "")[:120],
        generator=f"{service.name}: {str(result.get('version') or 'worker')[:80]}",
        facts={**(told if isinstance(told, dict) else {}), **facts},
    )
