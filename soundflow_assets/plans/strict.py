"""What every configuration model is built of: a strict, frozen base, names and unit numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Unit = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A value that refuses keys it does not know and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
