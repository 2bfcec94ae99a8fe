"""Whatever is wrong with stored catalogs fails the one check that promises it."""

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from published_tracks import BASE, make_track, publish

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.orchestration.checks.catalogs import (
    CHECKS,
    WARNINGS,
    catalog_checks,
    newest_due,
)
from soundflow_assets.orchestration.resources.bucket import BucketResource
from soundflow_assets.storage.local import LocalStore

ALL, FREE, PREMIUM = "catalog/all.json", "catalog/free.json", "catalog/premium.json"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Two free tracks and a premium one, listed; then only damaged."""
    for name in list(os.environ):
        if name.startswith(("SOUNDFLOW_", "R2_", "CATALOG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FREE_PUBLIC_BASE_URL", BASE)
    store = LocalStore(tmp_path)
    made = Library(store, store, BASE)
    for day in ("2025-01-15", "2025-01-16"):
        publish(made, day)
    publish(made, "2025-01-16", "focus", tier="premium")
    commit_catalogs(made)
    return made


AUDIT = dg.define_asset_job("audit", selection=dg.AssetSelection.checks(catalog_checks))


def failing(library: Library) -> set[str]:
    """Return the checks that do not pass on the bucket as it is."""
    bucket = BucketResource(folder=str(library.public.name))
    definitions = dg.Definitions(
        asset_checks=[catalog_checks], jobs=[AUDIT], resources={"bucket": bucket}
    )
    result = definitions.resolve_job_def("audit").execute_in_process()
    evaluations = result.get_asset_check_evaluations()
    assert {one.check_name for one in evaluations} == CHECKS.keys()
    for one in evaluations:
        # What fails says what is wrong; what passes says nothing.
        assert bool(one.description) is not one.passed
    return {one.check_name for one in evaluations if not one.passed} - WARNINGS


def edited(library: Library, key: str, change: Callable[[list[Any]], object]) -> None:
    """Change a catalog in place, in a way no commit would."""
    entries = json.loads(library.public.get(key).body)
    change(entries)
    library.public.put(key, json.dumps(entries).encode(), content_type="application/json")


def test_sound_catalogs_pass(library: Library) -> None:
    assert failing(library) == set()


@pytest.mark.parametrize(
    ("check", "key", "change"),
    [
        ("schema", ALL, lambda entries: entries[0].pop("bpm")),
        ("schema", FREE, lambda entries: entries[0].update(energyMin=101)),
        ("ids", FREE, lambda entries: entries.append(entries[0])),
        ("ids", FREE, lambda entries: entries.reverse()),
        ("sets_agree", ALL, lambda entries: entries.pop(0)),
        ("sets_agree", FREE, lambda entries: entries.pop(0)),
        ("no_premium_address", PREMIUM, lambda entries: entries[0].update(url=f"{BASE}/a.mp3")),
        ("root_agrees", ALL, lambda entries: entries[0].update(title="Another")),
    ],
)
def test_a_catalog_that_was_tampered_with(
    library: Library, check: str, key: str, change: Callable[[list[Any]], object]
) -> None:
    edited(library, key, change)
    assert check in failing(library)
    assert "root_agrees" in failing(library)


def test_an_audio_file_that_is_gone_or_another(library: Library) -> None:
    sidecar, _ = make_track("2025-01-15")
    library.public.put(sidecar.entry.object_key, b"something else entirely")
    assert failing(library) == {"objects_exist"}
    library.public.delete(sidecar.entry.object_key)
    assert failing(library) == {"objects_exist"}


def test_a_sidecar_that_is_gone_although_nobody_withdrew_the_track(library: Library) -> None:
    sidecar, _ = make_track("2025-01-15")
    library.public.delete(sidecar.key)
    commit_catalogs(library)
    assert failing(library) == {"nothing_vanished"}


def test_a_sidecar_that_cannot_be_read(library: Library) -> None:
    sidecar, _ = make_track("2025-01-17")
    library.public.put(sidecar.key, b"{")
    commit_catalogs(library)
    assert failing(library) == {"sidecars_usable"}


@pytest.mark.parametrize(
    ("now", "due"), [("2025-01-15T02:59", "2025-01-14"), ("2025-01-15T03:00", "2025-01-15")]
)
def test_todays_tracks_are_due_after_their_hour(now: str, due: str) -> None:
    assert newest_due(dt.datetime.fromisoformat(f"{now}+00:00")) == dt.date.fromisoformat(due)
