"""A day as it is published: five tracks of the plan's own length, within time and memory."""

import os
from pathlib import Path

import pytest
from peak_memory import report_and_peak

DATE = "2025-01-15"
LIMIT_BYTES = 700_000_000

pytestmark = pytest.mark.slow


def test_a_full_day_passes_every_check_and_fits_into_memory(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name[:3] != "R2_"}
    kept.pop("DAGSTER_HOME", None)
    environ = {**kept, "SOUNDFLOW_BUCKET": str(tmp_path / "bucket")}
    report, peak = report_and_peak("daily", "--date", DATE, "--json", environ=environ)
    assert report["failed_checks"] == []
    assert [track["duration_s"] for track in report["tracks"]] == [180.0] * 5
    for track in report["tracks"]:
        assert abs(track["loudness_lufs"] + 14.0) <= 0.5
        assert track["true_peak_dbtp"] <= -1.0
        assert Path(track["file"]).stat().st_size == track["bytes"] > 4_000_000
    assert peak < LIMIT_BYTES
