"""Premium work beside the asset: several waiting requests with one loaded model, and never empty.

A partitioned asset makes one track a run, and a run of its own loads its model anew. Where several
requests wait for the same local model, the sensor launches this job instead: the model is loaded
once and generates them as a batch. Each track is reported as a materialization of its partition.
See https://docs.dagster.io/guides/build/jobs/op-jobs
"""

# No postponed annotations here: Dagster reads those of the op's function as types.
import datetime as dt

import dagster as dg

from soundflow_assets.catalog.library import open_library
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.assets.premium import premium_metadata
from soundflow_assets.orchestration.failures import MOST_RETRIES, spoken_as_failures
from soundflow_assets.orchestration.op_tags import GPU_TAGS
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.resources.progress import Audience
from soundflow_assets.orchestration.scratch import scratch_folder


class WaitingConfig(dg.Config):
    """Ids of stored requests."""

    track_ids: list[str]


class FeatureConfig(dg.Config):
    """The day that is not to be empty; today by default."""

    date: str | None = None


@dg.op(
    name="generate_waiting",
    pool=asset_keys.GPU_POOL,
    tags=GPU_TAGS,
    out=dg.Out(dg.Nothing),
    description="Makes several requested premium tracks with one loaded model.",
)
def generate_waiting(
    context: dg.OpExecutionContext,
    config: WaitingConfig,
    bucket: BucketResource,
    audience: dg.ResourceParam[Audience],
) -> None:
    """Make every track; those that cannot be made do not keep the others from it."""
    from soundflow_assets.errors import SoundFlowError
    from soundflow_assets.premium.make import make_premium
    from soundflow_assets.premium.requests import read_request

    failures: list[str] = []
    with spoken_as_failures(MOST_RETRIES):
        settings = bucket.settings()
        library = open_library(settings)
        today = dt.datetime.now(dt.UTC).date()
        requests = []
        for track_id in config.track_ids:
            try:
                requests.append(read_request(library.premium, track_id, today))
            except SoundFlowError as error:
                failures.append(str(error))
        with scratch_folder() as folder:
            outcomes = make_premium(
                requests,
                settings,
                library,
                on_event=audience.hear,
                log=context.log.warning,
                folder=folder,
            )
            for outcome in outcomes:
                if outcome.made is None:
                    failures.append(f"{outcome.request.track_id}: {outcome.error}")
                    continue
                context.log_event(
                    dg.AssetMaterialization(
                        asset_keys.PREMIUM_TRACK,
                        partition=outcome.request.track_id,
                        description="made in a batch",
                        metadata=premium_metadata(outcome.made),
                    )
                )
    if failures:
        raise dg.Failure("\n".join(failures), allow_retries=False)


@dg.op(
    name="feature_again",
    out=dg.Out(dg.Nothing),
    description="Publishes an older premium track under a day that has none, marked as such.",
)
def feature_again_op(
    context: dg.OpExecutionContext, config: FeatureConfig, bucket: BucketResource
) -> None:
    """Keep the day from being empty."""
    from soundflow_assets.errors import BadInput
    from soundflow_assets.premium.feature import feature_again

    with spoken_as_failures(context.retry_number):
        try:
            date = (
                dt.date.fromisoformat(config.date)
                if config.date
                else dt.datetime.now(dt.UTC).date()
            )
        except ValueError:
            raise BadInput(f"date: {config.date!r}: expected YYYY-MM-DD") from None
        done = feature_again(open_library(bucket.settings()), date)
    if done is None:
        context.log.info(f"{date} has a premium track of its own")
        return
    context.log.info(f"{done.sidecar.entry.id} features {done.sidecar.entry.featured_from}")


@dg.job(name="premium_batch", description="Several waiting premium requests, one loaded model.")
def premium_batch() -> None:
    """Run `generate_waiting`."""
    generate_waiting()


@dg.job(
    name="premium_never_empty",
    description="On a day without a premium track, feature an older one under its date.",
)
def premium_never_empty() -> None:
    """Run `feature_again`."""
    feature_again_op()


# Opt-in: an operator switches it on in the UI.
never_empty_schedule = dg.ScheduleDefinition(
    name="premium_never_empty_at_0220_utc",
    job=premium_never_empty,
    cron_schedule="20 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Off by default. Features an older premium track on days without a new one.",
)

premium_jobs = [premium_batch, premium_never_empty]
