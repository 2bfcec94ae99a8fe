"""The shipped plan, every category, from configuration to catalogs: a day, and slowly a week."""

import itertools
from pathlib import Path

import pytest
from mutagen.id3 import ID3
from week import DAYS, SECONDS, Week, make

from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.validate import validate_catalogs
from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.publication import problems_of

ENTRIES = load_configs().plan.tracks


def test_every_track_passes_every_gate(week: Week) -> None:
    for made in week.tracks.values():
        assert [one.message for one in made.verdicts if not one.passed] == []
        assert {one.name for one in made.verdicts} >= {
            "decodes", "duration", "bitrate", "loudness", "true_peak", "silence", "stereo",
        }  # fmt: skip
        assert problems_of(week.library, made.published.sidecar) == []
        entry = made.published.sidecar.entry
        tags = ID3(Path(week.library.public.name) / entry.object_key)
        assert (str(tags["TIT2"]), str(tags["TKEY"])) == (entry.title, entry.key)


def test_the_catalogs_list_the_days(week: Week) -> None:
    validation = validate_catalogs(week.library, deep=True, expect_date=week.days[-1])
    assert [str(one) for one in validation.violations] == []
    assert validation.counts["all"] == validation.counts["free"] == 5 * len(week.days)
    for slug in ("deep-work", "study", "relax", "nature", "flow-state"):
        assert validation.counts[f"by-category/{slug}"] == len(week.days)
    assert validation.counts["premium"] == 0


def test_no_genre_is_another_renamed(week: Week) -> None:
    hashes = [made.pcm_sha256 for made in week.tracks.values()]
    assert len(hashes) == len(set(hashes)) == 5 * len(week.days)


def test_every_genre_of_the_rotation_is_played_in_a_week() -> None:
    configs = load_configs()
    played = {free_plan(configs, day, one.id).genre for day in DAYS for one in ENTRIES}
    assert played == set(configs.genres)


@pytest.mark.parametrize("track_id", [entry.id for entry in ENTRIES])
def test_no_two_days_of_a_category_share_harmony_groove_or_melody(track_id: str) -> None:
    configs = load_configs()
    scores = [compose(free_plan(configs, day, track_id)) for day in DAYS]
    for one, other in itertools.combinations(scores, 2):
        assert _harmony(one) != _harmony(other)
        assert _melody(one) != _melody(other)
        assert not one.hits or not other.hits or _groove(one) != _groove(other)


def test_making_a_track_again_changes_nothing(week: Week, tmp_path: Path) -> None:
    plan = free_plan(load_configs(), DAYS[2], "deep_work_daily", SECONDS)
    before = {info.key: info.etag for info in week.library.public.list()}
    again = make(week.library, plan, tmp_path)
    assert again.published.outcome == "unchanged"
    assert again.pcm_sha256 == week.tracks[DAYS[2], "deep_work_daily"].pcm_sha256
    assert not commit_catalogs(week.library).changed
    assert {info.key: info.etag for info in week.library.public.list()} == before


def _harmony(score: Score) -> tuple[object, ...]:
    return tuple((chord.beat, chord.symbol) for chord in score.chords)


def _groove(score: Score) -> tuple[object, ...]:
    return tuple((hit.beat, hit.sound, hit.velocity) for hit in score.hits)


def _melody(score: Score) -> tuple[object, ...]:
    return tuple((part.role, note.beat, note.pitch) for part in score.parts for note in part.notes)
