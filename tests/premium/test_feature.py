"""A day without a premium track features an older one, and says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from published_tracks import make_track

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import publish_track
from soundflow_assets.errors import BadInput
from soundflow_assets.premium.feature import feature_again
from soundflow_assets.storage.local import LocalStore


@pytest.fixture
def library(tmp_path: Path) -> Library:
    store = LocalStore(tmp_path)
    return Library(public=store, premium=store, public_base_url="https://media.example")


def publish(library: Library, date: str, track_id: str) -> None:
    sidecar, files = make_track(date=date, track_id=track_id, tier="premium")
    publish_track(library.premium, sidecar, files)


def test_the_track_that_was_shown_longest_ago_is_featured(library: Library) -> None:
    publish(library, "2026-01-01", "one")
    publish(library, "2026-01-02", "two")
    shown = []
    for day in (3, 4, 5):
        done = feature_again(library, dt.date(2026, 1, day))
        assert done is not None
        entry = done.sidecar.entry
        assert entry.date == dt.date(2026, 1, day)
        assert entry.id.endswith("_again")
        shown.append(entry.featured_from)
    assert shown == [
        "premium-2026-01-01-one",
        "premium-2026-01-02-two",
        "premium-2026-01-01-one",
    ]


def test_a_day_with_a_track_of_its_own_is_left_alone(library: Library) -> None:
    publish(library, "2026-01-01", "one")
    assert feature_again(library, dt.date(2026, 1, 1)) is None
    assert feature_again(library, dt.date(2026, 1, 2)) is not None
    assert feature_again(library, dt.date(2026, 1, 2)) is None


def test_catalogs_list_what_is_featured_as_such(library: Library) -> None:
    publish(library, "2026-01-01", "one")
    feature_again(library, dt.date(2026, 1, 2))
    done = commit_catalogs(library)
    assert not done.problems
    import json

    listed = json.loads(library.public.get("catalog/premium.json").body)
    assert [one.get("featuredFrom") for one in listed] == ["premium-2026-01-01-one", None]
    assert listed[0]["sha256"] == listed[1]["sha256"]
    assert "url" not in listed[0]


def test_nothing_to_feature_is_said(library: Library) -> None:
    with pytest.raises(BadInput, match="no older premium track"):
        feature_again(library, dt.date(2026, 1, 2))
