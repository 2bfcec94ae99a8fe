"""What happens at fixed hours: the day's tracks at 02:10 UTC, and a sweep of the catalogs.

The sweep is the safety net under the automation: it lists all of history, so that whatever was
missed (tracks put into the bucket by hand or while no daemon ran) is found once a day.
"""

from __future__ import annotations

import dagster as dg

from soundflow_assets.orchestration.asset_keys import CATALOGS_STEP
from soundflow_assets.orchestration.jobs import daily_free, rebuild_catalogs


@dg.schedule(
    name="daily_free_at_0210_utc",
    job=daily_free,
    cron_schedule="10 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Day D's free tracks at 02:10 UTC of day D.",
)
def daily_free_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request the day of the tick; the run key lets a tick that is evaluated twice launch once."""
    date = context.scheduled_execution_time.date().isoformat()
    return dg.RunRequest(run_key=date, partition_key=date)


catalog_sweep = dg.ScheduleDefinition(
    name="catalog_sweep_at_0340_utc",
    job=rebuild_catalogs,
    cron_schedule="40 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    run_config={"ops": {CATALOGS_STEP: {"config": {"complete": True}}}},
    description="Rebuild and check all catalogs once a day, whatever else has happened.",
)

default_schedules = [daily_free_schedule, catalog_sweep]
