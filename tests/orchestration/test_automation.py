"""Catalogs are rebuilt when tracks arrive, once a batch, and not otherwise."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from soundflow_assets.build import build_definitions
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.automation import catalog_automation
from soundflow_assets.settings import load_settings

# Of the function that evaluates conditions in tests.
pytestmark = pytest.mark.filterwarnings("ignore:Parameter `include_sources`")

STUDY = asset_keys.free_track("study_daily")
RELAX = asset_keys.free_track("relax_daily")
CATALOGS = 8


class Site:
    """A graph and its events, evaluated as the automation sensor would."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.definitions = build_definitions(settings=load_settings({}))
        self.instance = instance
        self.cursor: Any = None

    def tick(self) -> int:
        """Return how many assets and checks this evaluation asks for."""
        result = dg.evaluate_automation_conditions(
            self.definitions, instance=self.instance, cursor=self.cursor
        )
        self.cursor = result.cursor
        return result.total_requested

    def made(self, key: dg.AssetKey, partition: str) -> None:
        event = dg.AssetMaterialization(key, partition=partition)
        self.instance.report_runless_asset_event(event)


@pytest.fixture
def site() -> Iterator[Site]:
    with dg.DagsterInstance.ephemeral() as instance:
        made = Site(instance)
        assert made.tick() == 0
        yield made


def test_one_rebuild_for_a_batch(site: Site) -> None:
    for day in range(1, 9):
        site.made(STUDY, f"2025-01-{day:02d}")
        site.made(RELAX, f"2025-01-{day:02d}")
    assert site.tick() == CATALOGS
    assert site.tick() == 0


def test_a_date_long_past_counts_as_news(site: Site) -> None:
    site.made(STUDY, "2025-01-01")
    assert site.tick() == CATALOGS


def test_a_track_that_arrives_while_a_rebuild_is_asked_for_gives_another(site: Site) -> None:
    site.made(STUDY, "2025-01-01")
    assert site.tick() == CATALOGS
    site.made(STUDY, "2025-01-02")
    assert site.tick() == CATALOGS
    assert site.tick() == 0
    site.made(RELAX, "2025-01-03")
    assert site.tick() == CATALOGS
    assert site.tick() == 0


def test_missing_history_does_not_hold_the_catalogs_back(site: Site) -> None:
    site.made(STUDY, "2026-05-01")
    assert site.tick() == CATALOGS


def test_a_premium_track_found_in_the_bucket_is_news(site: Site) -> None:
    site.instance.add_dynamic_partitions("premium_tracks", ["focus_1"])
    site.made(asset_keys.PREMIUM_TRACK, "focus_1")
    assert site.tick() == CATALOGS


def test_progress_of_a_track_is_no_news(site: Site) -> None:
    observation = dg.AssetObservation(STUDY, partition="2025-01-01", description="render started")
    site.instance.report_runless_asset_event(observation)
    assert site.tick() == 0


def test_a_rebuild_does_not_wait_behind_the_dates_of_a_backfill() -> None:
    assert int(catalog_automation.run_tags["dagster/priority"]) > 0
