"""The accounts file for `soundflow accounts`, and how its commands read tokens and times."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundflow_assets.accounts.ledger import Ledger


@contextmanager
def open_ledger(now: dt.datetime | None, key: str | None) -> Iterator[Ledger]:
    """Open the accounts for a change."""
    from soundflow_assets.accounts.database import open_for_writing
    from soundflow_assets.accounts.ledger import Ledger
    from soundflow_assets.settings import load_settings

    with closing(open_for_writing(load_settings().service.accounts)) as connection:
        yield Ledger(connection, seconds_of(now), key)


@contextmanager
def open_accounts() -> Iterator[sqlite3.Connection | None]:
    """Open the accounts for reading; None where there are none."""
    from soundflow_assets.accounts.database import open_for_reading
    from soundflow_assets.settings import load_settings

    try:
        connection = open_for_reading(load_settings().service.accounts)
    except FileNotFoundError:
        yield None
        return
    with closing(connection):
        yield connection


def token_id_of(token: str) -> str:
    """Return the id of a token given by its id, or whole."""
    from soundflow_assets.accounts.tokens import parse_token

    text = token_text(token)
    parsed = parse_token(text)
    return text if parsed is None else parsed.id


def token_text(token: str) -> str:
    """Return a token as given, or for `-` the first line of stdin."""
    return sys.stdin.readline().strip() if token == "-" else token  # noqa: S105


def seconds_of(now: dt.datetime | None) -> int:
    """Return a moment in Unix seconds; the present one where none is given."""
    return int(time.time()) if now is None else int(now.timestamp())


def optional_seconds(moment: dt.datetime | None) -> int | None:
    """Return a moment in Unix seconds, None for none."""
    return None if moment is None else int(moment.timestamp())
