"""What people may type for a date or a duration, and what they are told otherwise."""

import datetime as dt
import itertools

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.cli.bars import Bars, Lines, overall
from soundflow_assets.cli.values import DATE, SECONDS, today_utc
from soundflow_assets.progress import STAGES, StageEvent


@given(st.dates())
def test_every_iso_date_is_taken(date: dt.date) -> None:
    assert DATE.convert(date.isoformat(), None, None) == date


def test_today_is_the_day_of_the_schedule_in_utc() -> None:
    assert DATE.convert("Today", None, None) == today_utc()
    assert DATE.convert("yesterday", None, None) == today_utc() - dt.timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["", "15.01.2025", "20250115", "2025-W03-3", "2025-02-30", "2025-1-5", "tomorrow", "0"]
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(click.BadParameter, match="YYYY-MM-DD"):
        DATE.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "seconds"), [("180", 180.0), ("12.5", 12.5), ("3:00", 180.0), ("60:00", 3600.0)]
)
def test_durations_are_seconds_or_minutes_and_seconds(text: str, seconds: float) -> None:
    assert SECONDS.convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "long", "nan", "inf", "1:2:3", "3m"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter, match="duration"):
        SECONDS.convert(text, None, None)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted), st.sampled_from(STAGES))
def test_progress_never_runs_back_within_a_stage(shares: list[float], stage: str) -> None:
    early, late = (overall(StageEvent("t", stage, share)) for share in shares)  # type: ignore[arg-type]
    assert 0.0 <= early <= late <= 1.0


def test_each_stage_begins_where_the_one_before_ends() -> None:
    for before, after in itertools.pairwise(STAGES):
        end = overall(StageEvent("t", before, 1.0))
        assert overall(StageEvent("t", after, 0.0)) == pytest.approx(end)
    assert overall(StageEvent("t", STAGES[-1], 1.0)) == pytest.approx(1.0)


def test_a_long_track_says_twice_a_minute_how_much_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    lines = Lines(silent=False, clock=lambda: now)
    for step in range(121):
        now = float(step)
        lines(StageEvent("slow", "render", step / 120))
    lines(StageEvent("slow", "upload", 1.0))
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 5
    assert told[0].startswith("slow: render, 14%, about 3 min left")
    assert told[-1] == "slow: published"


def test_each_of_several_tracks_says_when_the_last_will_be_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    lines = Lines(silent=False, clock=lambda: now)
    lines.expect(3)
    for track in ("one", "two", "three"):
        lines(StageEvent(track, "plan", 0.0))
        now += 10.0
        lines(StageEvent(track, "upload", 1.0))
    assert capsys.readouterr().err.splitlines() == [
        "one: published (1 of 3 in 10 s, about 20 s left)",
        "two: published (2 of 3 in 20 s, about 10 s left)",
        "three: published (3 of 3 in 30 s)",
    ]


def test_a_bar_of_all_tracks_stands_above_theirs() -> None:
    bars = Bars()
    bars.expect(2)
    for track in ("one", "two"):
        bars(StageEvent(track, "upload", 1.0))
    everything, *tracks = bars.rows()
    assert everything == ("all tracks", 2.0, 2.0)
    assert [name for name, _, _ in tracks] == ["one", "two"]
