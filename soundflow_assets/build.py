"""Composes the code location: assets, checks, resources, jobs, automation, executor.

Lists, no discovery: what is in the graph can be read here. Tests and the command line pass their
own settings and resources. This must import neither the engine nor a storage client: every process
Dagster starts pays for it.
See https://docs.dagster.io/api/dagster/definitions
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import dagster as dg

from soundflow_assets.errors import BadInput
from soundflow_assets.orchestration.assets.catalogs import build_catalogs
from soundflow_assets.orchestration.assets.free import free_track
from soundflow_assets.orchestration.assets.premium import premium_track
from soundflow_assets.orchestration.automation import catalog_automation
from soundflow_assets.orchestration.checks.catalogs import catalog_checks
from soundflow_assets.orchestration.jobs import default_jobs
from soundflow_assets.orchestration.premium_batch import never_empty_schedule, premium_jobs
from soundflow_assets.orchestration.premium_sensors import premium_sensors
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.orchestration.resources.progress import Audience
from soundflow_assets.orchestration.schedules import default_schedules
from soundflow_assets.orchestration.sensors import default_sensors
from soundflow_assets.plans.load import load_free_plan
from soundflow_assets.settings import Executor, Settings, load_settings

default_resources: Mapping[str, Any] = {"bucket": BucketResource(), "audience": Audience()}


def build_definitions(
    *,
    settings: Settings | None = None,
    resource_overrides: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """Return the whole code location.

    Parameters
    ----------
    settings
        Decides the executor and where the plan is read; from the environment otherwise.
    resource_overrides
        Replace `bucket` or `audience`.

    Raises
    ------
    BadInput
        When a setting or the plan is wrong.
    """
    settings = load_settings() if settings is None else settings
    plan = load_free_plan(settings.configs)
    categories = [entry.siteCategory for entry in plan.tracks]
    track_ids = [entry.id for entry in plan.tracks]
    return dg.Definitions(
        assets=[
            *(free_track(entry) for entry in plan.tracks),
            premium_track,
            build_catalogs(track_ids, categories),
        ],
        asset_checks=[catalog_checks],
        resources={**default_resources, **(resource_overrides or {})},
        jobs=[*default_jobs, *premium_jobs],
        schedules=[*default_schedules, never_empty_schedule],
        sensors=[*default_sensors, *premium_sensors, catalog_automation],
        executor=executor_for(settings.executor),
    )


# executor -> the package that brings it, and its name there
_BROUGHT_BY = {
    "k8s": ("dagster_k8s", "k8s_job_executor"),
    "celery": ("dagster_celery", "celery_executor"),
}


def executor_for(name: Executor) -> dg.ExecutorDefinition:
    """Return the executor of this name.

    In-process is the default because a process for each step costs more than the music in it.

    Raises
    ------
    BadInput
        When the package that brings it is not installed.
    """
    if name not in _BROUGHT_BY:
        return dg.multiprocess_executor if name == "multiprocess" else dg.in_process_executor
    module, attribute = _BROUGHT_BY[name]
    try:
        executor: dg.ExecutorDefinition = getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        raise BadInput(
            f"SOUNDFLOW_EXECUTOR={name}: {module} cannot be imported ({error}); install the "
            f"package {module.replace('_', '-')} that goes with dagster {dg.__version__}"
        ) from None
    return executor
