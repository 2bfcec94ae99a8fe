"""When the catalogs are rebuilt without anybody asking.

Not `eager()`: it never fires while any date of history is missing, and a site that starts today has
no history. The condition is latched: it remembers that something new arrived until a rebuild has
been requested, so that a batch of tracks gives one rebuild and a track that arrives during a
rebuild gives one more. While tracks are being made it waits for the last of them, but never longer
than to the next ten minutes of the clock: a backfill of a month gives a handful of rebuilds, and a
backfill of a year does not keep its first tracks from the readers.
See https://docs.dagster.io/guides/automate/declarative-automation
"""

from __future__ import annotations

import dagster as dg

from soundflow_assets.orchestration import asset_keys

_arrived = dg.AutomationCondition.any_deps_updated()
_requested = dg.AutomationCondition.newly_requested()
_first = dg.AutomationCondition.initial_evaluation()

# `since` forgets what arrives between the evaluation that asks for a rebuild and the next: there
# both are true, and the request wins. The second latch holds just that, until the next request.
_news = _arrived.since(_requested | _first) | (_arrived & _requested).since(
    (_requested & ~_arrived) | _first
)

when_tracks_arrive = (
    _news
    & ~dg.AutomationCondition.in_progress()
    & (
        ~dg.AutomationCondition.any_deps_match(dg.AutomationCondition.in_progress())
        | dg.AutomationCondition.cron_tick_passed("*/10 * * * *")
    )
).with_label("a track has arrived since the last rebuild")

# Dagster's own automation sensor is created switched off; this one runs from the first start.
catalog_automation = dg.AutomationConditionSensorDefinition(
    name="catalog_automation",
    target=dg.AssetSelection.groups(asset_keys.CATALOG_GROUP),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    # Queued runs are started in their order: without this the catalogs would wait behind every date
    # of a backfill.
    run_tags={"dagster/priority": "10"},
)
