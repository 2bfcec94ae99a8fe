"""A service on a port of its own, over a bucket with a few published tracks."""

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import published_tracks
import pytest
import uvicorn
from s3_buckets import make_access, s3_admin, s3_endpoint

from soundflow_assets.api.app import create_app
from soundflow_assets.api.service import Service, make_service
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.settings import Settings, load_settings

__all__ = ["make_access", "s3_admin", "s3_endpoint"]

TRACKS = (
    {"date": "2025-01-15", "audio": bytes(range(256)) * 40},
    {"date": "2025-01-16", "category": "Study", "track_id": "study_daily", "genre": "jazz"},
    {"date": "2025-01-16", "title": "Löss & <Rain>", "energy_min": 10, "energy_max": 20},
    {"date": "2025-01-17"},
    {"date": "2025-01-17", "tier": "premium", "track_id": "aurora", "audio": b"premium" * 99},
)


@dataclass
class Running:
    """A running service and a client of it."""

    service: Service
    client: httpx.Client
    url: str


def environ_in(folder: Path) -> dict[str, str]:
    return {
        "SOUNDFLOW_BUCKET": str(folder / "bucket"),
        "SOUNDFLOW_ACCOUNTS": str(folder / "accounts.sqlite"),
        "SOUNDFLOW_RATE_READ": "0",
        "SOUNDFLOW_RATE_SIGN": "0",
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(environ_in(tmp_path))


@pytest.fixture
def library(settings: Settings) -> Library:
    """A bucket with four free tracks and a premium one."""
    return filled(settings)


def filled(settings: Settings) -> Library:
    found = open_library(settings)
    for track in TRACKS:
        publish(found, **track)
    commit_catalogs(found)
    return found


def publish(library: Library, **track: object) -> None:
    """Publish a track under the addresses of this library."""
    sidecar, files = published_tracks.make_track(**track)
    if sidecar.entry.url is not None:
        entry = sidecar.entry.model_copy(update={"url": library.url(sidecar.entry.object_key)})
        sidecar = sidecar.model_copy(update={"entry": entry})
    published_tracks.publish_track(library.store(sidecar.entry.tier), sidecar, files)


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """Start a service on these settings; it ends with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda settings, **parts: stack.enter_context(running(settings, **parts))


@pytest.fixture(scope="session")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(environ_in(tmp_path_factory.mktemp("shared")))


@pytest.fixture(scope="session")
def shared_library(shared_settings: Settings) -> Library:
    """The same tracks, for tests that change nothing."""
    return filled(shared_settings)


@pytest.fixture(scope="session")
def api(shared_library: Library, shared_settings: Settings) -> Iterator[Running]:
    """A running service over `shared_library`."""
    with running(shared_settings) as found:
        yield found


@contextlib.contextmanager
def running(settings: Settings, prepare: Callable[[Service], Service] = lambda one: one):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # Without generation, unless a test brings a studio with a Dagster home of its own.
        service = prepare(dataclasses.replace(make_service(settings, url), studio=None))
        config = uvicorn.Config(create_app(service), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.01)
        try:
            with httpx.Client(base_url=url, timeout=30) as client:
                yield Running(service, client, url)
        finally:
            server.should_exit = True
            thread.join(20)
