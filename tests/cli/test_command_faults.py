"""A machine without ffmpeg, which a day does not need; a bucket that refuses: one sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Soundflow

from soundflow_assets.delivery.ffmpeg import ffmpeg_path

DAILY = ("daily", "--date", "2025-01-15", "--category", "Study", "--duration", "10")


@pytest.fixture(autouse=True)
def ffmpeg_is_looked_for_anew() -> Iterator[None]:
    ffmpeg_path.cache_clear()
    yield
    ffmpeg_path.cache_clear()


def published(bucket: Path) -> list[Path]:
    return list(bucket.glob("audio/**/*.json"))


def test_without_ffmpeg_the_day_is_published_all_the_same(
    soundflow: Soundflow, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    assert soundflow(*DAILY).code == 0
    assert published(bucket) != []


@pytest.mark.parametrize("place", ["file/bucket", "/proc/soundflow"])
def test_a_bucket_that_cannot_be_written_is_named(
    soundflow: Soundflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / place))
    answer = soundflow(*DAILY)
    assert answer.code in (1, 2)
    assert str(tmp_path / place) in answer.err
    assert "Traceback" not in answer.err
