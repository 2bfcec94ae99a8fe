"""Users, tokens, entitlements: who is let in, and a receipt for everything that changes."""

import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundflow_assets.accounts.access import decide
from soundflow_assets.accounts.database import open_for_reading, open_for_writing
from soundflow_assets.accounts.ledger import Ledger
from soundflow_assets.accounts.receipts import all_receipts, broken_links
from soundflow_assets.accounts.tokens import Token, new_token, parse_token
from soundflow_assets.errors import BadInput, Failed

NOW = 1_750_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "accounts.sqlite"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_writing(path)) as opened:
        yield opened


@pytest.fixture
def ledger(connection: sqlite3.Connection) -> Ledger:
    made = Ledger(connection, NOW)
    made.add_user("ada", "ada@example.com")
    return made


def minted(ledger: Ledger, **terms: object) -> Token:
    token = ledger.mint("ada", **terms).token
    assert token is not None
    return token


def reason(connection: sqlite3.Connection | None, token: Token | str, now: int = NOW) -> str:
    text = token.text if isinstance(token, Token) else token
    return decide(connection, text, "premium", now).reason


def test_an_entitled_user_is_let_in_from_the_first_second_to_the_last(connection, ledger) -> None:
    token = minted(ledger)
    assert reason(connection, token) == "not entitled"
    ledger.grant("ada", "premium", NOW + 10, NOW + 20)
    told = {at: reason(connection, token, NOW + at) for at in (9, 10, 19, 20)}
    assert told == {9: "not entitled", 10: "allowed", 19: "allowed", 20: "not entitled"}


def test_a_token_ends_when_it_expires_and_when_it_is_revoked(connection, ledger) -> None:
    ledger.grant("ada", "premium")
    token = minted(ledger, expires_ts=NOW + 5)
    assert [reason(connection, token, NOW + at) for at in (4, 5)] == ["allowed", "expired"]
    other = minted(ledger)
    ledger.revoke(other.id, "lost")
    assert reason(connection, other) == "revoked"


def test_a_revoked_entitlement_ends_and_another_one_goes_on(connection, ledger) -> None:
    token = minted(ledger)
    first = ledger.grant("ada", "premium").result["entitlement_id"]
    second = ledger.grant("ada", "premium").result["entitlement_id"]
    ledger.revoke_entitlement(first)
    assert reason(connection, token) == "allowed"
    ledger.revoke_entitlement(second)
    assert reason(connection, token) == "not entitled"


def test_a_rotated_token_is_replaced_in_one_step(connection, ledger) -> None:
    ledger.grant("ada", "premium")
    old = minted(ledger, label="phone", mode="test")
    new = ledger.rotate(old.id).token
    assert new is not None
    assert new.text.startswith("sf_test_")
    assert (reason(connection, old), reason(connection, new)) == ("revoked", "allowed")
    with pytest.raises(BadInput, match="revoked already"):
        ledger.rotate(old.id)


def test_a_token_with_the_right_id_and_another_secret_is_unknown(connection, ledger) -> None:
    from soundflow_assets.accounts.tokens import checksum

    real = minted(ledger)
    secret = new_token().text[18:-6]
    head = f"sf_live_{real.id}{secret}"
    forged = head + checksum(head)
    assert parse_token(forged).id == real.id
    assert reason(connection, forged) == "unknown"
    assert reason(connection, new_token()) == "unknown"
    assert reason(None, real) == "unknown"


@given(text=st.one_of(st.text(), st.from_regex(r"sf_(live|test)_[0-9A-Za-z]{50,70}")))
def test_what_is_no_token_is_malformed(text: str) -> None:
    assert reason(None, text) == "malformed"


def test_a_mistyped_token_is_recognised_by_its_checksum() -> None:
    text = new_token().text
    for place in range(8, len(text)):
        other = "A" if text[place] != "A" else "B"
        assert parse_token(text[:place] + other + text[place + 1 :]) is None


def test_the_file_holds_no_token_and_is_not_for_everyone(path, connection, ledger) -> None:
    token = minted(ledger)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_mode & 0o077 == 0
    data = path.read_bytes()
    assert token.id.encode() in data
    assert token.text.encode() not in data
    assert token.text not in repr(token)


