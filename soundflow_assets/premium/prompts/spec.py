"""What a prompt says, as fields: the common ground between an operator's words and every model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.key import parse_key

Phrase = Annotated[str, Field(min_length=2, max_length=60)]


class PromptSpec(BaseModel):
    """A piece of music in words. Empty fields are open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    genre: Phrase
    moods: Annotated[tuple[Phrase, ...], Field(max_length=6)] = ()
    energy: Annotated[int, Field(ge=0, le=100)] = 50
    bpm: Annotated[float, Field(ge=0, le=300)] | None = None  # 0: no beat
    key: str | None = None
    metre: Annotated[int, Field(ge=2, le=12)] = 4
    instruments: Annotated[tuple[Phrase, ...], Field(max_length=8)] = ()
    production: Annotated[tuple[Phrase, ...], Field(max_length=6)] = ()
    structure: Annotated[tuple[Phrase, ...], Field(max_length=4)] = ()
    exclusions: Annotated[tuple[Phrase, ...], Field(max_length=8)] = ()
    vocals: bool = False

    @field_validator("key")
    @classmethod
    def _key_is_one(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return str(parse_key(value))
        except BadInput as error:
            raise ValueError(str(error)) from None


def spec_from(fields: dict[str, Any]) -> PromptSpec:
    """Return a spec of these fields; `BadInput` names the first that is wrong."""
    try:
        return PromptSpec.model_validate(fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise BadInput(f"prompt spec: {place}: {problem['msg']}") from None
