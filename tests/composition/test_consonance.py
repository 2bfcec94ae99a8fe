"""Parts do not grate against each other."""

import datetime as dt

import pytest

from soundflow_assets.composition.compose import compose
from soundflow_assets.listening.notes import clash_share
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan

CONFIGS = load_configs()


@pytest.mark.parametrize("genre", sorted(CONFIGS.genres))
def test_minor_seconds_and_ninths_sound_in_less_than_a_hundredth_of_the_time(genre):
    for day in (15, 16):
        score = compose(genre_plan(CONFIGS, genre, dt.date(2026, 1, day)))
        notes = sorted((n for part in score.parts for n in part.notes), key=lambda n: n.onset_s)
        # An improviser's passing tones may rub.
        assert clash_share(notes) <= (0.04 if genre == "jazz" else 0.01)
