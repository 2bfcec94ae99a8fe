"""What may be asked for, and the plan that it means."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from soundflow_assets.plans.model import MIN_DURATION_S

if TYPE_CHECKING:
    from soundflow_assets.plans.configs import Configs
    from soundflow_assets.plans.model import TrackPlan

LONGEST_S = 600.0  # a service must not be kept busy for an hour by one wish
MAX_SEED = 2**53 - 1  # what JavaScript's numbers hold


class SongRequest(BaseModel):
    """A wish for a track: a category, a genre, or both; the rest follows from the plan."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    category: Annotated[
        str | None,
        Field(max_length=64, description="name or slug", examples=["deep-work"]),
    ] = None
    genre: Annotated[
        str | None,
        Field(max_length=64, description="without it, the category's own", examples=["lofi"]),
    ] = None
    duration_seconds: Annotated[float, Field(ge=MIN_DURATION_S, le=LONGEST_S, examples=[60])] = 180
    seed: Annotated[
        int | None,
        Field(ge=0, le=MAX_SEED, description="the same seed gives the same track that day"),
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> SongRequest:
        if self.category is None and self.genre is None:
            raise ValueError("give category, genre, or both")
        return self


def plan_of(configs: Configs, wish: SongRequest, date: dt.date) -> TrackPlan:
    """Return the plan of the track that is wished for; nothing is rendered.

    Raises
    ------
    BadInput
        For a category or genre there is not, with the known ones.
    """
    from soundflow_assets.plans.resolve import free_plan, genre_plan

    if wish.genre is not None:
        found = genre_plan(
            configs, wish.genre, date, wish.seed, wish.duration_seconds, wish.category
        )
    else:
        found = free_plan(configs, date, str(wish.category), wish.duration_seconds, wish.seed)
    # The loop is for endless mode, which plays what is in the catalogs.
    return found.model_copy(update={"outputs": ()})
