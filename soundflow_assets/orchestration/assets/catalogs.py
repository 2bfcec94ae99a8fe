"""The catalogs: eight files that say what is in the bucket, committed together.

One multi-asset without slices, because the files are one generation and are swapped by one write.
It reads no other asset's output: the bucket's sidecars are the truth, so a rebuild from an empty
Dagster home gives the same catalogs. What makes a commit safe against another one is
`catalog.commit`; the pool only spares the loser its work.
See https://docs.dagster.io/guides/build/assets/defining-assets#multi-asset
"""

# No postponed annotations here: Dagster reads those of the step's function as types.
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from soundflow_assets.catalog.library import Library, catalog_names
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.automation import when_tracks_arrive
from soundflow_assets.orchestration.failures import spoken_as_failures
from soundflow_assets.orchestration.op_tags import CATALOG_TAGS
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.storage.keys import category_slug

if TYPE_CHECKING:
    from soundflow_assets.catalog.root import Root

_DESCRIPTIONS = {
    "free": "All free tracks, each with its public address; newest first.",
    "premium": "All premium tracks, none with an address; newest first.",
    "all": "Free and premium tracks together; newest first.",
}


class CatalogConfig(dg.Config):
    """How far a run looks: `complete` lists all of history, not only what was announced."""

    complete: bool = False


def names_of(categories: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the catalogs for a plan with these categories."""
    return catalog_names({category_slug(category) for category in categories})


def build_catalogs(track_ids: Sequence[str], categories: Sequence[str]) -> dg.AssetsDefinition:
    """Return the asset of all catalogs of a plan with these tracks and categories."""
    names = names_of(categories)
    deps = [*(asset_keys.free_track(one) for one in track_ids), asset_keys.PREMIUM_TRACK]

    @dg.multi_asset(
        name=asset_keys.CATALOGS_STEP,
        specs=[_spec(name, deps) for name in names],
        pool=asset_keys.CATALOG_POOL,
        op_tags=CATALOG_TAGS,
    )
    def catalogs(
        context: dg.AssetExecutionContext, config: CatalogConfig, bucket: BucketResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        from soundflow_assets.catalog.commit import commit_catalogs

        with spoken_as_failures(context.retry_number):
            library = bucket.library()
            done = commit_catalogs(library, complete=config.complete)
        for problem in done.problems:
            context.log.warning(f"{problem.key}: {problem.problem}")
        for name in names:
            yield _result(name, library, done.root)

    return catalogs


def _spec(name: str, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    slug = name.removeprefix("by-category/")
    return dg.AssetSpec(
        asset_keys.catalog(name),
        deps=deps,
        group_name=asset_keys.CATALOG_GROUP,
        description=_DESCRIPTIONS.get(name, f"All tracks of the category {slug}; newest first."),
        kinds={"json"},
        automation_condition=when_tracks_arrive,
    )


def _result(name: str, library: Library, root: "Root") -> dg.MaterializeResult[None]:
    file = root.files.get(name)
    if file is None:
        # A category of the plan that is none of the site's has no file before its first track.
        return dg.MaterializeResult(asset_key=asset_keys.catalog(name), metadata={"tracks": 0})
    return dg.MaterializeResult(
        asset_key=asset_keys.catalog(name),
        metadata={
            "tracks": file.count,
            "bytes": file.bytes,
            "generation": root.generation,
            "commit": root.commit_id,
            "sha256": file.sha256,
            "object_key": file.key,
            "address": dg.MetadataValue.url(library.url(file.key)),
            "sidecars_with_problems": len(root.problems),
        },
        data_version=dg.DataVersion(file.sha256),
    )
