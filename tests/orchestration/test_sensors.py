"""Premium tracks are found in the bucket; failed runs are told of."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.sensors import premium_watch, run_failure_alert
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.local import LocalStore


def premium(track_id: str, day: int = 1) -> TrackRef:
    return TrackRef.parse(f"premium-2025-02-{day:02d}-{track_id}")


def watched(bucket: Path, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(
            instance=instance,
            cursor=cursor,
            resources={"bucket": BucketResource(folder=str(bucket))},
        )
        result = premium_watch(context)
        assert isinstance(result, dg.SensorResult | dg.SkipReason)
        return result


def found(result: dg.SensorResult | dg.SkipReason) -> list[str | None]:
    assert isinstance(result, dg.SensorResult)
    return [event.partition for event in result.asset_events]


def test_each_premium_sidecar_is_reported_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(premium("one").sidecar_key, b"{}")
    first = watched(tmp_path)
    assert found(first) == ["one"]
    assert isinstance(first, dg.SensorResult)
    [request] = first.dynamic_partitions_requests or []
    assert list(request.partition_keys) == ["one"]
    assert [event.asset_key for event in first.asset_events] == [asset_keys.PREMIUM_TRACK]
    store.put(premium("two").sidecar_key, b"{}")
    second = watched(tmp_path, first.cursor)
    assert found(second) == ["two"]
    assert isinstance(second, dg.SensorResult)
    assert isinstance(watched(tmp_path, second.cursor), dg.SkipReason)


def test_a_track_id_of_another_date_is_news(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(premium("one", day=1).sidecar_key, b"{}")
    first = watched(tmp_path)
    assert isinstance(first, dg.SensorResult)
    store.put(premium("one", day=2).sidecar_key, b"{}")
    assert found(watched(tmp_path, first.cursor)) == ["one"]


def test_what_is_not_a_premium_sidecar_is_ignored(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(premium("one").audio_key, b"mp3")
    store.put(premium("one").companion_key("peaks.json"), b"{}")
    store.put("audio/premium/2025-02-01/notes.json", b"{}")
    store.put(TrackRef.parse("free-2025-02-01-two").sidecar_key, b"{}")
    assert isinstance(watched(tmp_path), dg.SkipReason)


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, object]]]]:
    posted: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    server.server_close()


def alerted(tmp_path: Path) -> None:
    @dg.asset
    def broken() -> None:
        raise dg.Failure("the disk is full")

    job = dg.Definitions([broken]).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name=run_failure_alert.name,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
            resources={"bucket": BucketResource(folder=str(tmp_path))},
        ).for_run_failure()
        run_failure_alert(context)


def test_a_failed_run_is_posted_with_its_reason(
    tmp_path: Path,
    webhook: tuple[str, list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, posted = webhook
    monkeypatch.setenv("SOUNDFLOW_ALERT_WEBHOOK", f"{address}/alerts")
    alerted(tmp_path)
    [report] = posted
    assert report["steps"] == [{"step": "broken", "message": "the disk is full"}]


def test_a_webhook_that_fails_is_logged_without_its_address(
    tmp_path: Path,
    webhook: tuple[str, list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SOUNDFLOW_ALERT_WEBHOOK", f"{webhook[0]}/broken")
    alerted(tmp_path)
    monkeypatch.setenv("SOUNDFLOW_ALERT_WEBHOOK", "http://127.0.0.1:9/token")
    alerted(tmp_path)
    assert "webhook answered 500" in caplog.text
    assert "could not be reached" in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_without_a_webhook_a_failed_run_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("SOUNDFLOW_ALERT_WEBHOOK", raising=False)
    alerted(tmp_path)
    assert "the disk is full" in caplog.text
