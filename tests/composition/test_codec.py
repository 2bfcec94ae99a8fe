"""A score survives its JSON, and a document that is not a score is refused in a sentence."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from soundflow_assets.composition.codec import score_from_json, score_to_json
from soundflow_assets.composition.compose import compose
from soundflow_assets.composition.score import Score
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.configs import Configs
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan


@pytest.fixture(scope="module")
def score() -> Score:
    return compose(genre_plan(load_configs(), "lofi", dt.date(2025, 1, 15), duration_s=30))


@pytest.mark.parametrize("genre", ["jazz", "classic", "ambient", "trance"])
def test_a_score_comes_back_unchanged(configs: Configs, genre: str) -> None:
    score = compose(genre_plan(configs, genre, dt.date(2025, 1, 15), duration_s=45))
    text = score_to_json(score)
    assert score_from_json(text) == score
    assert score_to_json(score_from_json(text)) == text


def test_the_document_says_what_it_is(score: Score) -> None:
    document = json.loads(score_to_json(score))
    assert (document["format"], document["version"]) == ("soundflow-score", 1)
    assert document["parts"][0]["notes"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other"}, "not a score document"),
        ({"version": 2}, "version 2 is not known; known: 1"),
        ({"version": None}, "version None is not known"),
        ({"tempo": 1}, "unknown field 'tempo'; known: bars, beat_times_s"),
        ({"bars": "many"}, "score: bars: "),
        ({"hits": [{"beat": 0}]}, r"score: hits\.0\.onset_s: "),
        ({"key": None}, "score: key: "),
    ],
)
def test_another_document_is_refused(score: Score, change: dict[str, object], says: str) -> None:
    document = json.loads(score_to_json(score)) | change
    with pytest.raises(BadInput, match=says):
        score_from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"score"'])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=re.compile("not JSON|not a score document")):
        score_from_json(text)
