"""Every check, in the order in which an operator would set things up."""

from __future__ import annotations

from soundflow_assets.composition.check import check_harmony
from soundflow_assets.doctor.buckets import bucket_findings
from soundflow_assets.doctor.finding import Finding, guarded
from soundflow_assets.doctor.machine import machine_findings
from soundflow_assets.doctor.service import service_findings
from soundflow_assets.errors import SoundFlowError
from soundflow_assets.plans.load import load_configs
from soundflow_assets.settings import Settings, load_settings
from soundflow_assets.synthesis.check import check_sounds


def diagnose() -> list[Finding]:
    """Run every check; a check that cannot be made is a finding, never an exception."""
    try:
        settings = load_settings()
    except SoundFlowError as error:
        settings_found = Finding("settings", "problem", str(error), "correct the environment")
        return [settings_found, *machine_findings()]
    where = f"R2 bucket {settings.r2.bucket}" if settings.r2 else f"local folder {settings.bucket}"
    return [
        Finding("settings", "ok", where),
        *guarded("configuration", lambda: iter([_configuration(settings)])),
        *bucket_findings(settings),
        *service_findings(settings),
        *machine_findings(settings.bucket if settings.r2 is None else None),
    ]


def _configuration(settings: Settings) -> Finding:
    configs = load_configs(settings.configs)
    check_harmony(configs)
    check_sounds(configs)
    counts = (
        f"{len(configs.plan.tracks)} categories, {len(configs.genres)} genres, "
        f"{len(configs.kits)} kits, {len(configs.patches)} patches, "
        f"{len(configs.nature.beds)} beds"
    )
    return Finding("configuration", "ok", counts)
