"""The free plan as written by the operator, and the plan of one track as the engine takes it.

`FreePlan` mirrors `generator_configs/free_daily_plan.yaml` field by field. `TrackPlan` is one
track's full recipe: the engine reads nothing else, so the same plan always gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.genre import GenreSpec, InstrumentName
from soundflow_assets.plans.key import parse_key
from soundflow_assets.plans.strict import Name, Strict
from soundflow_assets.plans.targets import CategoryTargets

Percent = Annotated[int, Field(ge=0, le=100)]
Curve = Literal["linear", "build", "drop", "peak"]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
TrackId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
Output = Literal["loop", "stems"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Bpm = Annotated[float, Field(ge=40, le=220)]
DurationS = Annotated[float, Field(ge=10, le=3600)]
MIN_DURATION_S = 10.0
MAX_DURATION_S = 3600.0
CANDIDATES = 3  # scores composed for one plan, of which the best is kept


def _key_name(text: str) -> str:
    """Return the usual name of a key; `ValueError`, so that validation can say where it stood."""
    try:
        return str(parse_key(text))
    except BadInput as error:
        raise ValueError(str(error)) from None


class Layers(Strict):
    """Weights: 0 mutes, otherwise gain = 20·log10(w/70) dB."""

    drums: Percent
    bass: Percent
    music: Percent
    pad: Percent


class Synth(Strict):
    """Tone of the pitched parts, each 0 to 100: 50 is the genre's own sound."""

    cutoff: Percent  # brightness of the buses' low-pass filters
    resonance: Percent  # their peak at the cutoff
    drive: Percent  # saturation
    space: Percent  # reverb and delay sends


class Ambience(Strict):
    """Levels of the noise beds against each other, 0 mutes."""

    rain: Percent = 0
    vinyl: Percent = 0
    white: Percent = 0


class Modulation(Strict):
    """A shallow, sine-shaped swell of the pads' level, locked to the tempo or at a rate of its own.

    Off unless an entry asks for it. At most 35 % deep, so that it stays a shimmer and is never
    heard as a stutter.
    """

    depth_percent: Annotated[float, Field(ge=0, le=35)]  # how far the level falls
    rate_hz: Annotated[float, Field(ge=12, le=20)] | None = None  # None: thirty-second notes


class Rotated(Strict):
    """A genre of the rotation with its own tempo or key."""

    genre: Name
    bpm: Bpm | None = None
    key: str | None = None

    @field_validator("key")
    @classmethod
    def _key(cls, value: str | None) -> str | None:
        return None if value is None else _key_name(value)


class PlanEntry(Strict):
    """One site category's daily track."""

    id: TrackId
    siteCategory: str  # noqa: N815  the plan's field names are the guide's
    genre: Name
    bpm: Bpm
    key: str
    curve: Curve
    layers: Layers
    synth: Synth
    ambience: Ambience
    modulation: Modulation | None = None
    energyMin: Percent  # noqa: N815
    energyMax: Percent  # noqa: N815
    ambienceMin: Percent  # noqa: N815
    ambienceMax: Percent  # noqa: N815
    goalTags: tuple[Tag, ...]  # noqa: N815
    natureTags: tuple[Tag, ...]  # noqa: N815
    target_lufs: Annotated[float, Field(ge=-30, le=-8)] | None = None
    listening: CategoryTargets = CategoryTargets()

    @field_validator("key")
    @classmethod
    def _key(cls, value: str) -> str:
        return _key_name(value)

    @model_validator(mode="after")
    def _ranges(self) -> PlanEntry:
        if self.energyMin > self.energyMax:
            raise ValueError(f"energyMin {self.energyMin} is above energyMax {self.energyMax}")
        if self.ambienceMin > self.ambienceMax:
            raise ValueError(
                f"ambienceMin {self.ambienceMin} is above ambienceMax {self.ambienceMax}"
            )
        return self


