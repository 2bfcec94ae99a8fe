"""SoundFlow's worker on Modal: an H200 function behind a small web address.

    pip install modal && modal setup
    modal deploy deploy/modal/worker.py

The address it prints is SOUNDFLOW_MODAL_URL; a proxy auth token (modal.com, Settings, Proxy Auth
Tokens) is SOUNDFLOW_MODAL_KEY and SOUNDFLOW_MODAL_SECRET. MODEL and GPU in the environment of
`modal deploy` choose what is baked into the image and where it runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import modal

MODEL = os.environ.get("MODEL", "facebook/musicgen-stereo-large")
GPU = os.environ.get("GPU", "H200")
EXTRA = "acestep" if "ACE-Step" in MODEL else "premium"
HERE = Path(__file__).resolve()
ROOT = HERE.parents[2] if len(HERE.parents) > 2 else HERE.parent
JOB_S = 3600


def _fetch_weights() -> None:
    from huggingface_hub import snapshot_download

    snapshot_download(MODEL)


image = (
    modal.Image.debian_slim(python_version="3.12")
    .apt_install("git")
    .add_local_dir(
        ROOT,
        "/src",
        copy=True,
        ignore=[".git", ".venv*", "data", "out", "history", "storage", "logs", "**/__pycache__"],
    )
    .run_commands(f"pip install '/src[{EXTRA}]'")
    .env({"MODEL": MODEL, "GPU": GPU})
    .run_function(_fetch_weights)
)
app = modal.App("soundflow-premium", image=image)
calls = modal.Dict.from_name("soundflow-premium-calls", create_if_missing=True)
progress = modal.Dict.from_name("soundflow-premium-progress", create_if_missing=True)


@app.function(gpu=GPU, timeout=JOB_S, max_containers=4, scaledown_window=120)
def generate(name: str, job: dict[str, Any]) -> dict[str, Any]:
    """Run one job; the model stays loaded while the container lives."""
    import tempfile
    import time

    from soundflow_assets.premium.worker import run_job

    started = time.monotonic()
    last = [0.0]

    def told(share: float) -> None:
        if share - last[0] >= 0.02:
            progress[name] = last[0] = round(share, 3)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "track.flac"
        result = run_job(job, path, told)
        seconds = round(time.monotonic() - started, 3)
        return {"result": result, "seconds": seconds, "audio": path.read_bytes()}


class ModalRunner:
    """Jobs as calls of `generate`, found again by the caller's id."""

    def start(self, name: str, job: dict[str, Any]) -> None:
        """Spawn the call unless it has been spawned; two at once spawn one."""
        if calls.put(name, "", skip_if_exists=True):
            calls[name] = generate.spawn(name, job).object_id

    def state(self, name: str) -> dict[str, Any] | None:
        """Return how far a call is."""
        from soundflow_assets.errors import SoundFlowError

        call = calls.get(name)
        if call is None:
            return None
        if not call:
            return {"status": "queued"}
        try:
            done = modal.FunctionCall.from_id(call).get(timeout=0)
        except TimeoutError:
            share = progress.get(name)
            return (
                {"status": "queued"} if share is None else {"status": "running", "progress": share}
            )
        except SoundFlowError as error:
            return {"status": "failed", "error": str(error)}
        except Exception as error:
            # A crashed container, a call over its time: the caller must not wait for ever.
            return {"status": "failed", "error": type(error).__name__}
        return {"status": "done", "result": done["result"], "seconds": done["seconds"]}

    def audio(self, name: str) -> bytes | None:
        """Return the finished sound."""
        call = calls.get(name)
        if not call:
            return None
        try:
            return bytes(modal.FunctionCall.from_id(call).get(timeout=0)["audio"])
        except TimeoutError:
            return None

    def cancel(self, name: str) -> None:
        """Cancel a call."""
        call = calls.get(name)
        if call:
            modal.FunctionCall.from_id(call).cancel()


@app.function(cpu=1, max_containers=2)
@modal.concurrent(max_inputs=50)
@modal.asgi_app(requires_proxy_auth=True)
def web() -> Any:
    """Answer the provider `modal`."""
    from soundflow_assets.premium.job_server import build_app

    return build_app(ModalRunner())
