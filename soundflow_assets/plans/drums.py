"""The drums block of a genre: kits, lanes with their grids, fills and the rumble."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from soundflow_assets.plans.strict import Name, Strict, Unit

Grid = Annotated[str, Field(pattern=r"^[XxogfF8a.\-| ]+$")]
Fill = Literal[
    "snare_roll", "snare_swell", "tom_run", "open_hat_swap", "rim_ghosts", "kick_drop",
    "hat_triplet", "snare_flam", "half_bar_rest", "conga_run", "brush_swirl", "ride_lift",
    "shaker_push", "break_slip",
]  # fmt: skip


class Lane(Strict):
    """One drum sound: its grids (one is drawn per track) and when it plays."""

    grids: Annotated[tuple[Grid, ...], Field(min_length=1)]
    from_energy: Unit = 0.0
    pan: Annotated[float, Field(ge=-1, le=1)] = 0.0
    gain_db: Annotated[float, Field(ge=-24, le=12)] = 0.0
    chance: Unit = 1.0  # of soft and ghost steps, so that bars differ


class Rumble(Strict):
    """The kick's answer in a dark room, kept below the kick: the rolling low end of techno."""

    loudness_lu: float = -14.0  # integrated, relative to the mix
    t60_s: Annotated[float, Field(ge=0.2, le=4)] = 1.2
    lowpass_hz: Annotated[float, Field(ge=60, le=250)] = 120.0
    duck_db: Annotated[float, Field(ge=0, le=18)] = 6.0


class Drums(Strict):
    """The kit and its lanes; a genre without a kit leaves `kits` empty."""

    kits: tuple[Name, ...] = ()
    steps: Literal[12, 16] = 16  # 12 = triplet grid
    lanes: dict[Name, Lane] = Field(default_factory=dict)
    fills: tuple[Fill, ...] = ()
    loudness_lu: float = -5.0
    reverb: Unit = 0.1
    rumble: Rumble | None = None

    @model_validator(mode="after")
    def _whole(self) -> Drums:
        if bool(self.kits) != bool(self.lanes):
            raise ValueError("kits and lanes go together: give both or neither")
        for sound, lane in self.lanes.items():
            for grid in lane.grids:
                length = sum(1 for mark in grid if mark not in " |")
                if length % self.steps:
                    raise ValueError(
                        f"lanes.{sound}: grid {grid!r} has {length} steps, not a multiple of "
                        f"{self.steps}"
                    )
        return self
