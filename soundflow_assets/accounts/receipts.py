"""Receipts: one row for every change, written in the same transaction, chained by hash.

`sha256` covers a receipt's content and the hash before it, so a row altered, reordered or taken
out of the middle breaks the chain. A request with an idempotency key is done once: the same key
with the same request gives the first result again, with another request it is an error.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from soundflow_assets.accounts.database import transaction
from soundflow_assets.errors import BadInput

FIRST = "0" * 64
_MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done: `request` and `result` are plain data without secrets."""

    seq: int
    ts: int
    action: str
    request: dict[str, Any]
    result: dict[str, Any]
    idempotency_key: str | None
    prev_sha256: str
    sha256: str


def perform(
    connection: sqlite3.Connection,
    action: str,
    request: dict[str, Any],
    change: Callable[[], dict[str, Any]],
    *,
    now: int,
    idempotency_key: str | None = None,
) -> tuple[Receipt, bool]:
    """Make a change and write its receipt; return it, and whether this call made the change.

    Raises
    ------
    BadInput
        When the idempotency key was used for another request. Whatever `change` raises, nothing
        is written.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= _MAX_KEY:
        raise BadInput(f"idempotency key: expected 1 to {_MAX_KEY} characters")
    with transaction(connection):
        before = _of_key(connection, idempotency_key)
        if before is not None:
            if (before.action, before.request) != (action, request):
                raise BadInput(
                    f"idempotency key {idempotency_key!r} was used for {before.action} with other "
                    "values"
                )
            return before, False
        receipt = _chained(connection, action, request, change(), now, idempotency_key)
        row = {
            **asdict(receipt),
            "request": _text(receipt.request),
            "result": _text(receipt.result),
        }
        connection.execute(
            "INSERT INTO receipts VALUES (:seq, :ts, :action, :request, :result, "
            ":idempotency_key, :prev_sha256, :sha256)",
            row,
        )
    return receipt, True


def all_receipts(connection: sqlite3.Connection) -> Iterator[Receipt]:
    """Yield the receipts in the order they were written."""
    for row in connection.execute("SELECT * FROM receipts ORDER BY seq"):
        yield _read(row)


def broken_links(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the chain, a sentence each; empty where it holds."""
    problems = []
    before, expected = FIRST, 1
    for one in all_receipts(connection):
        if one.seq != expected:
            problems.append(f"receipt {expected} is missing")
        if one.prev_sha256 != before:
            problems.append(f"receipt {one.seq} does not follow the one before it")
        if one.sha256 != _hash(one):
            problems.append(f"receipt {one.seq} is not what was written")
        before, expected = one.sha256, one.seq + 1
    return problems


def _chained(
    connection: sqlite3.Connection,
    action: str,
    request: dict[str, Any],
    result: dict[str, Any],
    now: int,
    key: str | None,
) -> Receipt:
    last = connection.execute(
        "SELECT seq, sha256 FROM receipts ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    seq, before = (last["seq"], last["sha256"]) if last is not None else (0, FIRST)
    open_end = Receipt(seq + 1, now, action, request, result, key, before, "")
    return Receipt(**{**asdict(open_end), "sha256": _hash(open_end)})


def _hash(receipt: Receipt) -> str:
    content = {name: value for name, value in asdict(receipt).items() if name != "sha256"}
    return hashlib.sha256(_text(content).encode()).hexdigest()


def _of_key(connection: sqlite3.Connection, key: str | None) -> Receipt | None:
    if key is None:
        return None
    row = connection.execute("SELECT * FROM receipts WHERE idempotency_key = ?", (key,)).fetchone()
    return None if row is None else _read(row)


def _read(row: sqlite3.Row) -> Receipt:
    return Receipt(
        **{**dict(row), "request": json.loads(row["request"]), "result": json.loads(row["result"])}
    )


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
