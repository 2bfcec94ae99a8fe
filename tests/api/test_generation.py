"""Tracks on request: watched while they are made, told truly when they fail, never lost."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets.sync.client as ws
from api.conftest import environ_in
from api.project_logs import Worker, desk_in, status_of
from dagster import DagsterRunStatus
from websockets.exceptions import ConnectionClosed, InvalidStatus

from soundflow_assets.accounts.tokens import new_token
from soundflow_assets.api.feed import Feed
from soundflow_assets.api.limiter import Limiter
from soundflow_assets.api.studio import Studio
from soundflow_assets.orchestration.generation import dispatch
from soundflow_assets.orchestration.generation.dispatch import Dispatcher
from soundflow_assets.orchestration.generation.project import ProjectEvent, Reader, stages_of
from soundflow_assets.orchestration.generation.request import SongRequest
from soundflow_assets.orchestration.generation.worker import claim_file
from soundflow_assets.orchestration.locks import locked
from soundflow_assets.progress import STAGES

PROJECT = Path(__file__).parents[2]
FULL_SONG = "/api/v1/music/generate/full-song"
WISH = {"category": "study", "genre": "lofi", "duration_seconds": 10, "seed": 7}
SERVE = "from soundflow_assets.cli.main import main; main()"
DAY = dt.date(2025, 1, 15)


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all its tables: making them takes longer than most tests."""
    home = tmp_path_factory.mktemp("dagster") / "home"
    made = desk_in(home)
    project = made.submit(SongRequest(**WISH), DAY, "process")
    made.instance.delete_run(project.id)
    made.instance.dispose()
    return home


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@pytest.fixture
def desk(home: Path):
    made = desk_in(home)
    yield made
    made.instance.dispose()


@pytest.fixture
def studio(shared_settings, shared_library, home, desk, serve):
    """A service that starts no workers: the test plays them."""
    return serve(
        shared_settings,
        prepare=lambda one: dataclasses.replace(
            one, studio=Studio(shared_settings, home, workers=0)
        ),
    )


def asked(api, **changes: object) -> httpx.Response:
    return api.client.post(FULL_SONG, json={**WISH, **changes})


def url(api, project_id: str, what: str) -> str:
    return f"/api/v1/music/project/{project_id}/{what}"


def all_stages(worker: Worker) -> None:
    for stage in STAGES:
        for progress in (0.0, 0.5, 1.0):
            worker.stage(stage, progress)
    worker.succeed()


def test_a_wish_becomes_a_project_that_waits(studio, desk) -> None:
    response = asked(studio)
    assert response.status_code == 202
    project_id = response.json()["project_id"]
    assert response.headers["location"] == url(studio, project_id, "status")
    told = studio.client.get(response.headers["location"]).json()
    assert (told["status"], told["progress"], told["stage"]) == ("queued", 0.0, None)
    assert status_of(desk, project_id) is DagsterRunStatus.NOT_STARTED
    whole = studio.client.get(url(studio, project_id, "aggregate")).json()
    assert whole["request"]["seed"] == 7
    assert [stage["status"] for stage in whole["stages"]] == ["pending"] * len(STAGES)


