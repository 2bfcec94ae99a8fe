"""`soundflow web`: the player in a bucket, without a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from soundflow_assets.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from soundflow_assets.settings import Settings
    from soundflow_assets.storage.open import Source


@click.group()
def web() -> None:
    """Put the player into the bucket."""


@web.command()
@click.option(
    "--api-base",
    metavar="URL",
    help="Address of the service, for premium tracks and live generation; without it, neither.",
)
@click.option(
    "--source",
    type=click.Choice(["local", "r2"]),
    help="Insist on one kind of bucket; otherwise R2 where it is configured.",
)
@json_option
def publish(api_base: str | None, source: Source | None, as_json: bool) -> None:
    """Copy the player into the bucket, under player/; the same again changes nothing."""
    from soundflow_assets.player import PAGE_KEY, publish_player
    from soundflow_assets.settings import load_settings
    from soundflow_assets.storage.open import open_store

    settings = load_settings()
    store = open_store(settings, source)
    done = publish_player(store, api_base)
    address = _address(settings, source, PAGE_KEY)
    if as_json:
        print_json(
            {
                "bucket": store.name,
                "page": PAGE_KEY,
                "address": address,
                "written": list(done.written),
                "removed": list(done.removed),
                "unchanged": done.unchanged,
            }
        )
        return
    out = console()
    total = len(done.written) + done.unchanged
    out.print(f"{total} files in {store.name}: {len(done.written)} written", markup=False)
    if address is None:
        out.print("Any web server opens it; with one port for all of it: soundflow serve")
    else:
        out.print(address, markup=False)


def _address(settings: Settings, source: Source | None, key: str) -> str | None:
    """Return the public address of the page; a folder on this machine has none."""
    from soundflow_assets.storage.open import public_base_url

    if settings.free_public_base_url is None and (source == "local" or settings.r2 is None):
        return None
    return f"{public_base_url(settings, source)}/{key}"
