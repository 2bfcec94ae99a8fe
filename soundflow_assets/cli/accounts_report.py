"""What `soundflow accounts` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from soundflow_assets.cli.accounts_file import open_accounts
from soundflow_assets.cli.accounts_times import spelled
from soundflow_assets.cli.output import console, print_json, table

if TYPE_CHECKING:
    from soundflow_assets.accounts.ledger import Minted
    from soundflow_assets.accounts.receipts import Receipt


def print_rows(what: str, sql: str, values: tuple[Any, ...], as_json: bool) -> None:
    """Print the rows of a query."""
    with open_accounts() as connection:
        rows = [] if connection is None else [dict(row) for row in connection.execute(sql, values)]
    if as_json:
        print_json({what: rows})
        return
    out = console()
    if rows:
        made = table(*rows[0])
        for row in rows:
            made.add_row(*(spelled(name, value) for name, value in row.items()))
        out.print(made)
    out.print(f"{len(rows)} {what}")


def print_receipt(receipt: Receipt, sentence: str, as_json: bool) -> None:
    """Print what a change has done."""
    if as_json:
        print_json({**receipt.result, "receipt": receipt.seq})
    else:
        console().print(f"{sentence} (receipt {receipt.seq})", markup=False)


def print_minted(made: Minted, as_json: bool) -> None:
    """Print a new token, the only time that it is shown."""
    text = None if made.token is None else made.token.text
    if as_json:
        print_json({**made.receipt.result, "token": text, "receipt": made.receipt.seq})
    elif text is None:
        console().print(f"token {made.receipt.result['token_id']} was made before; shown once only")
    else:
        click.echo(text)
