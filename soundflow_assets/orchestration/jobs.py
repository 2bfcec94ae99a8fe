"""What can be launched by name: a day of free tracks, a premium track, and the catalogs.

Two jobs, not one: a failed track must never keep the catalogs from listing the others, and within
one run it would. The catalogs follow by automation, by the sweep, or by `soundflow daily`.
"""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.generation.job import make_song

daily_free = dg.define_asset_job(
    name="daily_free",
    selection=dg.AssetSelection.groups(asset_keys.FREE_GROUP),
    description="One day's free tracks, one a category. Backfill it from the asset graph.",
)

rebuild_catalogs = dg.define_asset_job(
    name="rebuild_catalogs",
    selection=dg.AssetSelection.groups(asset_keys.CATALOG_GROUP),
    description="All catalog files from the sidecars in the bucket, and their checks.",
)

premium_on_demand = dg.define_asset_job(
    name="premium_on_demand",
    selection=dg.AssetSelection.assets(asset_keys.PREMIUM_TRACK),
    description="One premium track, from the configuration of the run or the stored request.",
)

default_jobs: list[dg.JobDefinition | UnresolvedAssetJobDefinition] = [
    daily_free,
    rebuild_catalogs,
    premium_on_demand,
    make_song,
]
