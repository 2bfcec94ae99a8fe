"""Ten minutes at real size: a programme from its plan to a judged MP3, in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_BYTES = 900_000_000
SECONDS = 600

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("genre", ["trance", "ambient"])
def test_ten_minutes_pass_every_gate_and_fit_into_memory(genre: str, tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "from soundflow_assets.cli.main import run\n"
        f"code = run(['render', '--genre', '{genre}', '--duration', '{SECONDS}',\n"
        f"            '--date', '2025-01-15', '--out', {str(tmp_path)!r}, '--json'])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True,
        timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["duration_s"] == SECONDS
    assert all(gate["passed"] for gate in report["gates"].values())
    peak = int(done.stderr.split()[-1])
    print(f"{genre}: peak {peak / 1e6:.0f} MB, CPU {sum(report['cpu_s'].values()):.0f} s")
    assert peak < LIMIT_BYTES
    names = {path.name.split(".", 1)[1] for path in tmp_path.iterdir()}
    assert not any(name.startswith("reel") for name in names), "scratch files are gone"
