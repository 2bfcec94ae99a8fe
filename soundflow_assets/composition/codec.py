"""Score to JSON and back, without loss.

The document is `{"format": "soundflow-score", "version": 1, ...fields of Score}`; tuples are lists.
A reader refuses a document of another format or version, or one with fields missing or unknown,
and says which.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from soundflow_assets.composition.score import Score
from soundflow_assets.errors import BadInput

FORMAT = "soundflow-score"
VERSION = 1

_ADAPTER: TypeAdapter[Score] = TypeAdapter(Score)


def score_to_json(score: Score) -> str:
    """Return the score as one JSON document, the same text for the same score."""
    document = {"format": FORMAT, "version": VERSION, **asdict(score)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def score_from_json(text: str) -> Score:
    """Return the score of a document made by `score_to_json`.

    Raises
    ------
    BadInput
        Not JSON, another format or version, or a field missing, unknown or of the wrong kind.
    """
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        raise BadInput(f"score: not JSON: {error}") from None
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise BadInput(f"score: not a score document; expected format {FORMAT!r}")
    version = document.pop("version", None)
    if version != VERSION:
        raise BadInput(f"score: version {version!r} is not known; known: {VERSION}")
    known = set(Score.__dataclass_fields__)
    if unknown := sorted(set(document) - known):
        raise BadInput(f"score: unknown field {unknown[0]!r}; known: {', '.join(sorted(known))}")
    try:
        return _ADAPTER.validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise BadInput(f"score: {place}: {first['msg']}") from None
