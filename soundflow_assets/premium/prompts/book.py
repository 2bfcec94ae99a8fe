"""`premium_prompts.yaml`: the prompts an operator can choose by id, validated in one place."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.load import default_root
from soundflow_assets.plans.strict import Name, Strict
from soundflow_assets.plans.validate import nearest, validated
from soundflow_assets.plans.yaml_file import read_yaml
from soundflow_assets.premium.request import Finishing
from soundflow_assets.storage.keys import CATEGORIES

FILE = "premium_prompts.yaml"
Percent = Annotated[int, Field(ge=0, le=100)]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Prompt(Strict):
    """One prompt with what is known of the music it asks for."""

    id: Name
    title: Annotated[str, Field(min_length=1, max_length=120)]
    category: str
    genre: Name
    prompt: Annotated[str, Field(min_length=20, max_length=600)]
    bpm: Annotated[float, Field(ge=0, le=300)]  # 0: no beat
    key: str
    goalTags: tuple[Tag, ...]  # noqa: N815  the guide's spelling
    natureTags: tuple[Tag, ...] = ()  # noqa: N815
    energyMin: Percent  # noqa: N815
    energyMax: Percent  # noqa: N815
    ambienceMin: Percent  # noqa: N815
    ambienceMax: Percent  # noqa: N815
    finishing: Finishing = Finishing()

    @field_validator("category")
    @classmethod
    def _category_is_one(cls, value: str) -> str:
        if value not in CATEGORIES:
            allowed = ", ".join(CATEGORIES)
            raise ValueError(f"unknown category {value!r}; allowed: {allowed}")
        return value

    @field_validator("key")
    @classmethod
    def _key_is_one(cls, value: str) -> str:
        try:
            return str(parse_key(value))
        except BadInput as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _ranges_rise(self) -> Prompt:
        if self.energyMin > self.energyMax or self.ambienceMin > self.ambienceMax:
            raise ValueError("energy and ambience: Min is above Max")
        return self


class PromptBook(Strict):
    """All prompts of the file."""

    version: Literal[3]
    prompts: Annotated[tuple[Prompt, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> PromptBook:
        ids = [prompt.id for prompt in self.prompts]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"prompts: id {twice[0]!r} stands twice")
        for category in CATEGORIES:
            if not self.of(category):
                raise ValueError(f"prompts: none for the category {category!r}")
        return self

    def of(self, category: str) -> tuple[Prompt, ...]:
        """Return a category's prompts, in the file's order."""
        return tuple(prompt for prompt in self.prompts if prompt.category == category)

    def find(self, prompt_id: str) -> Prompt:
        """Return the prompt of this id.

        Raises
        ------
        BadInput
            When there is none; lists the known ids.
        """
        for prompt in self.prompts:
            if prompt.id == prompt_id:
                return prompt
        known = [prompt.id for prompt in self.prompts]
        raise BadInput(
            f"prompt_id: no prompt {prompt_id!r}; known: {', '.join(known)}"
            + nearest(prompt_id, known)
        )


def load_prompts(root: Path | None = None) -> PromptBook:
    """Read the prompt book of a configuration folder; the shipped one where it has none.

    Raises
    ------
    BadInput
        A line for each problem, with file and place.
    """
    folder = default_root() if root is None else root
    path = folder / FILE
    if not path.is_file():
        path = default_root() / FILE
    return _loaded(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=2)
def _loaded(path: Path, _modified: int) -> PromptBook:
    where = f"{path.parent.name}/{path.name}"
    return validated(PromptBook, read_yaml(path, where), where)
