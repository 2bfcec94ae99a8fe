"""Ten minutes at real size: a programme from its plan to a judged MP3, in little memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from peak_memory import report_and_peak

LIMIT_BYTES = 900_000_000
SECONDS = 600

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("genre", ["trance", "ambient"])
def test_ten_minutes_pass_every_gate_and_fit_into_memory(genre: str, tmp_path: Path) -> None:
    report, peak = report_and_peak(
        *("render", "--genre", genre, "--duration", str(SECONDS)),
        *("--date", "2025-01-15", "--out", str(tmp_path), "--json"),
    )
    assert report["duration_s"] == SECONDS
    assert all(gate["passed"] for gate in report["gates"].values())
    assert peak < LIMIT_BYTES
    names = {path.name.split(".", 1)[1] for path in tmp_path.iterdir()}
    assert not any(name.startswith("reel") for name in names), "scratch files are gone"
