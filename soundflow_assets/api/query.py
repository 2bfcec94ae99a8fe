"""What a catalog may be asked for: filters, pages, cursors. Pure functions on a snapshot.

A cursor names the last entry of the page before and the question it belongs to, so pages stay
correct while tracks are added at the front. It is opaque to clients and read with suspicion.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from soundflow_assets.api.problems import Problem
from soundflow_assets.api.shelf import Row, Snapshot, belongs
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import category_slug

MAX_LIMIT = 500
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ENERGY = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


def _written_day(given: object) -> object:
    """Refuse numbers: they would be read as seconds since 1970."""
    if isinstance(given, str) and not _DAY.fullmatch(given):
        raise ValueError("expected YYYY-MM-DD")
    return given


class Question(BaseModel):
    """The query parameters of a catalog."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: Annotated[Literal["free", "premium"] | None, Field(description="only this tier")] = None
    category: Annotated[
        str | None,
        Field(max_length=64, description="only this category, by name or slug", examples=["study"]),
    ] = None
    genre: Annotated[
        str | None, Field(max_length=64, description="only this genre", examples=["jazz"])
    ] = None
    date: Annotated[
        dt.date | None,
        BeforeValidator(_written_day),
        Field(description="only this day", examples=["2025-01-15"]),
    ] = None
    energy: Annotated[
        str | None,
        Field(
            pattern=r"^\d{1,3}(-\d{1,3})?$",
            description="tracks whose energy range holds this percentage, or meets this range",
            examples=["60", "40-70"],
        ),
    ] = None
    q: Annotated[
        str | None,
        Field(
            max_length=100,
            description="words that title, category, genre, key and tags must hold",
            examples=["rain"],
        ),
    ] = None
    limit: Annotated[
        int | None,
        Field(ge=1, le=MAX_LIMIT, description="entries a page; without it, all of them"),
    ] = None
    cursor: Annotated[
        str | None, Field(max_length=400, description="the `next` page, as its Link says")
    ] = None

    def filters(self) -> dict[str, str]:
        """Return what selects, as text."""
        given = self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)
        return {name: str(value) for name, value in given.items()}


def select(snapshot: Snapshot, name: str, question: Question) -> list[Row]:
    """Return the rows of a catalog that a question asks for, in the catalog's order.

    Raises
    ------
    Problem
        404 for a category there is not, 422 for another value that cannot be meant.
    """
    slug = _known_slug(snapshot, question.category)
    low, high = _energy(question.energy)
    genre = None if question.genre is None else _known_genre(snapshot, question.genre)
    words = (question.q or "").lower().split()
    date = question.date.isoformat() if question.date else None
    return [
        row
        for row in snapshot.rows
        if belongs(row, name)
        and question.tier in (None, row.tier)
        and slug in (None, row.slug)
        and genre in (None, row.genre)
        and date in (None, row.date)
        and row.energy_min <= high
        and row.energy_max >= low
        and all(word in row.text for word in words)
    ]


def page(rows: Sequence[Row], name: str, question: Question) -> tuple[Sequence[Row], str | None]:
    """Return the rows of the page, and the cursor of the next one."""
    start = 0
    if question.cursor is not None:
        after = read_cursor(question.cursor, _asked(name, question))
        start = bisect_right(rows, after, key=lambda row: row.place)
    if question.limit is None:
        return rows[start:], None
    found = rows[start : start + question.limit]
    if start + question.limit >= len(rows):
        return found, None
    return found, make_cursor(found[-1], _asked(name, question))


def next_link(path: str, question: Question, cursor: str) -> str:
    """Return the Link header that leads to the next page."""
    query = urlencode({**question.filters(), "limit": question.limit, "cursor": cursor})
    return f'<{path}?{query}>; rel="next"'


def make_cursor(last: Row, asked: str) -> str:
    """Return the cursor behind `last`."""
    text = json.dumps([last.date, last.id, asked], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, asked: str) -> tuple[int, str]:
    """Return the place a cursor names; a `Problem` if it is none of ours or of another question."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        date, track, of = json.loads(text)
        place = -int(dt.date.fromisoformat(date).strftime("%Y%m%d"))
        if not isinstance(track, str) or not isinstance(of, str):
            raise TypeError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Problem(400, "cursor: is none that this service has given out") from None
    if of != asked:
        raise Problem(400, "cursor: belongs to another question; start again without it")
    return place, track


def _asked(name: str, question: Question) -> str:
    text = json.dumps([name, sorted(question.filters().items())])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def known_slug(snapshot: Snapshot, slug: str) -> str:
    """Return `slug` if there is such a category, else raise 404 with the known ones."""
    if slug not in snapshot.slugs:
        raise Problem(
            404,
            f"category {slug!r}: there is no such category; known: {', '.join(snapshot.slugs)}",
            known=snapshot.slugs,
        )
    return slug


def _known_slug(snapshot: Snapshot, category: str | None) -> str | None:
    if category is None:
        return None
    try:
        return known_slug(snapshot, category_slug(category.replace("_", " ")))
    except BadInput:
        return known_slug(snapshot, category)


def _known_genre(snapshot: Snapshot, genre: str) -> str:
    if genre in snapshot.genres:
        return genre
    known = sorted(snapshot.genres)
    raise Problem(
        422,
        f"genre {genre!r}: no track has it; known: {', '.join(known) or 'none yet'}",
        known=known,
    )


def _energy(text: str | None) -> tuple[int, int]:
    match = None if text is None else _ENERGY.fullmatch(text)
    if match is None:
        return 0, 100
    low = int(match[1])
    high = low if match[2] is None else int(match[2])
    if high > 100 or low > high:
        raise Problem(422, f"energy {text!r}: expected 0 to 100, or a rising range like 40-70")
    return low, high
