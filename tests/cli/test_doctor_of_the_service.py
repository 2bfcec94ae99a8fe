"""The doctor looks after the service: its accounts, its address, its signatures."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "accounts.sqlite"
    monkeypatch.setenv("SOUNDFLOW_ACCOUNTS", str(path))
    return path


def finding(soundflow, check: str) -> dict[str, str]:
    found = soundflow("doctor", "--json").json["findings"]
    return next(one for one in found if one["check"] == check)


def test_accounts_are_fine_absent_and_fine_filled(soundflow, accounts: Path) -> None:
    assert finding(soundflow, "accounts")["state"] == "ok"
    assert not accounts.exists()
    soundflow("accounts", "users", "add", "ada")
    soundflow("accounts", "tokens", "mint", "ada")
    assert "1 tokens in force" in finding(soundflow, "accounts")["found"]


def test_accounts_that_others_can_read_or_have_changed_are_a_problem(
    soundflow, accounts: Path
) -> None:
    soundflow("accounts", "users", "add", "ada")
    accounts.chmod(0o644)
    assert "chmod 600" in finding(soundflow, "accounts")["remedy"]
    accounts.chmod(0o600)
    with closing(sqlite3.connect(accounts, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER receipts_hold")
        connection.execute("UPDATE receipts SET ts = 0")
    assert "receipt 1" in finding(soundflow, "accounts")["found"]
    accounts.write_bytes(b"x" * 4096)
    assert finding(soundflow, "accounts")["state"] == "problem"


@pytest.mark.parametrize(
    ("url", "proxies", "state"),
    [
        ("", "", "note"), ("http://127.0.0.1:8000", "", "ok"),
        ("http://music.example", "", "problem"),
        ("https://music.example", "", "note"), ("https://music.example", "10.0.0.1", "ok"),
    ],
)  # fmt: skip
def test_a_public_address_is_encrypted(
    soundflow, monkeypatch: pytest.MonkeyPatch, url: str, proxies: str, state: str
) -> None:
    monkeypatch.setenv("SOUNDFLOW_SERVICE_URL", url)
    monkeypatch.setenv("SOUNDFLOW_TRUSTED_PROXIES", proxies)
    assert finding(soundflow, "service address")["state"] == state


def test_a_signing_secret_is_suggested_where_there_is_none(
    soundflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finding(soundflow, "signing")["state"] == "note"
    monkeypatch.setenv("SOUNDFLOW_SIGNING_SECRET", "s" * 43)
    assert finding(soundflow, "signing")["state"] == "ok"
