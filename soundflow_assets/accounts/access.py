"""May this token do that, now? One decision, shared by the command line and the service."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal, get_args

from soundflow_assets.accounts.tokens import Token, parse_token, same_secret

Scope = Literal["premium"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Reason = Literal["allowed", "malformed", "unknown", "revoked", "expired", "not entitled"]
# What a token is compared with where its id is unknown: the answer takes as long as any other.
_NOBODY = "0" * 64
_USED_EVERY_S = 3600


@dataclass(frozen=True, slots=True)
class Decision:
    """`authenticated`: the token is good. `allowed`: and its user is entitled."""

    reason: Reason
    token_id: str | None = None
    user_id: str | None = None
    last_used_ts: int | None = None

    @property
    def authenticated(self) -> bool:
        """Whether the token is one of ours and in force."""
        return self.reason in ("allowed", "not entitled")

    @property
    def allowed(self) -> bool:
        """Whether the answer is yes."""
        return self.reason == "allowed"

    def use_is_worth_writing(self, now: int) -> bool:
        """Whether the token's last use is to be written again; once an hour is enough."""
        return self.authenticated and now - (self.last_used_ts or 0) >= _USED_EVERY_S


def decide(
    connection: sqlite3.Connection | None, text: str, scope: Scope | None, now: int
) -> Decision:
    """Return the decision on a token as its owner sent it.

    Parameters
    ----------
    connection
        None where there are no accounts: then every token is unknown.
    scope
        What is asked for; None asks for a good token only.
    now
        Unix seconds. A revocation and an end hold from their second on.
    """
    token = parse_token(text)
    if token is None:
        return Decision("malformed")
    row = _row(connection, token)
    genuine = same_secret(token, row["sha256"] if row is not None else _NOBODY)
    if connection is None or row is None or not genuine:
        return Decision("unknown")
    reason: Reason = "allowed"
    if row["revoked_ts"] is not None and row["revoked_ts"] <= now:
        reason = "revoked"
    elif row["expires_ts"] is not None and row["expires_ts"] <= now:
        reason = "expired"
    elif scope is not None and not is_entitled(connection, row["user_id"], scope, now):
        reason = "not entitled"
    return Decision(reason, token.id, row["user_id"], row["last_used_ts"])


def is_entitled(connection: sqlite3.Connection, user_id: str, scope: Scope, now: int) -> bool:
    """Whether one of the user's entitlements holds at `now`."""
    found = connection.execute(
        "SELECT 1 FROM entitlements WHERE user_id = ? AND scope = ? AND starts_ts <= ? "
        "AND (ends_ts IS NULL OR ends_ts > ?) AND (revoked_ts IS NULL OR revoked_ts > ?)",
        (user_id, scope, now, now, now),
    ).fetchone()
    return found is not None


def write_use(connection: sqlite3.Connection, token_id: str, now: int) -> None:
    """Write down when a token was last used."""
    connection.execute("UPDATE tokens SET last_used_ts = ? WHERE id = ?", (now, token_id))


def _row(connection: sqlite3.Connection | None, token: Token) -> sqlite3.Row | None:
    if connection is None:
        return None
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM tokens WHERE id = ?", (token.id,)
    ).fetchone()
    return found
