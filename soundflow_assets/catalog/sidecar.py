"""The sidecar: all that is known of one published track, and the source of everything derived.

It lies at `TrackRef.sidecar_key`, is put last, and holds nothing that differs between two makings
of the same track: no clock, no run, no machine. Withdrawal is the one thing added later.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, model_validator

from soundflow_assets.catalog.document import (
    Count,
    Document,
    Key,
    Sha256,
    parse_document,
)
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.errors import BadInput

if TYPE_CHECKING:
    from soundflow_assets.listening.verdict import Verdict


class FileRecord(Document):
    """One object of the track."""

    key: Key
    sha256: Sha256
    bytes: Count
    content_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]


class VerdictRecord(Document):
    """What one gate said of the finished file."""

    name: str
    value: float | str | bool | None = None  # None: not a finite number
    target: str
    passed: bool
    message: str


def verdict_records(verdicts: Iterable[Verdict]) -> tuple[VerdictRecord, ...]:
    """Return what gates said, as a sidecar keeps it."""
    return tuple(
        VerdictRecord(
            name=one.name,
            value=one.value,
            target=one.target,
            passed=one.passed,
            message=one.message,
        )
        for one in verdicts
    )


class PlanRecord(Document):
    """The recipe the track was made from: its hash, and its key where it is stored."""

    sha256: Sha256
    key: Key | None = None


class Withdrawal(Document):
    """A tombstone: the track is in no catalog until this is taken back.

    From `swept_at` on its files are being removed, and it can no longer be taken back.
    """

    why: Annotated[str, Field(min_length=1, max_length=500)]
    at: AwareDatetime
    swept_at: AwareDatetime | None = None


class Sidecar(Document):
    """Everything about one track."""

    schema_version: Literal[1] = 1
    entry: CatalogEntry
    files: Annotated[tuple[FileRecord, ...], Field(min_length=1)]
    plan: PlanRecord | None = None
    measures: dict[str, JsonValue] = Field(default_factory=dict)
    verdicts: tuple[VerdictRecord, ...] = ()
    withdrawn: Withdrawal | None = None

    @property
    def key(self) -> str:
        """Where it lies."""
        return self.entry.ref.sidecar_key

    @model_validator(mode="after")
    def _files_hold_what_is_named(self) -> Sidecar:
        files = {file.key: file for file in self.files}
        if len(files) != len(self.files):
            raise ValueError("files: a key stands twice")
        plan_key = self.plan.key if self.plan is not None else None
        for key in (*self.entry.keys(), *([plan_key] if plan_key else [])):
            if key not in files:
                raise ValueError(f"files: {key!r} is named but not listed")
        audio = files[self.entry.object_key]
        if (audio.sha256, audio.bytes) != (self.entry.sha256, self.entry.bytes):
            raise ValueError("files: sha256 and bytes of the audio differ from the entry's")
        for key in files:
            if not self.entry.ref.owns(key):
                raise ValueError(f"files: {key!r} is none of this track's keys")
        return self


def parse_sidecar(data: bytes, key: str) -> Sidecar:
    """Parse the sidecar that lies at `key`; `BadInput` says what is wrong with it."""
    sidecar = parse_document(Sidecar, data, key)
    if sidecar.key != key:
        raise BadInput(f"{key}: entry.id: is {sidecar.entry.id!r}, which belongs at {sidecar.key}")
    return sidecar
