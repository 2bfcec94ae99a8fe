"""A track as front ends see it: one entry of a catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from soundflow_assets.catalog.document import Count, Document, Key, Sha256
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.key import parse_key
from soundflow_assets.storage.keys import Tier, TrackRef, category_slug

# For readers of the schema; here TrackRef.parse decides, which also knows the calendar.
_ID = r"^(free|premium)-\d{4}-\d{2}-\d{2}-[a-z0-9_-]{1,64}$"
_T = TypeVar("_T")
Percent = Annotated[int, Field(ge=0, le=100)]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Seconds = Annotated[float, Field(ge=0)]
# A seed has up to 63 bits and JavaScript's numbers 53: as a number it would change on the way.
Seed = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    Field(pattern=r"^\d{1,20}$"),
]


class SectionMark(Document):
    """A section of the form: where it sounds and how energetic it is, 0 to 1."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    start_sec: Seconds
    end_sec: Seconds
    energy: Annotated[float, Field(ge=0, le=1)]


class Loop(Document):
    """A cut that repeats without a seam: a file of its own, and where in the track it was taken.

    Its last moments lead back into its beginning, so the file and not the track is to be repeated;
    the track up to `start_sample` may be played before it.
    """

    key: Key
    start_sample: Count
    end_sample: Annotated[int, Field(gt=0)]
    bars: Annotated[int, Field(gt=0)] | None = None  # without a beat there are none
    duration_sec: Annotated[float, Field(gt=0)]
    sha256: Sha256
    bytes: Count


class Stems(Document):
    """The track in two files that sound together: the music, and the nature bed alone.

    Each is as long as the track; `loudness_lufs` and `peak_dbfs` are those of both together.
    """

    music_key: Key
    bed_key: Key
    loudness_lufs: Annotated[float, Field(ge=-70, le=0)]
    peak_dbfs: Annotated[float, Field(ge=-140, le=0)]


def _url_rule(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema what `_tier_decides_url` says here."""
    schema["if"] = {"properties": {"tier": {"const": "free"}}}
    schema["then"] = {"required": ["url"]}
    schema["else"] = {"not": {"required": ["url"]}}


class CatalogEntry(Document):
    """One track. Free tracks have a `url`; premium tracks never do.

    Optional fields are left out where there is nothing to say, never null.
    """

    model_config = ConfigDict(json_schema_extra=_url_rule)

    id: Annotated[str, Field(json_schema_extra={"pattern": _ID})]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    plain_title: Annotated[str, Field(min_length=1, max_length=200)]
    tier: Tier
    date: dt.date
    category: Annotated[str, Field(min_length=1, max_length=64)]
    genre: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    bpm: Annotated[float, Field(ge=0, le=300)]  # 0: no beat
    key: Annotated[str, Field(json_schema_extra={"pattern": "^[A-G][#b]?m?$"})]
    duration_sec: Annotated[float, Field(gt=0)]
    goal_tags: tuple[Tag, ...]
    nature_tags: tuple[Tag, ...]
    energy_min: Percent
    energy_max: Percent
    ambience_min: Percent
    ambience_max: Percent
    object_key: Key
    url: Annotated[str, Field(pattern=r"^(https?|file)://")] | None = None
    sha256: Sha256
    bytes: Annotated[int, Field(gt=0)]
    bitrate_kbps: Annotated[int, Field(ge=8, le=320)]
    sample_rate: Literal[32000, 44100, 48000]
    loudness_lufs: Annotated[float, Field(ge=-70, le=0)]
    true_peak_dbtp: Annotated[float, Field(ge=-70, le=6)]
    pcm_sha256: Sha256 | None = None
    seed: Seed
    engine_version: Annotated[str, Field(min_length=1, max_length=64)]
    generator: Annotated[str, Field(min_length=1, max_length=120)]
    license: Annotated[str, Field(min_length=1, max_length=64)]
    sections: tuple[SectionMark, ...] = ()
    peaks_key: Key | None = None
    cover_key: Key | None = None
    midi_key: Key | None = None
    loop: Loop | None = None
    stems: Stems | None = None
    # Of generated tracks: whose weights made it, and by what right it may be used.
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    model_revision: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    rights: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    # The track whose sound this is, where an older one stands in for a day without a new one.
    featured_from: Annotated[str, Field(json_schema_extra={"pattern": _ID})] | None = None

    @property
    def ref(self) -> TrackRef:
        """The track's place in the bucket."""
        return TrackRef.parse(self.id)

    @property
    def slug(self) -> str:
        """The slug of its category."""
        return category_slug(self.category)

    @field_validator("key")
    @classmethod
    def _key_is_one(cls, value: str) -> str:
        return _as_value_error(lambda: str(parse_key(value)))

    @field_validator("category")
    @classmethod
    def _category_has_a_slug(cls, value: str) -> str:
        _as_value_error(lambda: category_slug(value))
        return value

    @field_validator("featured_from")
    @classmethod
    def _featured_is_a_track(cls, value: str | None) -> str | None:
        if value is not None:
            _as_value_error(lambda: TrackRef.parse(value))
        return value

    @model_validator(mode="after")
    def _id_and_keys_agree(self) -> CatalogEntry:
        ref = _as_value_error(lambda: self.ref)
        if (ref.tier, ref.date) != (self.tier, self.date):
            raise ValueError(f"id {self.id!r} names another tier or date than tier and date do")
        for key in self.keys():
            if not ref.owns(key):
                raise ValueError(f"key {key!r} is none of this track's, they begin {ref.stem!r}")
        if not self.object_key.endswith(".mp3"):
            raise ValueError(f"objectKey {self.object_key!r}: expected an .mp3")
        return self

    @model_validator(mode="after")
    def _tier_decides_url(self) -> CatalogEntry:
        if self.tier == "premium" and self.url is not None:
            raise ValueError("url: a premium track has none")
        if self.tier == "free" and not (self.url or "").endswith(f"/{self.object_key}"):
            raise ValueError(f"url {self.url!r}: expected an address ending in /{self.object_key}")
        return self

    @model_validator(mode="after")
    def _ranges_rise(self) -> CatalogEntry:
        if self.energy_min > self.energy_max:
            raise ValueError(f"energyMin {self.energy_min} is above energyMax {self.energy_max}")
        if self.ambience_min > self.ambience_max:
            raise ValueError(
                f"ambienceMin {self.ambience_min} is above ambienceMax {self.ambience_max}"
            )
        return self

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all objects the entry names."""
        named = (self.object_key, self.peaks_key, self.cover_key, self.midi_key)
        loop = self.loop.key if self.loop is not None else None
        stems = () if self.stems is None else (self.stems.music_key, self.stems.bed_key)
        return tuple(key for key in (*named, loop, *stems) if key is not None)


def _as_value_error(read: Callable[[], _T]) -> _T:
    """Let pydantic collect our refusals with its own."""
    try:
        return read()
    except BadInput as error:
        raise ValueError(str(error)) from None
