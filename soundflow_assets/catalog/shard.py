"""A month's tracks of one tier as one immutable object, so that history is not read again.

A shard is JSON laid out in lines: a head, the entries of the month's catalog one on each line, and
an index of all sidecars with the version that was read. Catalogs are joined from the entry lines
without parsing them. The object's key holds its hash: a changed month is another shard.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from soundflow_assets.catalog.canonical import canonical
from soundflow_assets.catalog.document import Document, Key, Month
from soundflow_assets.catalog.entry import CatalogEntry
from soundflow_assets.errors import Failed
from soundflow_assets.storage.keys import Tier

State = Literal[
    "listed",  # its sidecar was read and its entry is in the catalogs
    "withdrawn",  # its sidecar says it was taken down
    "kept",  # its sidecar is broken or gone; the last good entry stays in the catalogs
    "broken",  # its sidecar is broken and never was good; it is in no catalog
]
_MIDDLE = '],"index":['
_END = "]}"
_REPAIR = "run soundflow catalog rebuild --from-sidecars"


class Indexed(Document):
    """A track of the month as its sidecar was read."""

    id: str
    date: dt.date
    category: str  # slug; empty where nothing good was ever read
    sidecar: Key
    etag: str  # empty where the sidecar is gone
    state: State
    problem: str | None = None


class Shard(Document):
    """A month's tracks of one tier: its catalog, and every sidecar behind it."""

    schema_version: Literal[1] = 1
    tier: Tier
    month: Month
    entries: tuple[CatalogEntry, ...]
    index: tuple[Indexed, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """What the catalogs know of one track. `entry` is its canonical catalog entry, if listed."""

    id: str
    date: str
    slug: str  # of its category; empty where nothing good was ever read
    sidecar_key: str
    etag: str  # of the sidecar as read; empty where it is gone
    state: State
    entry: bytes | None
    problem: str = ""

    @property
    def tier(self) -> Tier:
        """Its tier, which its id begins with."""
        return "free" if self.id.startswith("free-") else "premium"

    @property
    def settled(self) -> bool:
        """Whether an unchanged sidecar means an unchanged track."""
        return self.state in ("listed", "withdrawn")


def in_order(tracks: Iterable[Track]) -> list[Track]:
    """Return tracks in the order of all catalogs: newest date first, then by id."""
    return sorted(sorted(tracks, key=lambda track: track.id), key=_date, reverse=True)


def encode_shard(tier: Tier, month: str, tracks: Iterable[Track]) -> bytes:
    """Return the shard's bytes."""
    ordered = in_order(tracks)
    entries = [track.entry.decode() for track in ordered if track.entry is not None]
    index = [canonical(_index_record(track)).decode() for track in ordered]
    head = f'{{"schemaVersion":1,"tier":"{tier}","month":"{month}","entries":['
    lines = [head, *_with_commas(entries), _MIDDLE, *_with_commas(index), _END]
    return ("\n".join(lines) + "\n").encode()


def decode_shard(data: bytes, key: str) -> list[Track]:
    """Return the tracks of a shard; `Failed` if its bytes are not laid out as one."""
    try:
        # Not splitlines: titles may hold characters that it takes for line ends.
        _, *lines = data.decode().removesuffix("\n").split("\n")
        middle = lines.index(_MIDDLE)
        if lines[-1] != _END:
            raise ValueError("it ends early")
        entries = iter(line.removesuffix(",").encode() for line in lines[:middle])
        return [
            _track(json.loads(line.removesuffix(",")), entries) for line in lines[middle + 1 : -1]
        ]
    except (ValueError, KeyError, StopIteration) as error:
        raise Failed(f"{key} is no shard ({error}); {_REPAIR}") from None


def entries_of_shard(data: bytes, key: str) -> list[bytes]:
    """Return the entries of a shard without parsing them; `Failed` if it is not laid out as one."""
    start, stop = data.find(b"[\n") + 2, data.find(b'\n],"index":[\n')
    if start < 2 or stop < 0:
        raise Failed(f"{key} is no shard; {_REPAIR}")
    return data[start:stop].split(b",\n") if stop > start else []


def _date(track: Track) -> str:
    return track.date


def _index_record(track: Track) -> dict[str, str | bool]:
    record: dict[str, str | bool] = {
        "id": track.id,
        "date": track.date,
        "category": track.slug,
        "sidecar": track.sidecar_key,
        "etag": track.etag,
        "state": track.state,
    }
    return {**record, "problem": track.problem} if track.problem else record


def _track(record: dict[str, str], entries: Iterable[bytes]) -> Track:
    state = next(known for known in get_args(State) if known == record["state"])
    return Track(
        id=record["id"],
        date=record["date"],
        slug=record["category"],
        sidecar_key=record["sidecar"],
        etag=record["etag"],
        state=state,
        entry=next(iter(entries)) if state in ("listed", "kept") else None,
        problem=record.get("problem", ""),
    )


def _with_commas(lines: list[str]) -> list[str]:
    return [f"{line}," for line in lines[:-1]] + lines[-1:]
