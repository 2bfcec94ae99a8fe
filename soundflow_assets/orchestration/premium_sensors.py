"""What asks for premium tracks: request objects in the bucket, and sounds that people bring.

A request that a run has stored is being made by that run and is passed over; whoever put it there
is written on the object. Waiting requests for one local model become one run.
See https://docs.dagster.io/guides/automate/sensors
"""

from __future__ import annotations

import datetime as dt
import json
import warnings
from collections.abc import Mapping

import dagster as dg

from soundflow_assets.errors import BadInput
from soundflow_assets.orchestration.jobs import premium_on_demand
from soundflow_assets.orchestration.partitions import premium_tracks
from soundflow_assets.orchestration.premium_batch import premium_batch
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.premium.request import PremiumRequest, parse_request
from soundflow_assets.premium.requests import put_by_people, stored_requests
from soundflow_assets.storage.keys import request_key
from soundflow_assets.storage.open import open_premium_store
from soundflow_assets.storage.store import NotFound, ObjectStore

# Dagster copies a sensor that names its jobs, and warns of a parameter that only the copy is given.
warnings.filterwarnings("ignore", "Parameter `owners` of initializer `Sensor", dg.BetaWarning)

_MOST_STARTED = 50  # requests in one tick
LARGEST_BATCH = 8


@dg.sensor(
    name="premium_requests",
    jobs=[premium_on_demand, premium_batch],
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Turns requests/premium/<track_id>.json into partitions and runs.",
)
def premium_requests(
    context: dg.SensorEvaluationContext, bucket: BucketResource
) -> dg.SensorResult | dg.SkipReason:
    """Start what people have asked for; the cursor holds what was seen, by its etag."""
    seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    store = open_premium_store(bucket.settings())
    found = dict(stored_requests(store))
    new = [track_id for track_id, etag in sorted(found.items()) if seen.get(track_id) != etag]
    if not new:
        return dg.SkipReason(f"{len(found)} requests, all known")
    new = new[:_MOST_STARTED]
    cursor = {track: etag for track, etag in seen.items() if track in found}
    cursor |= {track_id: found[track_id] for track_id in new}
    asked = [track_id for track_id in new if _is_asked(store, track_id)]
    return dg.SensorResult(
        run_requests=_runs(store, asked, found),
        dynamic_partitions_requests=[premium_tracks.build_add_request(asked)] if asked else [],
        cursor=json.dumps(cursor, sort_keys=True),
    )


@dg.sensor(
    name="premium_brought",
    job=premium_on_demand,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Finishes tracks of the provider manual when somebody has brought their sound.",
)
def premium_brought(
    context: dg.SensorEvaluationContext, bucket: BucketResource
) -> dg.SensorResult | dg.SkipReason:
    """Start a track again when a sound lies in its job folder that was not there before."""
    from soundflow_assets.premium.providers.dropped import dropped_sounds

    seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    found = dropped_sounds(bucket.settings().providers.manual_folder)
    new = [track_id for track_id, sound in sorted(found.items()) if seen.get(track_id) != sound]
    if not new:
        return dg.SkipReason(f"{len(found)} sounds brought, all known")
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=f"{track_id}-{found[track_id]}", partition_key=track_id)
            for track_id in new
        ],
        dynamic_partitions_requests=[premium_tracks.build_add_request(new)],
        cursor=json.dumps(found, sort_keys=True),
    )


def _is_asked(store: ObjectStore, track_id: str) -> bool:
    try:
        return put_by_people(store, track_id)
    except NotFound:  # taken back this moment
        return False


def _runs(store: ObjectStore, asked: list[str], etags: Mapping[str, str]) -> list[dg.RunRequest]:
    """Return a run for each request, or one for several that share a local model.

    A wrong request gets a run as well: it fails with the sentence that says what is wrong, where
    operators look.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for track_id in asked:
        request = _readable(store, track_id)
        local = request is not None and request.gpu_provider == "local"
        key = (request.model, request.backend) if request and local else (track_id, "alone")
        groups.setdefault(key, []).append(track_id)
    runs = []
    for ids in groups.values():
        for first in range(0, len(ids), LARGEST_BATCH):
            runs.append(_run(ids[first : first + LARGEST_BATCH], etags))
    return runs


def _run(ids: list[str], etags: Mapping[str, str]) -> dg.RunRequest:
    run_key = "+".join(f"{track_id}-{etags[track_id][:16]}" for track_id in ids)
    if len(ids) == 1:
        return dg.RunRequest(run_key=run_key, partition_key=ids[0], job_name=premium_on_demand.name)
    return dg.RunRequest(
        run_key=run_key,
        job_name=premium_batch.name,
        run_config={"ops": {"generate_waiting": {"config": {"track_ids": ids}}}},
    )


def _readable(store: ObjectStore, track_id: str) -> PremiumRequest | None:
    key = request_key(track_id)
    try:
        return parse_request(store.get(key).body, key, track_id, dt.datetime.now(dt.UTC).date())
    except (BadInput, NotFound):
        return None


premium_sensors = [premium_requests, premium_brought]
