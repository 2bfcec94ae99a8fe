"""Values that commands take from people: a date, a duration."""

from __future__ import annotations

import datetime as dt
import math
import re

import click

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def today_utc() -> dt.date:
    """Return today's date where the schedule lives."""
    return dt.datetime.now(dt.UTC).date()


class DateType(click.ParamType[dt.date]):
    """`YYYY-MM-DD`, `today` or `yesterday`, in UTC."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Return the date or fail with what was expected."""
        if isinstance(value, dt.date):
            return value
        date = _date(str(value).strip().lower())
        if date is None:
            sentence = f"{value!r} is not a date; expected YYYY-MM-DD, today or yesterday"
            self.fail(sentence, param, ctx)
        return date


class SecondsType(click.ParamType[float]):
    """A duration in seconds, `180`, or in minutes and seconds, `3:00`."""

    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds or fail with what was expected."""
        if isinstance(value, (int, float)):
            return float(value)
        minutes, colon, seconds = str(value).strip().rpartition(":")
        try:
            total = (int(minutes) * 60 if colon else 0) + float(seconds)
        except ValueError:
            total = math.nan
        if not math.isfinite(total):
            self.fail(
                f"{value!r} is not a duration; expected seconds or minutes:seconds", param, ctx
            )
        return total


def _date(text: str) -> dt.date | None:
    if text in ("today", "yesterday"):
        return today_utc() - dt.timedelta(days=text == "yesterday")
    # Not fromisoformat alone: it also takes 20250115 and 2025-W03-3.
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


DATE = DateType()
SECONDS = SecondsType()
