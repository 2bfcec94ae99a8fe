"""How all public documents are modelled: camelCase on the outside, strict types, known fields only.

Fields a reader does not know are ignored, so that documents may gain fields; they are not passed
on either, so that nothing reaches a public document that was not modelled as public.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from soundflow_assets.catalog.canonical import canonical
from soundflow_assets.errors import BadInput
from soundflow_assets.storage.keys import check_key


def _checked_key(value: object) -> object:
    if isinstance(value, str):
        try:
            check_key(value)
        except BadInput as error:
            raise ValueError(str(error)) from None
    return value


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, BeforeValidator(_checked_key), Field(min_length=1, max_length=1024)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Count = Annotated[int, Field(ge=0)]


class Document(BaseModel):
    """A value that is written to the bucket as JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
    )

    def to_bytes(self) -> bytes:
        """Return its canonical JSON; fields without a value are left out."""
        return canonical(self.model_dump(mode="json", by_alias=True, exclude_none=True))


_Model = TypeVar("_Model", bound=Document)


def parse_document(model: type[_Model], data: bytes, name: str) -> _Model:
    """Parse a document; `BadInput` names every field that is wrong, and how."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise BadInput(f"{name}: {'; '.join(field_problems(error))}") from None


def field_problems(error: ValidationError) -> list[str]:
    """Return one sentence for each wrong field."""
    return [
        f"{'.'.join(map(str, problem['loc'])) or 'document'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
