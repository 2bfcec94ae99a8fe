"""What is watched: failed runs, and premium tracks that others put into the bucket.

See https://docs.dagster.io/guides/automate/sensors
"""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request

import dagster as dg

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.partitions import premium_tracks
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.storage.keys import TrackRef, sidecar_ref, tracks_prefix
from soundflow_assets.storage.open import open_premium_store

LOGGER = logging.getLogger("soundflow")
_WEBHOOK_TIMEOUT_S = 10
_MOST_REPORTED = 200  # premium tracks in one tick


def failure_report(context: dg.RunFailureSensorContext) -> dict[str, object]:
    """Return what a person needs to know of a failed run, as plain data without secrets."""
    run = context.dagster_run
    return {
        "run_id": run.run_id,
        "job": run.job_name,
        "date": run.tags.get("dagster/partition", ""),
        "message": context.failure_event.message or "",
        "steps": [
            {"step": event.step_key or "", "message": _sentence(event)}
            for event in context.get_step_failure_events()
        ],
    }


@dg.run_failure_sensor(
    name="run_failure_alert",
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Logs every failed run, and posts it to SOUNDFLOW_ALERT_WEBHOOK where one is set.",
)
def run_failure_alert(context: dg.RunFailureSensorContext, bucket: BucketResource) -> None:
    """Tell the operators of a failed run."""
    report = failure_report(context)
    LOGGER.error("run failed: %s", json.dumps(report))
    webhook = bucket.settings().alert_webhook
    if webhook is not None:
        post_alert(webhook.get_secret_value(), report)


def post_alert(address: str, report: dict[str, object]) -> None:
    """Post a report as JSON. A webhook that does not answer is logged, never raised.

    Raising would make the sensor evaluate the same failure again, and alert again, for ever. The
    address is not logged: it usually carries its own password.
    """
    request = urllib.request.Request(  # noqa: S310  settings admit http and https only
        address,
        data=json.dumps(report).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_WEBHOOK_TIMEOUT_S):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        LOGGER.warning("the alert webhook answered %d", error.code)
    except OSError as error:
        LOGGER.warning("the alert webhook could not be reached: %s", type(error).__name__)


@dg.sensor(
    name="premium_watch",
    target=None,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reports premium tracks found in the bucket as materializations.",
)
def premium_watch(
    context: dg.SensorEvaluationContext, bucket: BucketResource
) -> dg.SensorResult | dg.SkipReason:
    """Add a partition and an event for each premium sidecar that was not there before.

    The cursor is the set of public ids already reported: a key's date says when a track is meant
    for, not when it arrived, so there is no order to remember instead.
    """
    reported = set(json.loads(context.cursor)) if context.cursor else set()
    store = open_premium_store(bucket.settings())
    found = {
        ref.id: ref
        for info in store.list(tracks_prefix("premium"), suffix=".json")
        if (ref := sidecar_ref(info.key)) is not None
    }
    new = sorted(found.keys() - reported)[:_MOST_REPORTED]
    if not new:
        return dg.SkipReason(f"{len(found)} premium tracks, all known")
    refs = [found[track] for track in new if not _was_made_here(context, found[track])]
    events = [
        dg.AssetMaterialization(
            asset_key=asset_keys.PREMIUM_TRACK,
            partition=ref.track_id,
            description="found in the bucket",
            metadata={"object_key": ref.audio_key, "date": ref.date.isoformat()},
        )
        for ref in refs
    ]
    return dg.SensorResult(
        asset_events=events,
        dynamic_partitions_requests=[
            premium_tracks.build_add_request(sorted({ref.track_id for ref in refs}))
        ]
        if refs
        else [],
        # Ids that are gone from the bucket are forgotten, so that a return is news again.
        cursor=json.dumps(sorted((reported & found.keys()) | set(new))),
    )


def _was_made_here(context: dg.SensorEvaluationContext, ref: TrackRef) -> bool:
    """Whether a run of this instance has reported this very track already."""
    known = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_keys.PREMIUM_TRACK, asset_partitions=[ref.track_id]), limit=1
    )
    for record in known.records:
        made = record.asset_materialization
        reported = made.metadata.get("id") if made is not None else None
        if reported is not None and reported.value == ref.id:
            return True
    return False


def _sentence(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    return data.error.message.strip() if data.error else ""


default_sensors = [run_failure_alert, premium_watch]
