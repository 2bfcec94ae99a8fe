"""The free tracks: one asset for every entry of the plan, one slice a day.

A factory, not one multi-asset: each category has its own history, its own numbers over time, its
own checks and its own failures. The work itself is `production`; what is left here is translation
into Dagster's terms. The gate stands inside the step, before anything is uploaded: a blocking check
alone would only stop what comes later in the same run, and catalogs are made by other runs.
See https://docs.dagster.io/guides/build/assets
"""

# No postponed annotations here: Dagster reads those of the step's function as types.
import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.assets.gates import gate_result, gate_specs
from soundflow_assets.orchestration.failures import spoken_as_failures
from soundflow_assets.orchestration.op_tags import RENDER_TAGS
from soundflow_assets.orchestration.partitions import daily_tracks
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.resources.progress import Audience
from soundflow_assets.orchestration.scratch import scratch_folder
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import PlanEntry
from soundflow_assets.progress import ProgressCallback, StageClock, StageEvent
from soundflow_assets.version import ENGINE_VERSION

if TYPE_CHECKING:
    from soundflow_assets.catalog.publish import PublishResult

Events = Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]

CHECKS = {
    "decodes": "The published MP3 is whole, and a decoder takes it.",
    "duration": "It decodes to exactly the planned number of samples.",
    "bitrate": "Every frame has the planned bitrate.",
    "loudness": "Integrated loudness is within 0.5 LU of the plan's target.",
    "true_peak": "True peak is at most -1 dBTP.",
    "clipping": "No neighbouring samples at full scale.",
    "dc": "Neither channel is offset from zero.",
    "silence": "Nothing falls silent before the ending.",
    "stereo": "The channels differ, and do not cancel each other.",
    "loop": "The loop, where there is one, repeats at even level without a step in the wave.",
    "sidecar": "The sidecar says of the file what the bucket holds.",
}


class TrackConfig(dg.Config):
    """What one run may ask for: another length than the plan's, in seconds."""

    duration_s: float | None = None


def free_track(entry: PlanEntry) -> dg.AssetsDefinition:
    """Return the asset of one category's daily track."""
    key = asset_keys.free_track(entry.id)

    @dg.asset(
        key=key,
        group_name=asset_keys.FREE_GROUP,
        description=(
            f"The daily {entry.siteCategory} track, composed, rendered, judged and published."
        ),
        kinds={"python", "mp3"},
        tags={"tier": "free"},
        metadata={"category": entry.siteCategory},
        partitions_def=daily_tracks,
        check_specs=gate_specs(key, CHECKS, daily_tracks),
        op_tags=RENDER_TAGS,
        code_version=ENGINE_VERSION,
    )
    def track(
        context: dg.AssetExecutionContext,
        config: TrackConfig,
        bucket: BucketResource,
        audience: dg.ResourceParam[Audience],
    ) -> Events:
        on_event = _logged(context, audience)
        with spoken_as_failures(context.retry_number):
            yield from _made_and_published(context, entry.id, config.duration_s, bucket, on_event)

    return track


def _made_and_published(
    context: dg.AssetExecutionContext,
    track_id: str,
    duration_s: float | None,
    bucket: BucketResource,
    on_event: ProgressCallback,
) -> Events:
    # Inside the step: a code location must load without the engine.
    from soundflow_assets.listening.verdict import Rejected
    from soundflow_assets.orchestration.assets.listening_desk import track_metadata
    from soundflow_assets.plans.resolve import free_plan
    from soundflow_assets.production import produce
    from soundflow_assets.publication import publish
    from soundflow_assets.synthesis.check import check_sounds

    settings = bucket.settings()
    library = open_library(settings)  # what is wrong with it is said before the work, not after
    date = dt.date.fromisoformat(context.partition_key)
    with StageClock(track_id, on_event).stage("plan"):
        configs = load_configs(settings.configs)
        check_sounds(configs)
        plan = free_plan(configs, date, track_id, duration_s)
    with scratch_folder() as folder:
        try:
            production = produce(plan, folder, on_event, settings.free_license)
        except Rejected as rejected:
            yield from map(gate_result, rejected.verdicts)
            raise
        published = publish(production, library, settings.free_license, on_event)
        yield from map(gate_result, production.verdicts)
        yield _sidecar_check(library, published)
        yield dg.MaterializeResult(
            metadata=track_metadata(production, published),
            data_version=dg.DataVersion(published.sidecar.entry.sha256),
        )


def _sidecar_check(library: Library, published: "PublishResult") -> dg.AssetCheckResult:
    """Read back what was just published: the sidecar, and the size and hash of each file."""
    from soundflow_assets.publication import problems_of

    problems = problems_of(library, published.sidecar)
    return dg.AssetCheckResult(
        check_name="sidecar",
        passed=not problems,
        description="; ".join(problems) or f"{published.outcome}; every file is as it says",
        metadata={"outcome": published.outcome, "written": list(published.written)},
    )


def _logged(context: dg.AssetExecutionContext, audience: Audience) -> ProgressCallback:
    """Write stage boundaries to the event log; everything goes to the audience."""

    def on_event(event: StageEvent) -> None:
        audience.hear(event)
        if event.progress in (0.0, 1.0):
            what = "started" if event.progress == 0.0 else "done"
            context.log_event(
                dg.AssetObservation(
                    asset_key=context.asset_key,
                    partition=context.partition_key,
                    description=f"{event.stage} {what}",
                    metadata={
                        "track_id": event.track_id,
                        "stage": event.stage,
                        "progress": event.progress,
                    },
                )
            )

    return on_event