class Defaults(Strict):
    """What holds for every entry that does not say otherwise."""

    duration_sec: DurationS = 180
    channels: Literal[2] = 2
    target_lufs: Annotated[float, Field(ge=-30, le=-8)] = -14.0
    export_bitrate: Literal["128k", "192k", "256k", "320k"] = "192k"
    outputs: tuple[Output, ...] = ("loop",)  # files made beside the MP3 and what belongs to it

    @field_validator("outputs")
    @classmethod
    def _each_once(cls, value: tuple[Output, ...]) -> tuple[Output, ...]:
        twice = next((name for name in value if value.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} stands twice")
        return value


class LongForm(Strict):
    """From which length on a track is a programme of movements, and how those follow each other."""

    from_sec: Annotated[float, Field(ge=240, le=420)] = 360
    movement_sec: Annotated[float, Field(ge=120, le=270)] = 225  # about as long as a movement is
    blend_bars: Annotated[int, Field(ge=8, le=16, multiple_of=8)] = 8  # shared by two neighbours


class FreePlan(Strict):
    """`free_daily_plan.yaml`."""

    version: Literal[1]
    defaults: Defaults = Defaults()
    programme: LongForm = LongForm()
    tracks: Annotated[tuple[PlanEntry, ...], Field(min_length=1)]
    genre_rotation: dict[Name, dict[Weekday, Name | Rotated]]

    @model_validator(mode="after")
    def _unique(self) -> FreePlan:
        for what, values in (
            ("id", [entry.id for entry in self.tracks]),
            ("siteCategory", [entry.siteCategory for entry in self.tracks]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"tracks: {what} {twice[0]!r} stands twice")
        return self


Params = dict[Name, float | int | bool | str | tuple[float, ...]]


class Bed(Strict):
    """One nature or noise bed, with its level against the other beds in dB."""

    name: Name
    gain_db: float
    params: Params = Field(default_factory=dict)


class Choices(Strict):
    """What was drawn for this track out of the genre's material."""

    progression: Name
    instrument_set: Name
    form: Name
    kit: Name | None
    lanes: dict[Name, int]  # drum sound -> index of its grid
    parts: dict[Name, int]  # role -> index of its grid
    motif: int  # seed of the melodic motif
    swing: float  # percent


class Movement(Strict):
    """A stretch of a long programme, composed and played like a track of its own."""

    seed: int
    key: str
    start_bar: int  # of the programme; the bars of a blend count for both neighbours
    duration_s: DurationS  # with what rings on
    energy_min: Percent
    energy_max: Percent
    choices: Choices
    kit: dict[Name, Params]


class Programme(Strict):
    """The movements of a long track."""

    blend_bars: int
    movements: Annotated[tuple[Movement, ...], Field(min_length=2)]


class TrackPlan(Strict):
    """One track, complete: a pure function of (configuration, engine version, date, category)."""

    engine_version: str
    seed: int
    candidate: Annotated[int, Field(ge=0, lt=CANDIDATES)] | None = None  # None: not yet chosen
    tier: Literal["free", "premium"] = "free"
    date: dt.date
    track_id: TrackId
    category: str
    title: str
    plain_title: str
    genre: Name
    bpm: Bpm
    key: str
    duration_s: DurationS
    curve: Curve
    energy_min: Percent
    energy_max: Percent
    ambience_min: Percent
    ambience_max: Percent
    ambience_level: Percent  # drawn from the range
    layers: Layers
    synth: Synth
    modulation: Modulation | None = None
    beds: tuple[Bed, ...]
    bed_loudness_lu: float  # of all beds together, against the music
    goal_tags: tuple[Tag, ...]
    nature_tags: tuple[Tag, ...]
    target_lufs: float
    targets: CategoryTargets = CategoryTargets()
    bitrate_kbps: int
    outputs: tuple[Output, ...] = ()
    choices: Choices
    spec: GenreSpec
    patches: dict[InstrumentName, Params]  # of the chosen instrument sets, as configured
    kit: dict[Name, Params]  # drum sound -> its recipe, empty without a kit
    programme: Programme | None = None  # of a long track

    @property
    def id(self) -> str:
        """Public id, `free-2025-01-15-deep_work_daily`."""
        return f"{self.tier}-{self.date.isoformat()}-{self.track_id}"

    def scope(self, *parts: object) -> tuple[object, ...]:
        """Return the seed scope of a role or section; that of the first candidate while open."""
        own = (self.candidate,) if self.candidate else ()
        return (self.engine_version, self.seed, *own, *parts)
