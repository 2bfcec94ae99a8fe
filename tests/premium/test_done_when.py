"""The whole path with real model code and a tiny checkpoint: doors, batch, workers, notebook."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the extra premium is not installed")
pytest.importorskip("transformers", reason="the extra premium is not installed")
pytestmark = pytest.mark.premium

import dagster as dg  # noqa: E402
import uvicorn  # noqa: E402

from soundflow_assets.build import build_definitions  # noqa: E402
from soundflow_assets.cli.main import run  # noqa: E402
from soundflow_assets.delivery.decode import decode  # noqa: E402
from soundflow_assets.errors import BadInput  # noqa: E402
from soundflow_assets.orchestration.instance import OpenInstance  # noqa: E402
from soundflow_assets.orchestration.launch import make_catalogs, make_premium_track  # noqa: E402
from soundflow_assets.premium import models  # noqa: E402
from soundflow_assets.premium.intake import admitted  # noqa: E402
from soundflow_assets.premium.job_server import ThreadRunner, build_app  # noqa: E402
from soundflow_assets.premium.providers.interface import Permanent, Watch  # noqa: E402
from soundflow_assets.premium.providers.local import Local  # noqa: E402
from soundflow_assets.premium.providers.modal import Modal  # noqa: E402
from soundflow_assets.premium.providers.notebook import notebook  # noqa: E402
from soundflow_assets.premium.worker import run_job, task_from  # noqa: E402
from soundflow_assets.settings import load_settings  # noqa: E402
from soundflow_assets.storage.keys import request_key  # noqa: E402
from soundflow_assets.storage.local import LocalStore  # noqa: E402

ROOT = Path(__file__).parents[2]


def job(model: Path, seconds: float = 3.0, **changes: Any) -> dict[str, Any]:
    fields = {
        "track_id": "one", "model": str(model), "backend": "auto", "text": "warm deep house",
        "fields": {}, "duration_s": seconds, "seed": "7",
    }  # fmt: skip
    return fields | changes


def listed(bucket: Path, name: str) -> list[str]:
    return [one["id"] for one in json.loads((bucket / "catalog" / f"{name}.json").read_text())]


def test_the_command_makes_forty_seconds_of_320_kbps(
    bucket: Path, tiny_musicgen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "premium", "--category", "Deep Work", "--track-id", "custom_focus_1", "--model",
        str(tiny_musicgen), "--gpu-provider", "local", "--duration", "40", "--json",
    ]  # fmt: skip
    assert run(command) == 0
    track = json.loads(capsys.readouterr().out)["track"]
    found = decode(Path(track["file"]))
    assert (found.bitrate_kbps, found.constant_bitrate) == (320, True)
    assert (found.facts.channels, found.samples) == (2, 40 * 44100)
    assert track["s_per_audio_s"] > 0
    for name in ("premium", "all", "by-category/deep-work"):
        assert listed(bucket, name) == [track["id"]]


def test_the_ui_and_a_request_object_make_the_same_track(bucket: Path, tiny_musicgen: Path) -> None:
    config = {
        "category": "Study", "duration": 10.0, "model": str(tiny_musicgen), "seed": 5,
        "date": "2026-03-01", "gpu_provider": "local",
    }  # fmt: skip
    LocalStore(bucket).put(request_key("by_object"), json.dumps(config).encode())
    with dg.DagsterInstance.ephemeral() as instance:
        opened, definitions = OpenInstance(instance, {}), build_definitions()
        by_ui = make_premium_track(definitions, opened, "by_ui", config)
        by_object = make_premium_track(definitions, opened, "by_object", {})
        assert by_ui.succeeded, by_ui.steps[0].error
        assert by_object.succeeded, by_object.steps[0].error
        assert make_catalogs(definitions, opened).succeeded
    assert len(listed(bucket, "by-category/study")) == 2
    for outcome in (by_ui, by_object):
        assert outcome.steps[0].metadata["batch"] == 1


def test_waiting_requests_share_one_loaded_model(bucket: Path, tiny_musicgen: Path) -> None:
    store = LocalStore(bucket)
    for number, category in enumerate(("Study", "Relax")):
        fields = {"category": category, "duration": 10, "model": str(tiny_musicgen)}
        store.put(request_key(f"track{number}"), json.dumps(fields).encode())
    config = {"ops": {"generate_waiting": {"config": {"track_ids": ["track0", "track1"]}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        definition = build_definitions().resolve_job_def("premium_batch")
        assert definition.execute_in_process(instance=instance, run_config=config).success
        event = instance.get_latest_materialization_event(dg.AssetKey(["premium", "track"]))
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["batch"].value == 2
    assert len(list(bucket.glob("audio/premium/*/*.mp3"))) == 2


def test_a_cpu_is_warned_of_and_days_of_work_are_refused(
    tiny_musicgen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_providers import brief

    said: list[str] = []
    asked = brief(10.0, model=str(tiny_musicgen))
    Local().check(asked)
    Local().generate([asked], tmp_path, Watch(log=said.append))
    assert "no GPU on this machine" in said[0]
    monkeypatch.setattr("soundflow_assets.premium.providers.local.LONGEST_ON_CPU_S", 0.0)
    with pytest.raises(BadInput, match="the CPU would take about"):
        Local().generate([asked], tmp_path, Watch())


def test_a_mono_model_is_refused(tmp_path: Path) -> None:
    from test_providers import brief
    from tiny_models import build_musicgen

    folder = build_musicgen(tmp_path / "mono", channels=1)
    with pytest.raises(BadInput, match="is mono; premium tracks are stereo"):
        Local().check(brief(10.0, model=str(folder)))


def test_the_worker_on_runpod_returns_sound_inline_or_says_why_not(
    tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "deploy" / "runpod"))
    import base64

    import worker

    told: list[float] = []
    event = {"id": "job1", "input": job(tiny_musicgen)}
    result = worker.handle(event, lambda _event, share: told.append(share))
    assert base64.b64decode(result["audio_base64"])[:4] == b"fLaC"
    assert told == sorted(told)
    assert "text" in worker.handle({"id": "job2", "input": {}})["error"]
    monkeypatch.setattr(worker, "INLINE_BYTES", 10)
    assert "RESULT_BUCKET is not set" in worker.handle(event)["error"]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    config = uvicorn.Config(build_app(ThreadRunner(folder)), port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def test_the_provider_modal_and_the_worker_understand_each_other(
    tiny_musicgen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's own web face with a real model behind it, and the real provider before it."""
    from test_providers import brief

    hosted = models.Model("tiny", "example/tiny", "musicgen", "MIT", True, "MIT.", 32000, 2)
    local = models.find_model(str(tiny_musicgen))
    asked = brief(10.0, model=str(tiny_musicgen))
    monkeypatch.setattr(
        "soundflow_assets.premium.worker.find_model",
        lambda name: local if name == "example/tiny" else models.find_model(name),
    )
    import dataclasses

    asked = dataclasses.replace(asked, model=hosted)
    with served(tmp_path) as address:
        settings = load_settings(
            {
                "SOUNDFLOW_MODAL_URL": address,
                "SOUNDFLOW_MODAL_KEY": "k",
                "SOUNDFLOW_MODAL_SECRET": "s",
                "SOUNDFLOW_GPU_TIMEOUT_S": "120",
            }
        )
        provider = Modal(settings.providers, 0.05)
        [sound] = provider.generate([asked], tmp_path, Watch())
        assert admitted(sound, "modal", 10.0)[0].shape[0] == 2
        assert sound.facts["billed_s"] > 0
        broken = dataclasses.replace(asked, model=dataclasses.replace(hosted, hub_id="no/such"))
        with pytest.raises(Permanent, match="unknown model 'no/such'"):
            provider.generate([broken], tmp_path, Watch())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": ""}, "text"),
        ({"duration_s": 5000}, "duration_s"),
        ({"seed": "-1"}, "seed"),
        ({"fields": []}, "fields"),
    ],
)
def test_a_malformed_job_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=f"job: {said}"):
        task_from({**job(Path("x")), **(changed if changed != {"fields": []} else {"fields": [1]})})


def test_the_same_job_gives_the_same_sound(tiny_musicgen: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run_job(job(tiny_musicgen), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_notebook_runs_from_top_to_bottom(tiny_musicgen: Path, tmp_path: Path) -> None:
    made = json.loads(notebook(job(tiny_musicgen), "Test"))
    code = "\n".join(
        "".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"
    )
    (tmp_path / "notebook.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "notebook.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert decode(tmp_path / "track.flac").samples == 3 * 32000


def test_the_published_notebook_is_the_one_the_provider_writes() -> None:
    path = ROOT / "docs" / "notebooks" / "SoundFlow_Premium_Colab.ipynb"
    document = json.loads(path.read_text(encoding="utf-8"))
    [cell] = [one for one in document["cells"] if "json.loads('''" in "".join(one["source"])]
    text = "".join(cell["source"])
    shown = json.loads(text.partition("'''")[2].rpartition("'''")[0])
    assert path.read_bytes() == notebook(shown, "Deep Focus")