def test_without_a_seed_one_is_drawn_and_told(studio) -> None:
    ids = [asked(studio, seed=None).json()["project_id"] for _ in range(2)]
    seeds = [
        studio.client.get(url(studio, one, "aggregate")).json()["request"]["seed"] for one in ids
    ]
    assert seeds[0] != seeds[1]


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({}, "give category, genre, or both"), ({"genre": "polka"}, "lofi"),
        ({"category": "gym"}, "Deep Work"), ({"genre": "jazz", "duration_seconds": 9}, "duration"),
        ({"genre": "jazz", "duration_seconds": 601}, "duration"),
        ({"genre": "jazz", "seed": 2**53}, "seed"), ({"genre": "jazz", "seed": "x"}, "seed"),
        ({"genre": "jazz", "tempo": 3}, "tempo"), ([], "body"), ("x", "body"), (None, "body"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_refused_at_once(studio, desk, wish, word: str) -> None:
    response = studio.client.post(FULL_SONG, json=wish)
    assert response.status_code == 422
    assert word in response.json()["detail"]
    assert desk.unfinished() == []


def test_the_same_key_gives_the_same_project_and_another_wish_is_a_conflict(studio, desk) -> None:
    headers = {"Idempotency-Key": "click-1"}
    answers = [studio.client.post(FULL_SONG, json=WISH, headers=headers) for _ in range(2)]
    assert len({answer.json()["project_id"] for answer in answers}) == 1
    other = studio.client.post(FULL_SONG, json={**WISH, "seed": 8}, headers=headers)
    assert other.status_code == 409
    assert len(desk.unfinished()) == 1


def test_status_and_aggregate_follow_the_log(studio, desk, home) -> None:
    project_id = asked(studio).json()["project_id"]
    worker = Worker(desk, home, project_id)
    worker.stage("plan", 0.0)
    worker.stage("plan", 1.0)
    worker.stage("compose", 0.0)
    told = studio.client.get(url(studio, project_id, "status")).json()
    assert (told["status"], told["stage"]) == ("running", "compose")
    assert 0.0 < told["progress"] < 0.1
    worker.stage("compose", 1.0)
    all_stages(worker)
    whole = studio.client.get(url(studio, project_id, "aggregate")).json()
    assert (whole["status"], whole["progress"], whole["error"]) == ("completed", 1.0, None)
    assert {stage["status"] for stage in whole["stages"]} == {"completed"}
    assert all(stage["ended_at"] >= stage["started_at"] for stage in whole["stages"])
    assert whole["result"]["url"] == "/bucket/made/x/track.mp3"
    assert whole["result"]["peaksUrl"] == "/bucket/made/x/track.peaks.json"


def sse(api, project_id: str, after: int | None = None) -> list[dict]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with api.client.stream("GET", url(api, project_id, "events"), headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        return [
            json.loads(line.removeprefix("data: "))
            for line in stream.iter_lines()
            if line.startswith("data: ")
        ]


@contextlib.contextmanager
def subscribed(api, project_id: str, **more: object):
    with ws.connect(api.url.replace("http", "ws") + "/ws") as socket:
        socket.send(json.dumps({"action": "subscribe", "project_id": project_id, **more}))
        first = json.loads(socket.recv(10))
        assert first["type"] == "subscribed", first
        yield socket


def heard(socket) -> list[dict]:
    events = []
    while not events or not events[-1]["type"].startswith("project."):
        events.append(json.loads(socket.recv(20)))
    return events


def test_a_listener_hears_every_stage_while_it_happens(studio, desk, home) -> None:
    project_id = asked(studio).json()["project_id"]
    with subscribed(studio, project_id) as socket:
        worker = Worker(desk, home, project_id)
        worker.stage("plan", 0.0)
        first = json.loads(socket.recv(10))
        assert (first["type"], first["stage"], first["progress"]) == ("stage.started", "plan", 0)
        worker.stage("plan", 1.0)
        all_stages(worker)
        events = heard(socket)
    assert events[-1]["type"] == "project.completed"
    assert events[-1]["result"]["url"] == "/bucket/made/x/track.mp3"
    for kind in ("stage.started", "stage.completed"):
        assert [e["stage"] for e in events if e["type"] == kind][-7:] == list(STAGES)
    overall = [event["overall"] for event in events]
    assert overall == sorted(overall)
    assert {event["project_id"] for event in events} == {project_id}


def test_events_resume_behind_the_last_one_heard(studio, desk, home) -> None:
    project_id = asked(studio).json()["project_id"]
    all_stages(Worker(desk, home, project_id))
    whole = sse(studio, project_id)
    assert [event["id"] for event in whole] == list(range(1, len(whole) + 1))
    assert sse(studio, project_id, after=5) == whole[5:]
    assert sse(studio, project_id, after=len(whole)) == []
    with subscribed(studio, project_id, after=20) as socket:
        assert heard(socket) == whole[20:]


def test_a_project_outlives_the_service(shared_settings, studio, desk, home, serve) -> None:
    project_id = asked(studio).json()["project_id"]
    worker = Worker(desk, home, project_id)
    worker.stage("plan", 0.0)
    again = serve(
        shared_settings,
        prepare=lambda one: dataclasses.replace(
            one, studio=Studio(shared_settings, home, workers=0)
        ),
    )
    assert again.client.get(url(again, project_id, "status")).json()["stage"] == "plan"
    all_stages(worker)
    assert sse(again, project_id)[-1]["type"] == "project.completed"


def test_head_of_a_stream_ends_at_once(studio) -> None:
    project_id = asked(studio).json()["project_id"]
    head = studio.client.head(url(studio, project_id, "events"), timeout=5)
    assert head.headers["content-type"].startswith("text/event-stream")


def test_two_services_over_one_home_make_a_track_once(desk, home, monkeypatch) -> None:
    """The slower worker ends at the other's claim, which is no reason to give the track up."""
    monkeypatch.setattr(dispatch, "_COMMAND", ("-c", "pass"))
    project = desk.submit(SongRequest(**WISH), DAY, "process")
    slower = Dispatcher(desk, home)
    slower.look()
    with locked(claim_file(home, project.id)):
        for process in slower._started.values():
            process.wait(20)
        slower.look()
        assert status_of(desk, project.id) is DagsterRunStatus.NOT_STARTED


def test_a_killed_worker_fails_its_project_and_everyone_hears(studio, desk, home) -> None:
    project_id = asked(studio).json()["project_id"]
    worker = Worker(desk, home, project_id)
    worker.stage("render", 0.0)
    with subscribed(studio, project_id) as socket:
        worker.die()
        last = heard(socket)[-1]
    assert (last["type"], last["stage"]) == ("project.failed", "render")
    assert "killed" in last["error"]
    told = studio.client.get(url(studio, project_id, "aggregate")).json()
    assert (told["status"], told["error"]) == ("failed", last["error"])
    assert next(s for s in told["stages"] if s["stage"] == "render")["status"] == "failed"


def test_a_worker_that_ends_before_it_begins_fails_its_project(desk, home, monkeypatch) -> None:
    monkeypatch.setattr(dispatch, "_COMMAND", ("-c", "raise SystemExit(1)"))
    project = desk.submit(SongRequest(**WISH), DAY, "process")
    dispatcher = Dispatcher(desk, home)
    deadline = time.monotonic() + 20
    while desk.unfinished() and time.monotonic() < deadline:
        dispatcher.look()
        time.sleep(0.05)
    assert status_of(desk, project.id) is DagsterRunStatus.FAILURE
    events, _ = desk.read(project.id, Reader())
    assert "before it began" in events[-1].error


def test_a_missing_daemon_is_said_and_not_waited_for(
    desk, home, monkeypatch, serve, shared_settings, shared_library
) -> None:
    service = dataclasses.replace(shared_settings.service, worker="daemon")
    settings = dataclasses.replace(shared_settings, service=service)
    api = serve(
        settings,
        prepare=lambda one: dataclasses.replace(one, studio=Studio(settings, home, workers=0)),
    )
    response = api.client.post(FULL_SONG, json=WISH)
    assert response.status_code == 503
    assert "daemon" in response.json()["detail"]
    ready = api.client.get("/health/ready").json()
    assert ready["checks"]["dagster"]["status"] == "degraded"
    # One that lived when the wish came, and died before it took the run:
    monkeypatch.setattr(type(desk), "daemon_lives", lambda _: True)
    project = desk.submit(SongRequest(**WISH), DAY, "daemon")
    assert project.status == "queued"
    assert status_of(desk, project.id) is DagsterRunStatus.QUEUED
    monkeypatch.undo()
    monkeypatch.setattr(dispatch, "UNTAKEN_S", 0.0)
    Dispatcher(desk, home).look()
    events, _ = desk.read(project.id, Reader())
    assert "no Dagster daemon" in events[-1].error


def test_only_so_many_wait(studio, desk, monkeypatch) -> None:
    monkeypatch.setattr("soundflow_assets.api.studio.MOST_WAITING", 2)
    answers = [asked(studio) for _ in range(3)]
    assert [one.status_code for one in answers] == [202, 202, 503]
    assert answers[-1].headers["retry-after"]


def test_who_may_ask_is_the_operators_choice(
    shared_settings, shared_library, home, desk, serve
) -> None:
    def service_for(generation: str):
        service = dataclasses.replace(shared_settings.service, generation=generation)
        settings = dataclasses.replace(shared_settings, service=service)
        studio = None if generation == "nobody" else Studio(settings, home, workers=0)
        return serve(settings, prepare=lambda one: dataclasses.replace(one, studio=studio))

    nobody, token = service_for("nobody"), service_for("token")
    assert asked(nobody).status_code == 403
    assert asked(token).status_code == 401
    forged = {"Authorization": f"Bearer {new_token().text}"}
    assert token.client.post(FULL_SONG, json=WISH, headers=forged).status_code == 401
    address = nobody.url.replace("http", "ws") + "/ws"
    with pytest.raises((InvalidStatus, ConnectionClosed)), ws.connect(address) as socket:
        socket.recv(5)


def test_too_many_wishes_are_429(studio) -> None:
    studio.service.generate_limiter = Limiter("1/hour")
    assert asked(studio).status_code == 202
    refused = asked(studio)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_what_is_no_project_is_told_so(studio) -> None:
    for project_id in ("x", "..", "%00", "0" * 36, "a" * 5000):
        for what in ("status", "aggregate", "events"):
            response = studio.client.get(url(studio, project_id, what))
            assert response.status_code in (404, 414, 422)


def test_a_project_there_is_not_is_404(studio) -> None:
    unknown = "5f0c1fc8-4d39-4a52-8a5c-0d9f4c1f1a2b"
    for what in ("status", "aggregate", "events"):
        assert studio.client.get(url(studio, unknown, what)).status_code == 404
    with ws.connect(studio.url.replace("http", "ws") + "/ws") as socket:
        socket.send(json.dumps({"action": "subscribe", "project_id": unknown}))
        assert json.loads(socket.recv(10))["type"] == "error"


NONSENSE = (
    "", "x", "[]", "null", "{}", '{"action": 5}', '{"action": "subscribe"}', b"\x00\xff",
    '{"action": "subscribe", "project_id": 5}', "[" * 1000, '{"action": "x' + "y" * 2000 + '"}',
    '{"action": "subscribe", "project_id": "' + "0" * 36 + '", "after": -1}',
    '{"action": "unsubscribe", "project_id": {}}',
)  # fmt: skip


def test_nonsense_on_a_socket_is_answered_and_harms_nobody(studio) -> None:
    for message in NONSENSE:
        with ws.connect(studio.url.replace("http", "ws") + "/ws") as socket:
            socket.send(message)
            assert json.loads(socket.recv(10))["type"] in ("error", "unsubscribed")
            socket.send('{"action": "ping"}')
            assert json.loads(socket.recv(10)) == {"type": "pong"}


def test_a_socket_of_nothing_but_nonsense_and_one_that_floods_are_closed(studio) -> None:
    for message in ("x", '{"action": "ping"}'):
        with ws.connect(studio.url.replace("http", "ws") + "/ws") as socket:
            with pytest.raises(ConnectionClosed):
                for _ in range(200):
                    socket.send(message)
                    socket.recv(10)
            assert socket.close_code == 1008


def test_a_page_from_elsewhere_may_not_open_a_socket(studio) -> None:
    address = studio.url.replace("http", "ws") + "/ws"
    elsewhere = "https://evil.example"
    with pytest.raises(InvalidStatus) as refused, ws.connect(address, origin=elsewhere):
        pytest.fail("it was let in")
    assert refused.value.response.status_code == 403
    with ws.connect(address, origin=studio.url) as socket:
        socket.send('{"action": "ping"}')
        assert json.loads(socket.recv(10)) == {"type": "pong"}


def test_a_slow_listener_is_told_the_latest_progress_only() -> None:
    at = dt.datetime(2025, 1, 15, tzinfo=dt.UTC)

    def event(number: int, kind: str, progress: float) -> ProjectEvent:
        return ProjectEvent(number, kind, at, progress, "render", progress)

    async def listen() -> list[int]:
        feed = Feed()
        feed.add([event(1, "stage.started", 0.0)])
        feed.add([event(n, "stage.progress", n / 100) for n in range(2, 90)])
        feed.add([event(90, "stage.completed", 1.0), event(91, "project.completed", 1.0)])
        return [one.number async for one in feed.follow() if one is not None]

    assert asyncio.run(listen()) == [1, 89, 90, 91]


def test_a_stage_that_comes_twice_adds_its_times_up(desk, home) -> None:
    project = desk.submit(SongRequest(**WISH), DAY, "process")
    worker = Worker(desk, home, project.id)
    for _ in range(2):
        worker.stage("encode", 0.0)
        time.sleep(0.02)
        worker.stage("encode", 1.0)
    events, _ = desk.read(project.id, Reader())
    encode = next(state for state in stages_of(events) if state.stage == "encode")
    assert encode.status == "completed"
    assert encode.duration_s >= 0.04
    assert [event.overall for event in events][1:] == [events[1].overall] * 3


def started(environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", str(port), "--quiet"],
        cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read().decode()[-2000:]
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).is_success:
                return process
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the service did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waited_for(address: str, reached) -> dict:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        told = httpx.get(address, timeout=10).json()
        if reached(told):
            return told
        time.sleep(0.1)
    raise AssertionError(told)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    ours = ("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_", "DAGSTER_HOME")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    return {**outer, **environ_in(tmp_path), "DAGSTER_HOME": str(home)}


@pytest.mark.slow
def test_a_service_killed_while_a_track_is_made_finds_it_finished(environ, tmp_path) -> None:
    """The whole of it, in processes of its own: asked for, killed, started again, heard."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    process = started(environ, port)
    project_id = httpx.post(base + FULL_SONG, json=WISH, timeout=30).json()["project_id"]
    status = f"{base}/api/v1/music/project/{project_id}/status"
    waited_for(status, lambda told: told["status"] in ("running", "completed"))
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process = started(environ, port)
    try:
        told = waited_for(status, lambda told: told["status"] in ("completed", "failed"))
        assert told["status"] == "completed", json.dumps(told, indent=1)
        whole = httpx.get(status.replace("status", "aggregate"), timeout=10).json()
        track = httpx.get(base + whole["result"]["url"], headers={"Range": "bytes=0-99"})
        assert (track.status_code, track.headers["content-type"]) == (206, "audio/mpeg")
        assert httpx.get(base + whole["result"]["peaksUrl"]).json()["version"] == 2
        assert httpx.get(f"{base}/catalog/all").json() == []
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.slow
def test_a_worker_killed_while_it_renders_fails_its_project(environ) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    process = started(environ, port)
    try:
        wish = {**WISH, "duration_seconds": 300}
        project_id = httpx.post(base + FULL_SONG, json=wish, timeout=30).json()["project_id"]
        status = f"{base}/api/v1/music/project/{project_id}/status"
        waited_for(status, lambda told: told["stage"] == "render")
        worker = subprocess.run(
            ["pgrep", "-f", f"worker {project_id}"], capture_output=True, text=True, check=True
        )
        os.kill(int(worker.stdout.split()[0]), signal.SIGKILL)
        told = waited_for(status, lambda told: told["status"] in ("completed", "failed"))
        assert (told["status"], told["stage"]) == ("failed", "render")
        assert "killed" in told["error"]
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def service_and_daemon(environ: dict[str, str]) -> Iterator[tuple[str, int, Path]]:
    """Give the service's address, and the daemon's process number and log."""
    home = Path(environ["DAGSTER_HOME"])
    shutil.copy(PROJECT / "workspace.yaml", home)
    log = home / "daemon.log"
    with log.open("w") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "dagster._daemon", "run", "-w", "workspace.yaml"],
            cwd=home, env=environ, stdout=output, stderr=output,
        )  # fmt: skip
    port = free_port()
    process = started(environ, port)
    base = f"http://127.0.0.1:{port}"
    try:
        waited_for(
            f"{base}/health/ready",
            lambda told: "daemon" in told["checks"]["dagster"]["detail"],
        )
        yield base, daemon.pid, log
    finally:
        for one in (process, daemon):
            one.terminate()
            one.wait(60)


def make_track(base: str, log: Path) -> None:
    project_id = httpx.post(base + FULL_SONG, json=WISH, timeout=30).json()["project_id"]
    status = f"{base}/api/v1/music/project/{project_id}/status"
    told = waited_for(status, lambda told: told["status"] in ("completed", "failed"))
    assert told["status"] == "completed", f"{json.dumps(told)}\n{log.read_text()[-3000:]}"


@pytest.mark.slow
def test_a_daemon_takes_the_runs_where_one_lives(environ) -> None:
    with service_and_daemon(environ) as (base, _, log):
        make_track(base, log)


@pytest.mark.slow
def test_a_run_waits_for_a_code_server_that_was_killed(environ) -> None:
    with service_and_daemon(environ) as (base, daemon, log):
        servers = subprocess.run(
            ["pgrep", "--parent", str(daemon), "--full", "api grpc"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        for server in servers.stdout.split():
            os.kill(int(server), signal.SIGKILL)
        make_track(base, log)
