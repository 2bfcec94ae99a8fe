"""No ffmpeg, which a day does not need; a file that is no sound, a bucket that refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Soundflow

from soundflow_assets import production
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


def test_an_mp3_that_does_not_decode_is_never_published(
    soundflow: Soundflow, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(production, "write_mp3", lambda file, *_: file.write(b"ID3" + bytes(999)))
    answer = soundflow(*DAILY)
    assert answer.code in (1, 2)
    assert "study_daily: " in answer.err
    assert published(bucket) == []


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
