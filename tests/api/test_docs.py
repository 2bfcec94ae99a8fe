"""Every example of docs/api.md is run as it stands there."""

import contextlib
import dataclasses
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from api.conftest import running
from api.project_logs import Worker, desk_in
from api.test_contract import ALL_ROUTES

from soundflow_assets.accounts.database import open_for_writing
from soundflow_assets.accounts.ledger import Ledger
from soundflow_assets.api.studio import Studio
from soundflow_assets.orchestration.generation.request import SongRequest

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SHELL = [block for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL) if "curl" in block]
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def environ(shared_settings, shared_library, tmp_path_factory):
    home = tmp_path_factory.mktemp("docs") / "home"
    desk = desk_in(home)
    wish = SongRequest(genre="lofi", duration_seconds=10)
    project = desk.submit(wish, dt.date(2025, 1, 15), "process")
    worker = Worker(desk, home, project.id)
    for progress in (0.0, 0.5, 1.0):
        worker.stage("render", progress)
    worker.succeed()
    with contextlib.closing(open_for_writing(shared_settings.service.accounts)) as connection:
        ledger = Ledger(connection, int(time.time()))
        ledger.add_user("reader")
        ledger.grant("reader", "premium")
        token = ledger.mint("reader").token
    with running(
        shared_settings,
        prepare=lambda one: dataclasses.replace(
            one, studio=Studio(shared_settings, home, workers=0)
        ),
    ) as found:
        yield {
            **os.environ, "BASE": found.url, "TOKEN": token.text, "PROJECT": project.id,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }  # fmt: skip


def test_every_route_has_an_example() -> None:
    assert len(SHELL) >= 10
    shown = "\n".join(SHELL).replace("$TRACK", "{id}").replace("$PREMIUM", "{id}")
    shown = shown.replace("$PROJECT", "{project_id}").replace("$KEY", "{key}")
    shown = shown.replace("/deep-work", "/{slug}").replace("playlists/all", "playlists/{slug}")
    for route in ALL_ROUTES - {"/signed/{key}"}:  # which `signedUrl` leads to
        assert f'$BASE{route}"' in shown, route
    assert '["signedUrl"]' in shown


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_examples_of_the_shell_work(environ, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(SHELL)],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert "\n304\n" in done.stdout
    assert "project.completed" in done.stdout
    assert (tmp_path / "premium.mp3").read_bytes().startswith(b"premium")
    assert (tmp_path / "cover.png").read_bytes() == b"cover"


def test_the_examples_in_python_work(environ) -> None:
    for example in PYTHON:
        done = subprocess.run(
            [sys.executable, "-c", example], env=environ, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith("project.completed")
