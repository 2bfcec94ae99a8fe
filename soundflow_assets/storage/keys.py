"""Where everything lies in a bucket: the one home of object keys.

A track's files share one stem, `audio/<tier>/<date>/<tier>-<date>-<track_id>`; what follows the
first dot says what the file is. A file whose bytes changed after it was published gets a revision
of its own, `<stem>-r<first 8 hex digits of its sha256>.<ending>`, because the first address may be
cached for a year. Readers therefore take keys from the sidecar and never build them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from soundflow_assets.errors import BadInput

Tier = Literal["free", "premium"]
TIERS: tuple[Tier, ...] = get_args(Tier)
# The site's categories: each has a catalog file even while it has no tracks. A plan may add more.
CATEGORIES = ("Deep Work", "Study", "Relax", "Nature", "Flow State")

FREE_CATALOG_KEY = "catalog/free.json"
PREMIUM_CATALOG_KEY = "catalog/premium.json"
ALL_CATALOG_KEY = "catalog/all.json"
ROOT_KEY = "catalog/root.json"
SCHEMA_FOLDER = "catalog/schema/v1"
AUDIO_FOLDER = "audio"
MADE_FOLDER = "made"  # tracks made on request, each in a folder of its own, in no catalog
INBOX_FOLDER = "inbox"
SHARD_FOLDER = "catalog/shards"
MAX_KEY_BYTES = 1024
_MAX_SEGMENT = 200  # leaves room for what a file system's 255 bytes must also carry

_ID = re.compile(r"[a-z0-9_-]{1,64}")
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_VERSIONS = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")
_REVISION = re.compile(r"-r[0-9a-f]{8}$")
_ENDING = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TRACK_ID = re.compile(r"(free|premium)-(\d{4}-\d{2}-\d{2})-([a-z0-9_-]{1,64})")


def check_key(key: str) -> str:
    """Return `key` if every back end can hold it, else raise `BadInput` saying what is wrong."""
    if not key or len(key) > MAX_KEY_BYTES:
        raise BadInput(f"object key of {len(key)} characters: expected 1 to {MAX_KEY_BYTES}")
    for segment in key.split("/"):
        if not _SEGMENT.fullmatch(segment) or len(segment) > _MAX_SEGMENT:
            raise BadInput(
                f"object key {key!r}: {segment!r} is no name of letters, digits, dot, hyphen and "
                f"underscore that starts with no dot and has at most {_MAX_SEGMENT} characters"
            )
    return key


def is_key(key: str) -> bool:
    """Whether every back end can hold `key`."""
    try:
        return bool(check_key(key))
    except BadInput:
        return False


def check_track_id(track_id: str) -> str:
    """Return `track_id` if it may become part of a file name, else raise `BadInput`."""
    if not _ID.fullmatch(track_id):
        raise BadInput(
            f"track id {track_id!r}: expected 1 to 64 of a-z, 0-9, underscore and hyphen"
        )
    return track_id


def category_slug(category: str) -> str:
    """Return the slug of a site category: `Deep Work` becomes `deep-work`."""
    slug = "-".join(category.lower().split())
    if not _SLUG.fullmatch(slug) or len(slug) > 64:
        raise BadInput(f"category {category!r}: expected words of letters and digits")
    return slug


def category_catalog_key(slug: str) -> str:
    """Return the key of one category's catalog."""
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"category slug {slug!r}: expected words like deep-work")
    return f"catalog/by-category/{slug}.json"


def schema_key(name: str) -> str:
    """Return the key of the JSON Schema called `name`."""
    return check_key(f"{SCHEMA_FOLDER}/{name}.schema.json")


def shard_key(tier: Tier, month: str, sha256: str) -> str:
    """Return the key of a month's shard with these bytes; it names its content."""
    return check_key(f"{SHARD_FOLDER}/{tier}/{month}-{sha256[:16]}.json")


def request_key(track_id: str) -> str:
    """Return the key of a stored premium request."""
    return f"requests/premium/{check_track_id(track_id)}.json"


def made_key(project_id: str, name: str) -> str:
    """Return the key of a file of a track made on request: `made/<project id>/track.mp3`."""
    if not _ID.fullmatch(project_id):
        raise BadInput(f"project {project_id!r}: expected 1 to 64 of a-z, 0-9 and hyphen")
    return check_key(f"{MADE_FOLDER}/{project_id}/{name}")


def revised_key(key: str, sha256: str) -> str:
    """Return where bytes with this hash lie when `key` holds others: `…-r1a2b3c4d.mp3`."""
    folder, _, name = key.rpartition("/")
    stem, dot, ending = name.partition(".")
    return check_key(f"{folder}/{stem}-r{sha256[:8]}{dot}{ending}")


