"""A track's gates as Dagster's checks: declared for every partition, and answered."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from soundflow_assets.listening.verdict import Verdict


def gate_specs(
    asset: dg.AssetKey, checks: Mapping[str, str], partitions: dg.PartitionsDefinition[Any]
) -> list[dg.AssetCheckSpec]:
    """Return a blocking check for each gate; `checks` maps names to descriptions."""
    with warnings.catch_warnings():
        # Partitioned checks are in preview: without them all tracks would share one status.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name, asset=asset, description=text, blocking=True, partitions_def=partitions
            )
            for name, text in checks.items()
        ]


def gate_result(verdict: Verdict) -> dg.AssetCheckResult:
    """Return what a gate said of the asset of this step."""
    return dg.AssetCheckResult(
        check_name=verdict.name,
        passed=verdict.passed,
        description=verdict.message,
        metadata={"value": verdict.value, "target": verdict.target},
    )
