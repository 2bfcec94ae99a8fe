"""`soundflow accounts`: users, tokens, entitlements, receipts, and whether a token is let in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import click

from soundflow_assets.cli.accounts_file import (
    open_accounts,
    open_ledger,
    optional_seconds,
    seconds_of,
    token_id_of,
    token_text,
)
from soundflow_assets.cli.accounts_report import print_minted, print_receipt, print_rows
from soundflow_assets.cli.accounts_times import MOMENT
from soundflow_assets.cli.output import console, json_option, print_json
from soundflow_assets.errors import BadInput

_Command = TypeVar("_Command", bound=Callable[..., Any])
now_option = click.option(
    "--now", type=MOMENT, help="Take this moment for the present, YYYY-MM-DDTHH:MM:SSZ."
)
key_option = click.option(
    "--idempotency-key", "key", metavar="KEY", help="Do this once, however often it is asked."
)


def _changing(command: _Command) -> _Command:
    """Add what every changing command takes."""
    return now_option(key_option(json_option(command)))


@click.group()
def accounts() -> None:
    """Users, tokens and entitlements, in the file SOUNDFLOW_ACCOUNTS."""


@accounts.group()
def users() -> None:
    """Add and list users."""


@users.command("add")
@click.argument("user")
@click.option("--email", help="Where the user can be reached.")
@_changing
def add_user(
    user: str, email: str | None, now: dt.datetime | None, key: str | None, as_json: bool
) -> None:
    """Add the user USER: 1 to 64 of a-z, 0-9, underscore and hyphen."""
    with open_ledger(now, key) as ledger:
        print_receipt(ledger.add_user(user, email), f"user {user} added", as_json)


@users.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List all users."""
    print_rows("users", "SELECT id, email, created_ts FROM users ORDER BY id", (), as_json)


@accounts.group()
def tokens() -> None:
    """Mint, list, revoke and rotate tokens."""


@tokens.command()
@click.argument("user")
@click.option("--label", default="", help="What the token is for.")
@click.option("--expires", type=MOMENT, help="When it ends; without it, when it is revoked.")
@click.option("--test", is_flag=True, help="Mark it as a test token: sf_test_…")
@_changing
def mint(
    user: str,
    label: str,
    expires: dt.datetime | None,
    test: bool,
    now: dt.datetime | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Make a token for USER and print it, this once."""
    with open_ledger(now, key) as ledger:
        made = ledger.mint(user, label, optional_seconds(expires), "test" if test else "live")
    print_minted(made, as_json)


@tokens.command("list")
@click.option("--user", help="Only this user's.")
@json_option
def list_tokens(user: str | None, as_json: bool) -> None:
    """List tokens, without their secrets."""
    print_rows(
        "tokens",
        "SELECT id, user_id, label, created_ts, expires_ts, revoked_ts, revoked_because, "
        "last_used_ts FROM tokens WHERE ? IS NULL OR user_id = ? ORDER BY created_ts, id",
        (user, user),
        as_json,
    )


@tokens.command("revoke")
@click.argument("token")
@click.option("--reason", default="", help="Why; kept with the token.")
@_changing
def revoke_token(
    token: str, reason: str, now: dt.datetime | None, key: str | None, as_json: bool
) -> None:
    """End TOKEN, given by its id or, as `-`, whole on stdin."""
    with open_ledger(now, key) as ledger:
        token_id = token_id_of(token)
        print_receipt(ledger.revoke(token_id, reason), f"token {token_id} revoked", as_json)


@tokens.command()
@click.argument("token")
@click.option("--expires", type=MOMENT, help="When the new one ends.")
@_changing
def rotate(
    token: str,
    expires: dt.datetime | None,
    now: dt.datetime | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Make a token in the place of TOKEN, which ends; given by its id, or whole on stdin as `-`."""
    with open_ledger(now, key) as ledger:
        made = ledger.rotate(token_id_of(token), optional_seconds(expires))
    print_minted(made, as_json)


@accounts.group()
def entitlements() -> None:
    """Grant, list and revoke entitlements."""


@entitlements.command()
@click.argument("user")
@click.argument("scope", default="premium")
@click.option("--starts", type=MOMENT, help="From when on; now otherwise.")
@click.option("--ends", type=MOMENT, help="Until when; for good otherwise.")
@_changing
def grant(
    user: str,
    scope: str,
    starts: dt.datetime | None,
    ends: dt.datetime | None,
    now: dt.datetime | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Entitle USER to SCOPE, which is premium."""
    with open_ledger(now, key) as ledger:
        receipt = ledger.grant(user, scope, optional_seconds(starts), optional_seconds(ends))
    number = receipt.result["entitlement_id"]
    print_receipt(receipt, f"entitlement {number}: {user} may {scope}", as_json)


@entitlements.command("list")
@click.option("--user", help="Only this user's.")
@json_option
def list_entitlements(user: str | None, as_json: bool) -> None:
    """List entitlements, also those that are over."""
    print_rows(
        "entitlements",
        "SELECT id, user_id, scope, starts_ts, ends_ts, revoked_ts FROM entitlements "
        "WHERE ? IS NULL OR user_id = ? ORDER BY id",
        (user, user),
        as_json,
    )


@entitlements.command("revoke")
@click.argument("number", type=click.IntRange(1))
@_changing
def revoke_entitlement(
    number: int, now: dt.datetime | None, key: str | None, as_json: bool
) -> None:
    """End the entitlement with this NUMBER now."""
    with open_ledger(now, key) as ledger:
        print_receipt(ledger.revoke_entitlement(number), f"entitlement {number} revoked", as_json)


@accounts.command()
@click.argument("token", default="-")
@click.option("--scope", default="premium", show_default=True, help="What is asked for.")
@now_option
@json_option
def check(token: str, scope: str, now: dt.datetime | None, as_json: bool) -> int:
    """Say whether TOKEN, or `-` for one on stdin, is let in; exits with 2 where it is not."""
    from soundflow_assets.accounts.access import SCOPES, decide

    known = next((one for one in SCOPES if one == scope), None)
    if known is None:
        raise BadInput(f"--scope {scope}: expected one of {', '.join(SCOPES)}")
    with open_accounts() as connection:
        decision = decide(connection, token_text(token), known, seconds_of(now))
    if as_json:
        print_json(
            {
                "allowed": decision.allowed,
                "reason": decision.reason,
                "user_id": decision.user_id,
                "token_id": decision.token_id,
                "scope": scope,
            }
        )
    else:
        who = f" ({decision.user_id})" if decision.user_id else ""
        console().print(f"{decision.reason}{who}", markup=False)
    return 0 if decision.allowed else 2


@accounts.command()
@click.option("--verify", is_flag=True, help="Check the chain; exits with 2 where it is broken.")
@json_option
def receipts(verify: bool, as_json: bool) -> int:
    """Print every change there was, one JSON object a line."""
    import dataclasses
    import json

    from soundflow_assets.accounts.receipts import all_receipts, broken_links

    with open_accounts() as connection:
        found = [] if connection is None else list(all_receipts(connection))
        problems = [] if connection is None else broken_links(connection)
    if as_json:
        rows = [dataclasses.asdict(one) for one in found]
        print_json({"receipts": rows, "problems": problems})
    elif verify:
        for problem in problems:
            click.echo(problem)
        click.echo(f"{len(found)} receipts, {len(problems)} problems")
    else:
        for one in found:
            click.echo(json.dumps(dataclasses.asdict(one)))
    return 2 if verify and problems else 0
