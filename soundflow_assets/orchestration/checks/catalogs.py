"""What must be true of the stored catalogs, as checks of their own.

They look at the bucket, not at what a run has made, so "execute checks" in the UI audits it at any
time. What only a broken generation could show is refused before it is committed and never gets
here. One step for all of them: each step costs more than these checks do.
See https://docs.dagster.io/guides/test/asset-checks
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.failures import spoken_as_failures
from soundflow_assets.orchestration.resources.bucket import BucketResource

if TYPE_CHECKING:
    from soundflow_assets.catalog.violation import Violation

# The day's tracks are due at 02:10 UTC; until this hour yesterday's are the newest there must be.
DUE_HOUR_UTC = 3
# Of so many of the newest tracks each file is asked for, of older ones every thirtieth, another one
# each day: a request for each file of a hundred thousand would take longer than the day's tracks.
SAMPLE = 1000
_SHOWN = 20

# check -> the catalog it stands on, and what it promises
CHECKS = {
    "schema": ("all", "Every document is well formed, every entry has all fields in their ranges."),
    "ids": ("all", "No id stands twice in a catalog; newest date first, then by id."),
    "sets_agree": ("all", "All is free and premium together, and the categories part it exactly."),
    "root_agrees": ("all", "Every file is the one that the root of its generation names."),
    "sidecars_usable": ("all", "Every sidecar in the bucket can be read and its audio is there."),
    "nothing_vanished": ("all", "No listed track has lost its sidecar without being withdrawn."),
    "objects_exist": ("all", "Every listed file is there, with the recorded size and hash."),
    "no_premium_address": ("premium", "No premium track carries an address."),
    "today_present": (
        "free",
        f"Every category has its track of today, from {DUE_HOUR_UTC}:00 UTC.",
    ),
}
# A bucket may well hold the past only; whoever fills it is not to be told that it failed.
WARNINGS = frozenset({"today_present"})


def check_of(violation: Violation) -> str:
    """Return the check that a violation belongs to."""
    field, expected = violation.field, violation.expected
    if field == "sidecar":
        gone = "the sidecar is gone" in violation.found
        return "nothing_vanished" if gone else "sidecars_usable"
    if field == "date" and violation.found == "none":
        return "today_present"
    if field in ("id", "order") and violation.file.endswith(".json"):
        return "ids" if field == "order" or expected == "unique ids" else "sets_agree"
    if "premium track has none" in expected or "none for a premium" in expected:
        return "no_premium_address"
    if violation.index is None and field in ("key", "sha256", "bytes", "count"):
        return "root_agrees"
    if field == "objectKey" or (field in ("bytes", "sha256") and ".mp3" in expected):
        return "objects_exist"
    return "sets_agree" if (field, expected) == ("category", "one with a file") else "schema"


def newest_due(now: dt.datetime) -> dt.date:
    """Return the newest day whose tracks must be there at `now` (UTC)."""
    return (now - dt.timedelta(hours=DUE_HOUR_UTC)).date()


@dg.multi_asset_check(
    name="catalog_checks",
    specs=[
        dg.AssetCheckSpec(name, asset=asset_keys.catalog(catalog), description=promise)
        for name, (catalog, promise) in CHECKS.items()
    ],
)
def catalog_checks(bucket: BucketResource) -> Iterator[dg.AssetCheckResult]:
    """Validate the stored catalogs once, and report each promise."""
    from soundflow_assets.catalog.validate import validate_catalogs

    due = newest_due(dt.datetime.now(dt.UTC))
    with spoken_as_failures():
        validation = validate_catalogs(bucket.library(), expect_date=due, sample=SAMPLE)
    for name, (catalog, _) in CHECKS.items():
        found = [one for one in validation.violations if check_of(one) == name]
        yield dg.AssetCheckResult(
            asset_key=asset_keys.catalog(catalog),
            check_name=name,
            passed=not found,
            severity=(
                dg.AssetCheckSeverity.WARN if name in WARNINGS else dg.AssetCheckSeverity.ERROR
            ),
            description=_sentence(found),
            metadata={
                "violations": len(found),
                "generation": validation.generation or 0,
                "objects": validation.objects,
            },
        )


def _sentence(found: Sequence[Violation]) -> str:
    shown = "; ".join(map(str, found[:_SHOWN]))
    return f"{shown}; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else shown
