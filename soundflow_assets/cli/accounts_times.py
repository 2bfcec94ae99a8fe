"""Moments as people write and read them on the command line: UTC, to the second."""

from __future__ import annotations

import datetime as dt

import click


class MomentType(click.ParamType[dt.datetime]):
    """`2026-01-31`, `2026-01-31T12:00:00Z`, or `30d` from now."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Return the moment in UTC, or fail with what was expected."""
        if isinstance(value, dt.datetime):
            return value
        text = str(value).strip()
        try:
            if text.endswith("d") and text[:-1].isdigit():
                return dt.datetime.now(dt.UTC) + dt.timedelta(days=int(text[:-1]))
            moment = dt.datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            self.fail(
                f"{text!r} is no moment; expected YYYY-MM-DD, YYYY-MM-DDTHH:MM:SSZ or days like "
                "30d",
                param,
                ctx,
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def spelled(name: str, value: object) -> str:
    """Return a column's value as people read it."""
    if value is None:
        return ""
    if name.endswith("_ts") and isinstance(value, int):
        return dt.datetime.fromtimestamp(value, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


MOMENT = MomentType()
