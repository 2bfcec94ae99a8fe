"""Every change to the accounts. Each is one transaction with its receipt, and says what it did."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from soundflow_assets.accounts.access import SCOPES
from soundflow_assets.accounts.receipts import Receipt, perform
from soundflow_assets.accounts.tokens import Mode, Token, new_token
from soundflow_assets.errors import BadInput

_USER = re.compile(r"[a-z0-9_-]{1,64}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token. `token` is None where an idempotency key was used again: it is shown once."""

    receipt: Receipt
    token: Token | None


class Ledger:
    """Changes accounts at the time `now` (Unix seconds); `key` makes a request happen once."""

    def __init__(self, connection: sqlite3.Connection, now: int, key: str | None = None) -> None:
        self._connection = connection
        self._now = now
        self._key = key

    def add_user(self, user_id: str, email: str | None = None) -> Receipt:
        """Add a user."""
        if not _USER.fullmatch(user_id):
            raise BadInput(f"user {user_id!r}: expected 1 to 64 of a-z, 0-9, underscore and hyphen")
        if email is not None and not _EMAIL.fullmatch(email):
            raise BadInput(f"email {email!r}: expected an address like name@example.com")

        def change() -> dict[str, Any]:
            if self._one("SELECT 1 FROM users WHERE id = ?", user_id) is not None:
                raise BadInput(f"user {user_id!r}: is there already")
            self._do("INSERT INTO users VALUES (?, ?, ?)", user_id, email, self._now)
            return {"user_id": user_id}

        return self._perform("user.add", {"user_id": user_id, "email": email}, change)[0]

    def mint(
        self, user_id: str, label: str = "", expires_ts: int | None = None, mode: Mode = "live"
    ) -> Minted:
        """Make a token for a user; its text leaves this function and is nowhere else."""
        token = new_token(mode)
        request = {
            "user_id": self._user(user_id),
            "label": _text("label", label),
            "expires_ts": self._end(expires_ts, self._now),
            "mode": mode,
        }
        receipt, done = self._perform(
            "token.mint", request, lambda: self._insert(token, user_id, label, mode, expires_ts)
        )
        return Minted(receipt, token if done else None)

    def revoke(self, token_id: str, reason: str) -> Receipt:
        """End a token, from now on and for good."""
        request = {"token_id": token_id, "reason": _text("reason", reason)}
        return self._perform(
            "token.revoke", request, lambda: self._revoked(token_id, reason or "revoked")
        )[0]

    def rotate(self, token_id: str, expires_ts: int | None = None) -> Minted:
        """Make a token in the place of another one, which ends."""
        row = self._token(token_id)
        token = new_token(row["mode"])
        request = {"token_id": token_id, "expires_ts": self._end(expires_ts, self._now)}

        def change() -> dict[str, Any]:
            self._revoked(token_id, f"rotated to {token.id}")
            made = self._insert(token, row["user_id"], row["label"], row["mode"], expires_ts)
            return {**made, "revoked_token_id": token_id}

        receipt, done = self._perform("token.rotate", request, change)
        return Minted(receipt, token if done else None)

    def grant(
        self, user_id: str, scope: str, starts_ts: int | None = None, ends_ts: int | None = None
    ) -> Receipt:
        """Entitle a user, from `starts_ts` (now) to `ends_ts` (for good)."""
        if scope not in SCOPES:
            raise BadInput(f"scope {scope!r}: expected one of {', '.join(SCOPES)}")
        start = self._now if starts_ts is None else starts_ts
        request = {
            "user_id": self._user(user_id),
            "scope": scope,
            "starts_ts": starts_ts,
            "ends_ts": self._end(ends_ts, start),
        }

        def change() -> dict[str, Any]:
            self._do(
                "INSERT INTO entitlements (user_id, scope, starts_ts, ends_ts, granted_ts) "
                "VALUES (?, ?, ?, ?, ?)",
                user_id, scope, start, ends_ts, self._now,
            )  # fmt: skip
            row = self._one("SELECT last_insert_rowid() AS id")
            return {"entitlement_id": row["id"] if row is not None else None}

        return self._perform("entitlement.grant", request, change)[0]

    def revoke_entitlement(self, entitlement_id: int) -> Receipt:
        """End an entitlement now."""

        def change() -> dict[str, Any]:
            row = self._one("SELECT * FROM entitlements WHERE id = ?", entitlement_id)
            if row is None:
                raise BadInput(f"entitlement {entitlement_id}: there is no such entitlement")
            if row["revoked_ts"] is not None:
                raise BadInput(f"entitlement {entitlement_id}: is revoked already")
            self._do(
                "UPDATE entitlements SET revoked_ts = ? WHERE id = ?", self._now, entitlement_id
            )
            return {"entitlement_id": entitlement_id}

        request = {"entitlement_id": entitlement_id}
        return self._perform("entitlement.revoke", request, change)[0]

    def _insert(
        self, token: Token, user_id: str, label: str, mode: Mode, expires_ts: int | None
    ) -> dict[str, Any]:
        self._do(
            "INSERT INTO tokens (id, user_id, sha256, label, mode, created_ts, expires_ts) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            token.id, user_id, token.sha256, label, mode, self._now, expires_ts,
        )  # fmt: skip
        return {"token_id": token.id, "user_id": user_id, "expires_ts": expires_ts}

    def _revoked(self, token_id: str, reason: str) -> dict[str, Any]:
        if self._token(token_id)["revoked_ts"] is not None:
            raise BadInput(f"token {token_id!r}: is revoked already")
        self._do(
            "UPDATE tokens SET revoked_ts = ?, revoked_because = ? WHERE id = ?",
            self._now, reason, token_id,
        )  # fmt: skip
        return {"token_id": token_id}

    def _perform(self, action: str, request: dict[str, Any], change: Any) -> tuple[Receipt, bool]:
        return perform(
            self._connection, action, request, change, now=self._now, idempotency_key=self._key
        )

    def _user(self, user_id: str) -> str:
        if self._one("SELECT 1 FROM users WHERE id = ?", user_id) is None:
            raise BadInput(f"user {user_id!r}: there is no such user")
        return user_id

    def _token(self, token_id: str) -> sqlite3.Row:
        row = self._one("SELECT * FROM tokens WHERE id = ?", token_id)
        if row is None:
            raise BadInput(f"token {token_id!r}: there is no token with this id")
        return row

    def _end(self, ends_ts: int | None, start: int) -> int | None:
        if ends_ts is not None and ends_ts <= start:
            raise BadInput("the end is not after the beginning")
        return ends_ts

    def _one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def _do(self, sql: str, *values: Any) -> None:
        self._connection.execute(sql, values)


def _text(name: str, text: str) -> str:
    if len(text) > _MAX_TEXT or not text.isprintable():
        raise BadInput(f"{name}: expected at most {_MAX_TEXT} printable characters")
    return text
