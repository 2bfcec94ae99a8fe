"""Every command of the README is run as it stands there."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from soundflow_assets.settings import VARIABLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```bash\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
LINES = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
SERVERS = {"make dev": "http://127.0.0.1:3000/", "make serve": "http://127.0.0.1:8000/"}
# The suite is already running, and real access keys are nobody's to print.
ELSEWHERE = ("make test", "export ")
COMMANDS = [
    line for line in dict.fromkeys(LINES)
    if line and line not in SERVERS and not line.startswith(ELSEWHERE)
]  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    bucket = tmp_path_factory.mktemp("readme") / "bucket"
    return {**os.environ, "SOUNDFLOW_BUCKET": str(bucket)}


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) >= 8
    assert all(re.match(r"make |\.venv/bin/soundflow |for ", line) for line in COMMANDS)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_works(line: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def free_port(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(("line", "address"), SERVERS.items())
def test_a_server_of_the_readme_answers(
    line: str, address: str, environment: dict[str, str]
) -> None:
    port = int(address.rsplit(":", 1)[1].strip("/"))
    if not free_port(port):
        pytest.skip(f"port {port} is taken by another program")
    server = subprocess.Popen(
        ["bash", "-c", line], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        for _ in range(360):  # a busy machine starts it in a minute or two
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as page:
                assert page.status == 200
                return
            time.sleep(0.5)
        pytest.fail(f"{line}: nothing answered on {address}")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=90)  # the webserver waits for its processes
        except subprocess.TimeoutExpired:  # on a busy machine they may not hear of the end
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(timeout=10)


def test_the_table_of_variables_is_the_programs_own() -> None:
    for variable in VARIABLES:
        assert f"| `{variable.name}` | {variable.meaning} |" in README


def test_pictures_of_the_readme_are_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
