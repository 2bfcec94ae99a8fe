"""Premium tracks: one asset, one partition a track, made on demand.

A run's configuration is a request. It is stored in the bucket before anything is generated, so a
partition can be made again with nothing but its key; a run without configuration reads it there.
What generation costs is in the metadata of every materialization. Retries belong to the providers,
which know what may pass: a step that starts again would pay again.
See https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

# No postponed annotations here: Dagster reads those of the step's function as types.
import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.assets.gates import gate_result, gate_specs
from soundflow_assets.orchestration.assets.listening_desk import waveform
from soundflow_assets.orchestration.failures import MOST_RETRIES, spoken_as_failures
from soundflow_assets.orchestration.op_tags import GPU_TAGS
from soundflow_assets.orchestration.partitions import premium_tracks
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.resources.progress import Audience
from soundflow_assets.orchestration.scratch import scratch_folder
from soundflow_assets.progress import ProgressCallback, StageEvent
from soundflow_assets.version import ENGINE_VERSION

if TYPE_CHECKING:
    from soundflow_assets.premium.make import Made, Outcome
    from soundflow_assets.premium.request import PremiumRequest

Events = Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]

CHECKS = {
    "decodes": "The published MP3 is whole, and a decoder takes it.",
    "duration": "It decodes to exactly the number of samples that was asked for.",
    "bitrate": "Every frame has 320 kbps.",
    "loudness": "Integrated loudness is within 0.5 LU of -14 LUFS.",
    "true_peak": "True peak is at most -1 dBTP.",
    "clipping": "No neighbouring samples at full scale.",
    "dc": "Neither channel is offset from zero.",
    "silence": "Nothing falls silent before the ending.",
    "stereo": "The channels differ, and do not cancel each other.",
    "seams": "No click where windows or parts of the generated sound met.",
}


class PremiumConfig(dg.Config):
    """A request, as the UI's launchpad takes it. Nothing: the request that is stored."""

    category: str | None = None
    duration: float | None = None
    model: str | None = None
    gpu_provider: str | None = None
    backend: str | None = None
    title: str | None = None
    prompt: str | None = None
    prompt_id: str | None = None
    enhance: str | None = None
    seed: int | None = None
    bpm: float | None = None
    key: str | None = None
    date: str | None = None
    finishing: dict[str, Any] | None = None
    acknowledge_noncommercial: bool | None = None
    revision: int | None = None


@dg.asset(
    key=asset_keys.PREMIUM_TRACK,
    group_name=asset_keys.PREMIUM_GROUP,
    description=(
        "A premium track, generated as its request asks, finished, judged and published in the "
        "private bucket. One partition a track, keyed by its id; the catalogs list it without an "
        "address. Materialize with a configuration to ask for a track, without to make it again."
    ),
    kinds={"python", "pytorch", "mp3"},
    tags={"tier": "premium"},
    partitions_def=premium_tracks,
    check_specs=gate_specs(asset_keys.PREMIUM_TRACK, CHECKS, premium_tracks),
    pool=asset_keys.GPU_POOL,
    op_tags=GPU_TAGS,
    code_version=ENGINE_VERSION,
)
def premium_track(
    context: dg.AssetExecutionContext,
    config: PremiumConfig,
    bucket: BucketResource,
    audience: dg.ResourceParam[Audience],
) -> Events:
    """Make one premium track."""
    with spoken_as_failures(MOST_RETRIES):
        settings = bucket.settings()
        library = open_library(settings)
        request = _request(context.partition_key, config, library)
        with scratch_folder() as folder:
            from soundflow_assets.premium.make import make_premium

            [outcome] = make_premium(
                [request],
                settings,
                library,
                on_event=_logged(context, audience),
                log=context.log.warning,
                folder=folder,
            )
            yield from _judged(outcome)


def _request(track_id: str, config: PremiumConfig, library: Library) -> "PremiumRequest":
    from soundflow_assets.premium.request import make_request
    from soundflow_assets.premium.requests import read_request, store_request

    today = dt.datetime.now(dt.UTC).date()
    fields = {name: value for name, value in config.model_dump().items() if value is not None}
    if not fields:
        return read_request(library.premium, track_id, today)
    asked = make_request({"date": today, **fields, "track_id": track_id}, "run configuration")
    return store_request(library.premium, asked)


def _judged(outcome: "Outcome") -> Events:
    from soundflow_assets.listening.verdict import Rejected

    if isinstance(outcome.error, Rejected):
        yield from map(gate_result, outcome.error.verdicts)
    if outcome.error is not None:
        raise outcome.error
    if outcome.made is None:
        raise AssertionError("an outcome is a track or an error")
    yield from map(gate_result, outcome.made.production.verdicts)
    yield dg.MaterializeResult(
        metadata=premium_metadata(outcome.made),
        data_version=dg.DataVersion(outcome.made.published.sidecar.entry.sha256),
    )


def premium_metadata(made: "Made") -> dict[str, Any]:
    """Return what the UI shows and plots of one premium track."""
    entry = made.published.sidecar.entry
    request = made.production.brief.request
    facts = {
        name: value for name, value in made.facts.items() if isinstance(value, str | int | float)
    }
    return {
        "id": entry.id,
        "title": entry.title,
        "category": entry.category,
        "date": entry.date.isoformat(),
        "duration_s": entry.duration_sec,
        "loudness_lufs": entry.loudness_lufs,
        "true_peak_dbtp": entry.true_peak_dbtp,
        "bytes": entry.bytes,
        "bpm": entry.bpm,
        "key": entry.key,
        "model": str(entry.model),
        "license": entry.license,
        "rights": str(entry.rights),
        "prompt": made.production.brief.rendered.text,
        "seed": entry.seed,
        "revision": request.revision,
        "object_key": entry.object_key,
        "sha256": entry.sha256,
        "outcome": made.published.outcome,
        "picture": dg.MetadataValue.md(waveform(made.production.inspection)),
        **facts,
    }


def _logged(context: dg.AssetExecutionContext, audience: Audience) -> ProgressCallback:
    """Write stage boundaries to the run's log; everything goes to the audience."""

    def on_event(event: StageEvent) -> None:
        audience.hear(event)
        if event.progress in (0.0, 1.0):
            what = "started" if event.progress == 0.0 else "done"
            context.log.info(f"{event.track_id}: {event.stage} {what}")

    return on_event
