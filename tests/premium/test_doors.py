"""Three doors, one path: the command, the run configuration of the UI, a request in the bucket.

The provider is a person who has dropped the sound already, so no model is needed here; the same
doors with real model code are in `test_done_when`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sounds import flac, music, write

from soundflow_assets.build import build_definitions
from soundflow_assets.cli.main import run
from soundflow_assets.delivery.decode import decode
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.instance import OpenInstance
from soundflow_assets.orchestration.launch import make_catalogs, make_premium_track
from soundflow_assets.orchestration.premium_sensors import premium_brought, premium_requests
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.sensors import premium_watch
from soundflow_assets.settings import load_settings
from soundflow_assets.storage.keys import request_key
from soundflow_assets.storage.local import LocalStore

CONFIG = {"category": "Deep Work", "duration": 10.0, "gpu_provider": "manual"}
SECONDS = 10


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture(scope="session")
def sound() -> bytes:
    return flac(music(SECONDS + 0.5))


def drop(tmp_path: Path, track_id: str, sound: bytes) -> None:
    write(tmp_path / "jobs" / track_id / "r1" / "track.flac", sound)


def made(instance: dg.DagsterInstance, track_id: str, config: dict[str, Any]) -> Any:
    return make_premium_track(build_definitions(), OpenInstance(instance, {}), track_id, config)


def sensed(sensor: Any, bucket: Path, instance: dg.DagsterInstance, cursor: Any = None) -> Any:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"bucket": BucketResource(folder=str(bucket))}
    )
    return sensor(context)


def test_the_command_publishes_and_lists_a_track(
    bucket: Path, tmp_path: Path, sound: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(tmp_path, "custom_focus_1", sound)
    command = [
        "premium", "--category", "Deep Work", "--track-id", "custom_focus_1", "--duration", "10",
        "--gpu-provider", "manual", "--date", "2026-03-01", "--json",
    ]  # fmt: skip
    assert run(command) == 0
    report = json.loads(capsys.readouterr().out)
    track = report["track"]
    found = decode(Path(track["file"]))
    assert (found.bitrate_kbps, found.samples) == (320, SECONDS * 44100)
    for name in ("premium", "all", "by-category/deep-work"):
        [entry] = json.loads((bucket / "catalog" / f"{name}.json").read_text())
        assert entry["id"] == "premium-2026-03-01-custom_focus_1"
        assert entry["license"] == "CC-BY-NC-4.0"
        assert "non-commercial" in entry["rights"]
        assert "url" not in entry
    assert json.loads((bucket / "catalog" / "free.json").read_text()) == []
    assert run(["catalog", "validate", "--deep"]) == 0
    # The same once more changes nothing; another request under the id is refused.
    capsys.readouterr()
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out)["track"]["outcome"] == "unchanged"
    assert run([*command, "--seed", "7"]) == 2
    assert "is taken by another request" in json.loads(capsys.readouterr().out)["error"]


def test_a_run_configuration_is_stored_and_a_partition_is_made_again_from_its_key(
    bucket: Path, tmp_path: Path, sound: bytes, instance: dg.DagsterInstance
) -> None:
    waiting = made(instance, "from_ui", CONFIG)
    [step] = waiting.steps
    assert "waiting for a person" in step.error
    assert not list(bucket.glob("audio/**/*.mp3"))
    assert (bucket / request_key("from_ui")).is_file()
    drop(tmp_path, "from_ui", sound)
    again = made(instance, "from_ui", {})
    assert again.succeeded, again.steps[0].error
    assert again.steps[0].metadata["loudness_lufs"] == pytest.approx(-14.0, abs=0.5)
    assert make_catalogs(build_definitions(), OpenInstance(instance, {})).succeeded
    # What a run here has made is no news for the watch.
    assert sensed(premium_watch, bucket, instance).asset_events == []


def test_a_key_without_a_request_says_what_to_do(
    bucket: Path, instance: dg.DagsterInstance
) -> None:
    outcome = made(instance, "unknown", {})
    assert "no request is stored for 'unknown'" in outcome.steps[0].error
    assert outcome.steps[0].refused


def test_a_request_object_becomes_a_partition_and_a_run(
    bucket: Path, tmp_path: Path, sound: bytes, instance: dg.DagsterInstance
) -> None:
    store = LocalStore(bucket)
    store.put(request_key("dropped"), json.dumps(CONFIG).encode())
    result = sensed(premium_requests, bucket, instance)
    [request] = result.run_requests
    assert (request.partition_key, request.job_name) == ("dropped", "premium_on_demand")
    [added] = result.dynamic_partitions_requests
    assert list(added.partition_keys) == ["dropped"]
    assert isinstance(sensed(premium_requests, bucket, instance, result.cursor), dg.SkipReason)
    drop(tmp_path, "dropped", sound)
    assert made(instance, request.partition_key, {}).succeeded
    # The run has completed the object, which is no new request.
    later = sensed(premium_requests, bucket, instance, result.cursor)
    assert later.run_requests == []


def test_requests_for_one_local_model_wait_for_each_other(
    bucket: Path, instance: dg.DagsterInstance
) -> None:
    store = LocalStore(bucket)
    local = json.dumps({**CONFIG, "gpu_provider": "local"}).encode()
    for track_id in ("a", "b", "c"):
        store.put(request_key(track_id), local)
    store.put(request_key("d"), json.dumps(CONFIG).encode())
    store.put(request_key("e"), b"<html>")
    runs = sensed(premium_requests, bucket, instance).run_requests
    batches = {one.job_name: one for one in runs if one.job_name == "premium_batch"}
    config = batches["premium_batch"].run_config["ops"]["generate_waiting"]["config"]
    assert config == {"track_ids": ["a", "b", "c"]}
    assert [one.partition_key for one in runs if one.job_name != "premium_batch"] == ["d", "e"]


def test_a_wrong_request_object_fails_its_run_with_the_sentence(
    bucket: Path, instance: dg.DagsterInstance
) -> None:
    LocalStore(bucket).put(request_key("wrong"), b'{"category": "Polka"}')
    outcome = made(instance, "wrong", {})
    assert "unknown category 'Polka'; allowed: Deep Work" in outcome.steps[0].error


def test_a_brought_sound_starts_its_track_again(
    bucket: Path, tmp_path: Path, sound: bytes, instance: dg.DagsterInstance
) -> None:
    made(instance, "brought", CONFIG)
    assert isinstance(sensed(premium_brought, bucket, instance), dg.SkipReason)
    drop(tmp_path, "brought", sound)
    result = sensed(premium_brought, bucket, instance)
    assert [one.partition_key for one in result.run_requests] == ["brought"]
    assert isinstance(sensed(premium_brought, bucket, instance, result.cursor), dg.SkipReason)


def test_a_batch_makes_what_can_be_made_and_names_the_rest(
    bucket: Path, tmp_path: Path, sound: bytes, instance: dg.DagsterInstance
) -> None:
    store = LocalStore(bucket)
    for track_id in ("good", "late"):
        store.put(request_key(track_id), json.dumps(CONFIG).encode())
    drop(tmp_path, "good", sound)
    store.put(request_key("late"), json.dumps({**CONFIG, "category": "Study"}).encode())
    job = build_definitions().resolve_job_def("premium_batch")
    config = {"ops": {"generate_waiting": {"config": {"track_ids": ["good", "late", "none"]}}}}
    result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
    assert not result.success
    reason = str(next(one for one in result.all_events if one.is_step_failure).step_failure_data)
    assert "no request is stored for 'none'" in reason
    assert "late: waiting for a person" in reason.replace("\\n", " ")
    [track] = bucket.glob("audio/**/*.mp3")
    assert track.name.endswith("-good.mp3")
    event = instance.get_latest_materialization_event(asset_keys.PREMIUM_TRACK)
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.partition == "good"


def test_a_wrong_option_is_refused_before_anything_is_stored(
    bucket: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["premium", "--category", "Deep Work", "--track-id", "one"]
    for more, said in (
        (["--model", "nothing"], "unknown model 'nothing'; allowed: musicgen-stereo-large"),
        (["--gpu-provider", "aws"], "allowed: local, manual, modal, replicate, runpod"),
        (["--duration", "901"], "expected 10 to 900 seconds"),
        (["--sidechain", "3"], "finishing.sidechain"),
    ):
        assert run([*base, *more]) == 2
        assert said in capsys.readouterr().err
    assert run(["premium", "--category", "Deep Work", "--track-id", "../x"]) == 2
    assert run(["premium", "--category", "Deep Work"]) == 2
    assert not bucket.exists()


def test_a_model_whose_weights_are_missing_comes_with_the_command(
    bucket: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["premium", "--category", "Study", "--track-id", "one", "--date", "2026-03-01"]) == 2
    said = capsys.readouterr().err
    assert "hf download facebook/musicgen-stereo-large" in said or "pip install" in said
    assert (bucket / request_key("one")).is_file()  # the request is kept
    assert load_settings().bucket == bucket


def test_prompts_are_listed_shown_and_enhanced(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prompts", "list", "--category", "flow-state", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["count"] >= 3
    assert run(["prompts", "show", "techno_energy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rendered"]["acestep"]["bpm"] == 128
    assert run(["prompts", "enhance", "calm piano", "--category", "Study", "--json"]) == 0
    assert "grand piano" in json.loads(capsys.readouterr().out)["spec"]["instruments"]
    assert run(["prompts", "show", "nothing"]) == 2
