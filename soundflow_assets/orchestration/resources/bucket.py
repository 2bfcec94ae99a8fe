"""The bucket, as the environment names it, given to assets, checks and sensors.

What a bucket can do is `storage`; what the environment means is `settings`. Both are read when a
step runs, not when the code location loads, so that a changed credential needs no restart and a
half-set environment fails the run with its own sentence instead of the whole graph.
See https://docs.dagster.io/guides/build/external-resources
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import dagster as dg

from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.settings import Settings, load_settings


class BucketResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Opens the configured buckets; `folder` puts a local folder in their place."""

    folder: str = ""

    def settings(self) -> Settings:
        """Return the settings of this moment."""
        settings = load_settings()
        if not self.folder:
            return settings
        folder = Path(self.folder).absolute()
        return dataclasses.replace(settings, r2=None, bucket=folder, premium_bucket=None)

    def library(self) -> Library:
        """Return the buckets of tracks and catalogs."""
        return open_library(self.settings())
