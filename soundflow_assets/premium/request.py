"""What an operator asks for: one premium track, validated before anything is started.

The same model stands behind every door: run config in the Dagster UI, the command, and an object
under `requests/premium/`. Field names are those of the guide's workflow; JSON outside is the same.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from soundflow_assets.catalog.canonical import canonical
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.validate import nearest
from soundflow_assets.premium.models import DEFAULT_MODEL, find_model
from soundflow_assets.storage.keys import CATEGORIES, TrackRef, category_slug, check_track_id

Provider = Literal["local", "manual", "modal", "replicate", "runpod"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)
BackendName = Literal["auto", "transformers", "audiocraft", "acestep"]

MIN_S, MAX_S, DEFAULT_S = 10.0, 900.0, 180.0
MAX_PROMPT = 2000  # characters; the token limit is the model's own


class Finishing(BaseModel):
    """What may be done to the sound beyond the house chain; unset takes the prompt's own flags."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    binaural_hz: Annotated[float, Field(ge=1, le=40)] | None = None  # beat; only on headphones
    binaural_base_hz: Annotated[float, Field(ge=80, le=400)] = 180.0
    binaural_mix: Annotated[float, Field(ge=0, le=0.3)] = 0.12  # of the music's RMS
    sidechain: Annotated[float, Field(ge=0, le=1)] = 0.0  # depth; locked to the measured beat
    exciter: Annotated[float, Field(ge=0, le=1)] = 0.0  # above what the codec keeps
    fade_in_ms: Annotated[int, Field(ge=0, le=10_000)] = 1500
    fade_out_ms: Annotated[int, Field(ge=30, le=20_000)] = 3000


class PremiumRequest(BaseModel):
    """One premium track as asked for; complete, so that it can be made again from this alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    track_id: str
    category: str
    date: dt.date  # the day it is published under
    duration: Annotated[float, Field(ge=MIN_S, le=MAX_S, allow_inf_nan=False)] = DEFAULT_S
    model: str = DEFAULT_MODEL
    gpu_provider: Provider = "local"
    backend: BackendName = "auto"
    title: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    prompt: Annotated[str, Field(min_length=3, max_length=MAX_PROMPT)] | None = None
    prompt_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    enhance: Literal["offline", "llm", "off"] = "offline"
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None  # None: from the id and the date
    bpm: Annotated[float, Field(ge=0, le=300)] | None = None  # 0: no beat
    key: str | None = None
    finishing: Finishing | None = None
    # A run for a channel marked commercial with weights that forbid it needs this said out loud.
    acknowledge_noncommercial: bool = False
    revision: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @field_validator("track_id")
    @classmethod
    def _id_is_safe(cls, value: str) -> str:
        return str(_spoken(check_track_id, value))

    @field_validator("category", mode="before")
    @classmethod
    def _category_is_one(cls, value: object) -> str:
        slugs = {category_slug(category): category for category in CATEGORIES}
        text = str(value).strip().lower().replace("_", "-").replace(" ", "-")
        if text not in slugs:
            raise ValueError(
                f"unknown category {value!r}; allowed: {', '.join(CATEGORIES)}"
                + nearest(str(value), CATEGORIES)
            )
        return slugs[text]

    @field_validator("model")
    @classmethod
    def _model_is_known(cls, value: str) -> str:
        _spoken(find_model, value)
        return value

    @field_validator("gpu_provider", mode="before")
    @classmethod
    def _provider_is_known(cls, value: object) -> object:
        if value not in PROVIDERS:
            raise ValueError(f"unknown provider {value!r}; allowed: {', '.join(PROVIDERS)}")
        return value

    @field_validator("key")
    @classmethod
    def _key_is_one(cls, value: str | None) -> str | None:
        return None if value is None else str(_spoken(parse_key, value))

    @property
    def ref(self) -> TrackRef:
        """The track's place in the bucket."""
        return TrackRef("premium", self.date, self.track_id)

    def to_bytes(self) -> bytes:
        """Return its canonical JSON; fields without a value are left out."""
        return canonical(self.model_dump(mode="json", exclude_none=True))


def make_request(fields: dict[str, Any], where: str = "premium request") -> PremiumRequest:
    """Return a request of these fields.

    Raises
    ------
    BadInput
        A line for each wrong field, with what is allowed; `where` names the door it came through.
    """
    try:
        return PremiumRequest.model_validate(
            {name: value for name, value in fields.items() if value is not None}
        )
    except ValidationError as error:
        raise BadInput("\n".join(f"{where}: {line}" for line in _sentences(error))) from None


def parse_request(data: bytes, where: str, track_id: str, today: dt.date) -> PremiumRequest:
    """Read a request object; its name stands for a missing track_id, `today` for a missing date.

    Raises
    ------
    BadInput
        When it is no JSON object, a field is wrong, or it names another track than its key does.
    """
    import json

    try:
        fields = json.loads(data)
    except ValueError as error:
        raise BadInput(f"{where}: not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise BadInput(f"{where}: expected a JSON object with category, duration, model, …")
    request = make_request({"track_id": track_id, "date": today, **fields}, where)
    if request.track_id != track_id:
        raise BadInput(f"{where}: track_id is {request.track_id!r}; the object's name says another")
    return request


def _sentences(error: ValidationError) -> list[str]:
    known = ", ".join(PremiumRequest.model_fields)
    lines = []
    for problem in error.errors(include_url=False):
        place = ".".join(map(str, problem["loc"])) or "request"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"there is no such field; allowed: {known}"
        if place == "duration":
            message = f"{problem['input']!r}: expected {MIN_S:g} to {MAX_S:g} seconds"
        lines.append(f"{place}: {message}")
    return lines


def _spoken(check: Any, value: str) -> Any:
    """Let pydantic collect our refusals with its own."""
    try:
        return check(value)
    except BadInput as error:
        raise ValueError(str(error)) from None
