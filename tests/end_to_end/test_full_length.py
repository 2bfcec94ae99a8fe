"""A day as it is published: five tracks of the plan's own length, within time and memory."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

DATE = "2025-01-15"
LIMIT_BYTES = 700_000_000

pytestmark = pytest.mark.slow


def test_a_full_day_passes_every_check_and_fits_into_memory(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name[:3] != "R2_"}
    kept.pop("DAGSTER_HOME", None)
    environ = {**kept, "SOUNDFLOW_BUCKET": str(tmp_path / "bucket")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = (
        "import resource, sys\n"
        "from soundflow_assets.cli.main import run\n"
        f"code = run(['daily', '--date', '{DATE}', '--json'])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=600
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["failed_checks"] == []
    assert [track["duration_s"] for track in report["tracks"]] == [180.0] * 5
    for track in report["tracks"]:
        assert abs(track["loudness_lufs"] + 14.0) <= 0.5
        assert track["true_peak_dbtp"] <= -1.0
        assert Path(track["file"]).stat().st_size == track["bytes"] > 4_000_000
    assert int(done.stderr.split()[-1]) < LIMIT_BYTES
    print(f"CPU seconds of the day: {after.ru_utime - before.ru_utime:.1f}")
