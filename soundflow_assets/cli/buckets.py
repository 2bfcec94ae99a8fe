"""The bucket a command works on: the configured one, or the kind that `--source` insists on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from soundflow_assets.catalog.library import Library
    from soundflow_assets.storage.open import Source

source_option = click.option(
    "--source",
    type=click.Choice(["local", "r2"]),
    help="Insist on one kind of bucket; otherwise R2 where it is configured.",
)


def opened(source: Source | None) -> Library:
    """Return the library of the environment's buckets."""
    from soundflow_assets.catalog.library import open_library
    from soundflow_assets.settings import load_settings

    return open_library(load_settings(), source)
