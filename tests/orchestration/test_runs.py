"""Whole runs in this process, on a local bucket, with tracks of ten seconds."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from configured import ONLY_BASS, SILENCE, configs_with

from soundflow_assets.build import build_definitions
from soundflow_assets.catalog.library import Library, open_library
from soundflow_assets.orchestration import asset_keys
from soundflow_assets.orchestration.assets import free
from soundflow_assets.orchestration.instance import OpenInstance
from soundflow_assets.orchestration.launch import RunOutcome, make_catalogs, make_day
from soundflow_assets.orchestration.resources.progress import Audience
from soundflow_assets.progress import STAGES, StageEvent
from soundflow_assets.settings import load_settings

MONDAY = dt.date(2025, 1, 13)
SECONDS = 10.0


class Site:
    """A bucket, a graph and an instance of their own."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.events: list[StageEvent] = []
        self.opened = OpenInstance(instance, {})
        self.settings = load_settings()
        self.definitions = build_definitions(
            settings=self.settings, resource_overrides={"audience": Audience(self.events.append)}
        )

    @property
    def library(self) -> Library:
        return open_library(self.settings)

    def make(self, date: dt.date, *track_ids: str) -> RunOutcome:
        return make_day(self.definitions, self.opened, date, track_ids, SECONDS)

    def catalogs(self) -> RunOutcome:
        return make_catalogs(self.definitions, self.opened)

    def published(self) -> list[str]:
        return [info.key for info in self.library.public.list("audio/")]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "bucket"))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, instance: dg.DagsterInstance) -> Site:
    return Site(tmp_path, instance)


def test_a_run_leaves_what_the_listening_desk_shows(site: Site) -> None:
    outcome = site.make(MONDAY, "study_daily")
    assert outcome.succeeded
    [step] = outcome.steps
    for number in ("loudness_lufs", "true_peak_dbtp", "duration_s", "bytes", "render_cpu_s", "bpm"):
        assert isinstance(step.metadata[number], int | float)
    assert step.metadata["object_key"] in site.published()
    assert str(step.metadata["listen"]).endswith(str(step.metadata["object_key"]))
    # Shown in place only while the whole text is shorter than this.
    assert len(str(step.metadata["picture"])) < 1000
    assert str(step.metadata["picture"]).startswith("![waveform](data:image/svg+xml;base64,")
    assert len(str(step.metadata["spectrogram"])) < 40_000


def test_every_promise_is_reported_for_its_own_day(site: Site) -> None:
    site.make(MONDAY, "study_daily")
    storage = site.opened.instance.event_log_storage
    for name in free.CHECKS:
        key = dg.AssetCheckKey(asset_keys.free_track("study_daily"), name)
        [record] = storage.get_asset_check_execution_history(key, limit=9)
        assert record.status.value == "SUCCEEDED"
        assert record.partition == MONDAY.isoformat()


def test_stages_are_told_in_order_to_log_and_audience(site: Site) -> None:
    site.make(MONDAY, "study_daily")
    started = [event.stage for event in site.events if event.progress == 0.0]
    assert list(dict.fromkeys(started)) == list(STAGES)
    observations = site.opened.instance.fetch_observations(
        asset_keys.free_track("study_daily"), limit=50
    )
    told = [record.asset_observation for record in reversed(observations.records)]
    assert [one.metadata["stage"].value for one in told if one and one.metadata] == [
        event.stage for event in site.events if event.progress in (0.0, 1.0)
    ]


def test_one_failed_category_keeps_nobody_else_from_being_listed(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(configs_with(tmp_path, relax_daily=SILENCE)))
    site = Site(tmp_path, instance)
    outcome = site.make(MONDAY, "study_daily", "relax_daily", "nature_daily")
    errors = {step.key.path[-1]: step.error for step in outcome.steps}
    assert "no stem sounds" in errors.pop("relax_daily")
    assert errors == {"study_daily": "", "nature_daily": ""}
    catalogs = site.catalogs()
    assert catalogs.succeeded
    counts = {step.key.path[-1]: step.metadata["tracks"] for step in catalogs.steps}
    assert (counts["free"], counts["study"], counts["relax"]) == (2, 1, 0)


def test_a_track_that_fails_a_gate_is_never_uploaded(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUNDFLOW_CONFIGS", str(configs_with(tmp_path, study_daily=ONLY_BASS)))
    site = Site(tmp_path, instance)
    outcome = site.make(MONDAY, "study_daily")
    [step] = outcome.steps
    assert "is not published: silence" in step.error
    assert step.refused
    assert any("study_daily: silence" in check for check in outcome.failed_checks)
    assert site.published() == []
    # Composing it again would give the same track: nobody is to try.
    assert not instance.all_logs(outcome.run_id, of_type=dg.DagsterEventType.STEP_UP_FOR_RETRY)


def test_three_days_and_the_catalogs_list_all_of_them(site: Site) -> None:
    days = [MONDAY + dt.timedelta(days=number) for number in range(3)]
    for day in days:
        assert site.make(day, "nature_daily").succeeded
    catalogs = site.catalogs()
    assert catalogs.succeeded
    listed = site.library.public.get("catalog/by-category/nature.json").body.decode()
    assert all(f"free-{day}-nature_daily" in listed for day in days)
    made = site.opened.instance.get_materialized_partitions(asset_keys.free_track("nature_daily"))
    assert made == {day.isoformat() for day in days}


def test_the_same_day_again_changes_nothing(site: Site) -> None:
    first = site.make(MONDAY, "study_daily")
    site.catalogs()
    before = {info.key: info.etag for info in site.library.public.list()}
    second = site.make(MONDAY, "study_daily")
    site.catalogs()
    assert {info.key: info.etag for info in site.library.public.list()} == before
    assert first.steps[0].metadata["pcm_sha256"] == second.steps[0].metadata["pcm_sha256"]


def test_catalogs_can_be_rebuilt_with_an_empty_instance(site: Site) -> None:
    site.make(MONDAY, "study_daily")
    with dg.DagsterInstance.ephemeral() as empty:
        outcome = make_catalogs(site.definitions, OpenInstance(empty, {}))
    assert outcome.succeeded
    assert {step.metadata["tracks"] for step in outcome.steps} == {0, 1}


def test_catalogs_of_a_bucket_that_cannot_be_written_fail_in_one_sentence(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SOUNDFLOW_BUCKET", str(tmp_path / "file" / "bucket"))
    site = Site(tmp_path, instance)
    outcome = site.catalogs()
    assert {step.error for step in outcome.steps} == {outcome.steps[0].error}
    assert str(tmp_path / "file") in outcome.steps[0].error
    assert "\n" not in outcome.steps[0].error
