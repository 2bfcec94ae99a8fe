"""`soundflow accounts`, as an operator uses it."""

import io
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def accounts(bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUNDFLOW_ACCOUNTS", str(tmp_path / "accounts.sqlite"))


def told(soundflow, *arguments: object) -> dict:
    answer = soundflow("accounts", *arguments, "--json")
    return answer.json


def test_a_user_gets_a_token_and_is_let_in_once_entitled(soundflow) -> None:
    assert soundflow("accounts", "users", "add", "ada", "--email", "ada@example.com").code == 0
    token = soundflow("accounts", "tokens", "mint", "ada", "--label", "phone").out.strip()
    denied = soundflow("accounts", "check", token)
    assert (denied.code, denied.out.strip()) == (2, "not entitled (ada)")
    assert soundflow("accounts", "entitlements", "grant", "ada", "--ends", "30d").code == 0
    assert soundflow("accounts", "check", token).code == 0
    row = told(soundflow, "tokens", "list")["tokens"][0]
    assert soundflow("accounts", "tokens", "revoke", row["id"], "--reason", "lost").code == 0
    assert soundflow("accounts", "check", token).out.strip() == "revoked (ada)"
    receipts = soundflow("accounts", "receipts", "--verify")
    assert (receipts.code, receipts.out.strip()) == (0, "4 receipts, 0 problems")
    assert token not in soundflow("accounts", "receipts").out
    assert token not in soundflow("accounts", "tokens", "list").out


def test_a_token_may_come_on_stdin(soundflow, monkeypatch: pytest.MonkeyPatch) -> None:
    soundflow("accounts", "users", "add", "ada")
    token = told(soundflow, "tokens", "mint", "ada", "--test")["token"]
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
    new = told(soundflow, "tokens", "rotate", "-")
    assert new["revoked_token_id"] == token[8:18]
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
    answer = soundflow("accounts", "check", "--json")
    assert (answer.code, answer.json["reason"]) == (2, "revoked")


def test_times_are_given_not_taken_where_they_matter(soundflow) -> None:
    soundflow("accounts", "users", "add", "ada")
    token = told(soundflow, "tokens", "mint", "ada", "--now", "2020-01-01")["token"]
    soundflow("accounts", "entitlements", "grant", "ada", "--starts", "2030-01-01T00:00:00Z")
    assert soundflow("accounts", "check", token).code == 2
    assert soundflow("accounts", "check", token, "--now", "2030-06-01").code == 0


def test_wrong_input_is_refused_and_says_why(soundflow) -> None:
    for arguments, word in (
        (("users", "add", "Ada"), "a-z"),
        (("tokens", "mint", "nobody"), "nobody"),
        (("tokens", "mint", "nobody", "--expires", "soon"), "soon"),
        (("entitlements", "revoke", "7"), "7"),
        (("check", "x", "--scope", "gold"), "premium"),
    ):
        answer = soundflow("accounts", *arguments)
        assert answer.code == 2
        assert word in answer.err


def test_without_accounts_nobody_is_let_in_and_nothing_is_listed(soundflow, tmp_path) -> None:
    assert soundflow("accounts", "check", "x").code == 2
    assert told(soundflow, "users", "list") == {"users": []}
    assert not (tmp_path / "accounts.sqlite").exists()