@dataclass(frozen=True, slots=True, order=True)
class TrackRef:
    """A track's place: all its keys follow from tier, date and id."""

    tier: Tier
    date: dt.date
    track_id: str

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise BadInput(f"tier {self.tier!r}: expected one of {', '.join(TIERS)}")
        check_track_id(self.track_id)

    @classmethod
    def parse(cls, track: str) -> TrackRef:
        """Parse a public id, `free-2025-01-15-deep_work_daily`; `BadInput` if it is none."""
        match = _TRACK_ID.fullmatch(track)
        try:
            if match is None:
                raise ValueError
            date = dt.date.fromisoformat(match[2])
        except ValueError:
            raise BadInput(
                f"track {track!r}: expected free- or premium-, a date and an id, for example "
                "free-2025-01-15-deep_work_daily"
            ) from None
        return cls("free" if match[1] == "free" else "premium", date, match[3])

    @property
    def id(self) -> str:
        """Public id."""
        return f"{self.tier}-{self.date.isoformat()}-{self.track_id}"

    @property
    def month(self) -> str:
        """`YYYY-MM`."""
        return self.date.isoformat()[:7]

    @property
    def stem(self) -> str:
        """What all keys of the track begin with."""
        return f"{AUDIO_FOLDER}/{self.tier}/{self.date.isoformat()}/{self.id}"

    @property
    def audio_key(self) -> str:
        """Key of the MP3 as first published."""
        return f"{self.stem}.mp3"

    @property
    def sidecar_key(self) -> str:
        """Key of the sidecar, the one key of a track that never moves."""
        return f"{self.stem}.json"

    def companion_key(self, ending: str) -> str:
        """Key of another file of the track; `ending` is like `peaks.json` or `cover.png`."""
        if not _ENDING.fullmatch(ending) or ending == "json":
            raise BadInput(f"ending {ending!r}: expected one like peaks.json; json is the sidecar")
        return f"{self.stem}.{ending}"

    def file_key(self, ending: str) -> str:
        """Key of any file of the track by its ending, `mp3` included."""
        return self.audio_key if ending == "mp3" else self.companion_key(ending)

    def owns(self, key: str) -> bool:
        """Whether `key` is one of this track's, revisions included."""
        return (
            re.fullmatch(re.escape(self.stem) + r"(-r[0-9a-f]{8})?\." + _ENDING.pattern, key)
            is not None
        )


def owners_of(key: str) -> tuple[TrackRef, ...]:
    """Return the tracks that `key` may be a file of, none where it is no track's.

    There are two where a track id ends like a revision: the longer one goes first, and is the
    owner where it has a sidecar.
    """
    stem = key.rpartition("/")[2].partition(".")[0]
    found = []
    for track in dict.fromkeys((stem, _REVISION.sub("", stem))):
        try:
            ref = TrackRef.parse(track)
        except BadInput:
            continue
        if ref.owns(key):
            found.append(ref)
    return tuple(found)


def is_revision(key: str) -> bool:
    """Whether `key` looks like a file that was published after another one."""
    return _REVISION.search(key.rpartition("/")[2].partition(".")[0]) is not None


def tracks_prefix(tier: Tier) -> str:
    """Return the prefix under which all tracks of a tier lie."""
    return f"{AUDIO_FOLDER}/{tier}/"


def month_prefix(tier: Tier, month: str) -> str:
    """Return the prefix under which a tier's tracks of one month (`YYYY-MM`) lie."""
    return f"{tracks_prefix(tier)}{month}-"


def inbox_prefix(tier: Tier) -> str:
    """Return the prefix under which a tier's news for the catalogs lie."""
    return f"{INBOX_FOLDER}/{tier}/"


def arrival_key(ref: TrackRef, sha256: str, replaced_etag: str) -> str:
    """Return the key of the news that a sidecar with this hash replaces another version, or none.

    Both versions are in it, so that going back to earlier bytes is news again.
    """
    before = hashlib.sha256(replaced_etag.encode()).hexdigest()[:8]
    return check_key(f"{inbox_prefix(ref.tier)}{ref.id}.{sha256[:16]}-{before}")


def parse_arrival(key: str) -> tuple[TrackRef, str] | None:
    """Return the track and the beginning of its sidecar's hash, None where `key` is no news."""
    track, _, versions = key.rpartition("/")[2].rpartition(".")
    if not _VERSIONS.fullmatch(versions):
        return None
    try:
        ref = TrackRef.parse(track)
    except BadInput:
        return None
    return (ref, versions[:16]) if key.startswith(inbox_prefix(ref.tier)) else None


def sidecar_ref(key: str) -> TrackRef | None:
    """Return the track whose sidecar lies at `key`, or None where `key` is no sidecar's."""
    folder, _, name = key.rpartition("/")
    if not name.endswith(".json"):
        return None
    try:
        ref = TrackRef.parse(name.removesuffix(".json"))
    except BadInput:
        return None
    return ref if ref.sidecar_key == f"{folder}/{name}" else None
