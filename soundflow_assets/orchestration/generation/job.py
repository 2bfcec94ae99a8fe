"""The job that makes one track on request: plan, compose, render, master, publish, and say so.

Each stage is written to the event log as an observation, by which the service tells how far the
track is; the entry of the finished track is the metadata of its materialization. The tracks lie
under `made/<run id>/` and stand in no catalog: those are the daily programme.
See https://docs.dagster.io/guides/build/ops
"""

# No postponed annotations here: Dagster reads those of the op's function as types.
import datetime as dt
import time

import dagster as dg

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.failures import spoken_as_failures
from soundflow_assets.orchestration.generation.request import SongRequest, plan_of
from soundflow_assets.orchestration.op_tags import RENDER_TAGS
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.scratch import scratch_folder
from soundflow_assets.progress import ProgressCallback, StageClock, StageEvent

JOB = "make_song"
OP = "song"
EVERY_S = 0.4  # between two lines on the progress of one stage
LEAST_STEP = 0.02


class SongConfig(dg.Config):
    """A wish, with the day it was made on and the seed that was drawn for it."""

    date: str
    duration_seconds: float
    seed: int
    category: str | None = None
    genre: str | None = None

    def wish(self) -> SongRequest:
        """Return it as a request."""
        return SongRequest(
            category=self.category,
            genre=self.genre,
            duration_seconds=self.duration_seconds,
            seed=self.seed,
        )


@dg.op(name=OP, out=dg.Out(dg.Nothing), tags=RENDER_TAGS, pool=None)
def song(context: dg.OpExecutionContext, config: SongConfig, bucket: BucketResource) -> None:
    """Make the track of one wish and put it into the bucket."""
    with spoken_as_failures(context.retry_number):
        _make(context, config, bucket)


@dg.job(
    name=JOB,
    description="One track on request; `soundflow serve` launches it.",
    # A crash is told to whoever waits, who may ask again; nobody waits for a silent second run.
    tags={"dagster/max_retries": "0"},
)
def make_song() -> None:
    """Make one track."""
    song()


def _make(context: dg.OpExecutionContext, config: SongConfig, bucket: BucketResource) -> None:
    # Inside the step: a code location must load without the engine.
    from soundflow_assets.orchestration.generation.track import describe, put_files
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.production import produce
    from soundflow_assets.synthesis.check import check_sounds

    settings = bucket.settings()
    store = bucket.library().public
    project, on_event = context.run_id, _logged(context)
    with StageClock(project, on_event).stage("plan"):
        configs = load_configs(settings.configs)
        check_sounds(configs)
        plan = plan_of(configs, config.wish(), dt.date.fromisoformat(config.date))
    with scratch_folder() as folder:
        production = produce(plan, folder, on_event, settings.free_license)
        with StageClock(project, on_event).stage("upload"):
            put_files(store, project, production.files)
        entry = describe(production, project, settings.free_license)
    context.log_event(
        dg.AssetMaterialization(
            asset_key=asset_keys.MADE_TRACK,
            description=entry["title"],
            metadata={"entry": dg.MetadataValue.json(entry)},
        )
    )


def _logged(context: dg.OpExecutionContext) -> ProgressCallback:
    """Write stages to the event log: where each begins and ends, and sometimes in between."""
    last = StageEvent("", "plan", 1.0)
    written_at = 0.0

    def on_event(event: StageEvent) -> None:
        nonlocal last, written_at
        within = 0.0 < event.progress < 1.0
        soon = time.monotonic() - written_at < EVERY_S
        near = event.stage == last.stage and event.progress - last.progress < LEAST_STEP
        if within and (soon or near):
            return
        last, written_at = event, time.monotonic()
        context.log_event(
            dg.AssetObservation(
                asset_key=asset_keys.MADE_TRACK,
                description=f"{event.stage} {event.progress:.0%}",
                metadata={"stage": event.stage, "progress": float(event.progress)},
            )
        )

    return on_event