def test_wrong_secrets_take_as_long_as_unknown_ids(connection, ledger) -> None:
    from soundflow_assets.accounts.tokens import checksum

    real = minted(ledger)

    def median_s(text: str) -> float:
        times = []
        for _ in range(300):
            start = time.perf_counter()
            decide(connection, text, "premium", NOW)
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    near = real.text[:-7] + ("A" if real.text[-7] != "A" else "B")
    far = f"sf_live_{real.id}{new_token().text[18:-6]}"
    told = [median_s(head + checksum(head)) for head in (near, far)]
    assert max(told) < 2 * min(told)


def test_every_change_has_its_receipt_and_the_chain_holds(connection, ledger) -> None:
    token = minted(ledger)
    grant = ledger.grant("ada", "premium").result["entitlement_id"]
    ledger.revoke_entitlement(grant)
    new = ledger.rotate(token.id).token
    ledger.revoke(new.id, "done")
    assert [one.action for one in all_receipts(connection)] == [
        "user.add", "token.mint", "entitlement.grant", "entitlement.revoke", "token.rotate",
        "token.revoke",
    ]  # fmt: skip
    assert broken_links(connection) == []
    for one in (token, new):
        assert all(one.text not in str(receipt) for receipt in all_receipts(connection))


def test_a_receipt_can_neither_be_changed_nor_taken_out(connection, ledger) -> None:
    minted(ledger)
    for sql in ("UPDATE receipts SET ts = 0", "DELETE FROM receipts"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(sql)
    connection.execute("DROP TRIGGER receipts_hold")
    connection.execute("UPDATE receipts SET request = '{}' WHERE seq = 1")
    assert broken_links(connection) == ["receipt 1 is not what was written"]


def test_a_change_that_fails_leaves_neither_row_nor_receipt(connection, ledger) -> None:
    before = len(list(all_receipts(connection)))
    for wrong in (
        lambda: ledger.add_user("ada"),
        lambda: ledger.add_user("Ada Lovelace"),
        lambda: ledger.add_user("bob", "no address"),
        lambda: ledger.mint("nobody"),
        lambda: ledger.mint("ada", "x" * 201),
        lambda: ledger.mint("ada", expires_ts=NOW),
        lambda: ledger.revoke("0123456789", "why"),
        lambda: ledger.grant("ada", "gold"),
        lambda: ledger.grant("ada", "premium", NOW, NOW - 1),
        lambda: ledger.revoke_entitlement(99),
    ):
        with pytest.raises(BadInput):
            wrong()
    connection.execute(
        "CREATE TRIGGER no BEFORE INSERT ON receipts BEGIN SELECT RAISE(ABORT,''); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        ledger.mint("ada")
    assert len(list(all_receipts(connection))) == before
    assert connection.execute("SELECT count(*) FROM tokens").fetchone()[0] == 0


def test_the_same_key_does_a_thing_once_and_never_another_thing(connection, ledger) -> None:
    once = Ledger(connection, NOW, "order-1")
    first, again = once.mint("ada", "phone"), once.mint("ada", "phone")
    assert first.receipt == again.receipt
    assert (first.token is None, again.token is None) == (False, True)
    assert connection.execute("SELECT count(*) FROM tokens").fetchone()[0] == 1
    with pytest.raises(BadInput, match="order-1"):
        once.mint("ada", "laptop")


def test_many_writers_at_once_break_no_chain(path, ledger) -> None:
    def write() -> None:
        with closing(open_for_writing(path)) as own:
            for _ in range(5):
                Ledger(own, NOW).mint("ada")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(open_for_reading(path)) as reading:
        assert len(list(all_receipts(reading))) == 21
        assert broken_links(reading) == []


def test_a_file_that_is_no_database_or_of_a_later_program_is_said_to_be(tmp_path: Path) -> None:
    stray = tmp_path / "stray.sqlite"
    stray.write_bytes(b"no database at all" * 100)
    with pytest.raises(Failed, match=r"stray\.sqlite"):
        open_for_writing(stray)
    later = tmp_path / "later.sqlite"
    with closing(sqlite3.connect(later)) as made:
        made.execute("PRAGMA user_version = 99")
    with pytest.raises(Failed, match="version 99"):
        open_for_writing(later)
