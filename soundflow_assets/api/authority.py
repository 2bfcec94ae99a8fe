"""Bearer tokens at the door: who asks, and whether they may.

The accounts are read for each request, so a revocation holds from the next one on. The answer to a
token that is unknown, wrong, revoked or expired is the same 401, whatever is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from soundflow_assets.accounts.access import Decision, Scope, decide, write_use
from soundflow_assets.accounts.database import open_for_reading
from soundflow_assets.api.problems import Problem

LOGGER = logging.getLogger("soundflow.api")
_CHALLENGE = 'Bearer realm="soundflow"'
_bearer = HTTPBearer(
    auto_error=False, description="A token made by `soundflow accounts tokens mint`."
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Authority:
    """Decides on tokens by the accounts in the file `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def require(self, credentials: HTTPAuthorizationCredentials | None) -> Decision:
        """Return who asks; raise 401 for no token and for one that is not in force."""
        return self._decide(credentials, None)

    def require_entitled(
        self, credentials: HTTPAuthorizationCredentials | None, scope: Scope
    ) -> Decision:
        """Return who asks; 401 as in `require`, and 403 where they are not entitled."""
        decision = self._decide(credentials, scope)
        if not decision.allowed:
            raise Problem(403, f"this token's user is not entitled to {scope} tracks")
        return decision

    def _decide(
        self, credentials: HTTPAuthorizationCredentials | None, scope: Scope | None
    ) -> Decision:
        if credentials is None or not credentials.credentials:
            raise Problem(
                401,
                "send a token: Authorization: Bearer sf_live_…",
                headers={"WWW-Authenticate": _CHALLENGE},
            )
        now = int(time.time())
        try:
            decision = decide(self._opened(), credentials.credentials, scope, now)
        except sqlite3.Error as error:
            LOGGER.error("the accounts cannot be read: %s", error)
            self._connection = None
            raise Problem(
                503, "the accounts cannot be read; try again", headers={"Retry-After": "5"}
            ) from error
        if not decision.authenticated:
            # Which of the reasons it was is for the operator to know: `soundflow accounts check`.
            raise Problem(
                401,
                "this token is not valid",
                headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
            )
        if decision.token_id is not None and decision.use_is_worth_writing(now):
            self._write_use(decision.token_id, now)
        return decision

    def _opened(self) -> sqlite3.Connection | None:
        if self._connection is None and self._path.exists():
            self._connection = open_for_reading(self._path)
        return self._connection

    def _write_use(self, token_id: str, now: int) -> None:
        task = asyncio.create_task(asyncio.to_thread(_written, self._path, token_id, now))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _written(path: Path, token_id: str, now: int) -> None:
    """Write a use down; where the file is busy or read-only, the next request tries again."""
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            write_use(connection, token_id, now)
    except sqlite3.Error as error:
        LOGGER.warning("the last use of a token was not written: %s", error)
