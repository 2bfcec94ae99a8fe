"""Premium tracks in the graph, as what they are: made elsewhere, listed here.

Whoever makes premium tracks publishes them under `audio/premium/<date>/` with a sidecar. The asset
is therefore external: Dagster cannot materialize it, `sensors.premium_watch` reports each track it
finds in the bucket as a materialization of its own partition, and the catalogs follow from that
like from any other track.
See https://docs.dagster.io/guides/build/assets/external-assets
"""

from __future__ import annotations

import dagster as dg

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.partitions import premium_tracks

premium_track = dg.AssetSpec(
    key=asset_keys.PREMIUM_TRACK,
    group_name=asset_keys.PREMIUM_GROUP,
    description=(
        "Premium tracks published in the bucket with a sidecar; one partition a track, keyed by "
        "its id. Found by premium_watch, listed in the catalogs without an address."
    ),
    kinds={"mp3"},
    tags={"tier": "premium"},
    partitions_def=premium_tracks,
)
