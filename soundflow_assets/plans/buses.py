"""The room, the echo and the master bus of a genre."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from soundflow_assets.plans.strict import Strict, Unit


class Reverb(Strict):
    """The shared space."""

    t60_s: Annotated[float, Field(ge=0.2, le=12)] = 1.8
    predelay_ms: Annotated[float, Field(ge=0, le=80)] = 20.0
    damping_hz: Annotated[float, Field(ge=500, le=16000)] = 7000.0


class Delay(Strict):
    """A tempo-locked ping-pong delay."""

    beats: Annotated[float, Field(gt=0, le=16)] = 0.75
    feedback: Annotated[float, Field(ge=0, le=0.75)] = 0.35


class MasterBus(Strict):
    """What the whole mix goes through before loudness."""

    glue_db: Annotated[float, Field(ge=0, le=3)] = 1.5
    saturation: Unit = 0.15
    tape: Unit = 0.0  # wow, flutter, head bump and a softer top
    tilt_db: Annotated[float, Field(ge=-6, le=6)] = 0.0  # +: brighter
    headroom_db: Annotated[float, Field(ge=0, le=3)] = 0.0  # more, where decoding raises peaks more
