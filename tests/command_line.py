"""The command line as tests call it: what it said and how it ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return stdout as the one JSON object it must be."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


Soundflow = Callable[..., Answer]
