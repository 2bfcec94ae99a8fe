"""Asset keys, groups and pools: the one home of every name the graph shows.

Bucket keys live in `storage.keys`; nothing here touches the bucket.
"""

from __future__ import annotations

import dagster as dg

FREE_GROUP = "free"
PREMIUM_GROUP = "premium"
CATALOG_GROUP = "catalogs"

CATALOGS_STEP = "catalogs"
CATALOG_POOL = "catalog"
GPU_POOL = "gpu"

PREMIUM_TRACK = dg.AssetKey(["premium", "track"])
MADE_TRACK = dg.AssetKey(["made", "track"])  # on request; observed and reported by its job


def free_track(track_id: str) -> dg.AssetKey:
    """Return the key of a category's daily track, `free/deep_work_daily`."""
    return dg.AssetKey([FREE_GROUP, track_id])


def catalog(name: str) -> dg.AssetKey:
    """Return the key of one catalog, `catalog/by-category/deep-work`."""
    return dg.AssetKey(["catalog", *name.split("/")])
