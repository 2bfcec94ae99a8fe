"""What of a plan goes into its file and onto its cover."""

from __future__ import annotations

import datetime as dt

from soundflow_assets.composition.score import Score, Section
from soundflow_assets.delivery.cover import brief_of, cover, draw_cover
from soundflow_assets.delivery.tags import tags_of
from soundflow_assets.plans.genre import GenreSpec
from soundflow_assets.plans.model import TrackPlan

PLAN = TrackPlan.model_construct(
    engine_version="7",
    seed=9007199254740993,
    tier="free",
    date=dt.date(2025, 1, 15),
    track_id="study_daily",
    category="Study",
    title="Quiet Arithmetic",
    plain_title="Study Daily - 2025-01-15",
    genre="lofi",
    bpm=84.5,
    key="Bbm",
    spec=GenreSpec.model_construct(genre="lofi", title="Lo-fi"),
)
SECTION = Section("groove", 0, 4, 0.0, 8.0, 0.5, ("lead",), "none")
SCORE = Score("", "lofi", "Bbm", 84.5, 60, 16, 10.0, 8.0, 4, (), (SECTION,), (), (), ())


def test_tags_tell_what_the_plan_says_and_how_to_make_it_again() -> None:
    tags = tags_of(PLAN, b"png", "CC-BY-4.0")
    assert (tags.title, tags.artist, tags.album) == (
        "Quiet Arithmetic", "SoundFlow", "SoundFlow Study",
    )  # fmt: skip
    assert (tags.genre, tags.bpm, tags.key) == ("Lo-fi", 84.5, "Bbm")
    assert tags.date == dt.date(2025, 1, 15)
    assert "Study Daily - 2025-01-15" in tags.comment
    assert "Seed 9007199254740993, engine version 7" in tags.comment
    assert dict(tags.extra) == {
        "SOUNDFLOW_ID": "free-2025-01-15-study_daily",
        "SOUNDFLOW_SEED": "9007199254740993",
        "SOUNDFLOW_ENGINE": "7",
        "LICENSE": "CC-BY-4.0",
    }


def test_without_a_licence_none_is_claimed() -> None:
    assert "LICENSE" not in dict(tags_of(PLAN, b"").extra)


def test_the_cover_shows_title_date_tempo_and_key() -> None:
    brief = brief_of(PLAN, SCORE)
    assert (brief.title, brief.category, brief.genre) == ("Quiet Arithmetic", "Study", "lofi")
    assert brief.facts == ("15 January 2025", "Lo-fi", "84.5 BPM", "Bb minor")
    assert cover(PLAN, SCORE) == draw_cover(brief)
