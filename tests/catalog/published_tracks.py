"""Tracks to publish, what a bucket holds afterwards, and stores that fail on command."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading

from soundflow_assets.catalog.entry import CatalogEntry, SectionMark
from soundflow_assets.catalog.library import Library
from soundflow_assets.catalog.publish import publish_track
from soundflow_assets.catalog.sidecar import FileRecord, PlanRecord, Sidecar, VerdictRecord
from soundflow_assets.storage.keys import TrackRef
from soundflow_assets.storage.store import Unavailable

BASE = "https://media.example"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


FRAMES = 4
FRAMES_S = FRAMES * 1152 / 44100


def mp3(text: bytes) -> bytes:
    """Return four frames of MPEG-1 layer III, 32 kbit/s, mono, whose side information is `text`."""
    assert len(text) <= 100
    return (b"\xff\xfb\x10\xc0" + text.ljust(100, b"U")) * FRAMES


def make_track(
    date="2025-01-15", track_id="deep_work_daily", tier="free", category="Deep Work", **changes
):
    """Return a sidecar and its files; `audio` and `cover` are the bytes of two of them."""
    ref = TrackRef(tier, dt.date.fromisoformat(date), track_id)
    audio = changes.pop("audio", mp3(ref.id.encode()))
    files = {
        ref.audio_key: (audio, "audio/mpeg"),
        ref.companion_key("peaks.json"): (b'{"data":[]}', "application/json"),
        ref.companion_key("cover.png"): (changes.pop("cover", b"cover"), "image/png"),
    }
    entry = CatalogEntry(
        **{
            "id": ref.id,
            "title": "Warm Rain in D",
            "plain_title": f"{category} Daily - {date}",
            "tier": tier,
            "date": ref.date,
            "category": category,
            "genre": "deep",
            "bpm": 124.0,
            "key": "Dm",
            "duration_sec": FRAMES_S,
            "goal_tags": ("deep_work", "focus"),
            "nature_tags": ("minimal",),
            "energy_min": 50,
            "energy_max": 75,
            "ambience_min": 5,
            "ambience_max": 30,
            "object_key": ref.audio_key,
            "url": f"{BASE}/{ref.audio_key}" if tier == "free" else None,
            "sha256": sha(audio),
            "bytes": len(audio),
            "bitrate_kbps": 32,
            "sample_rate": 44100,
            "loudness_lufs": -14.02,
            "true_peak_dbtp": -1.3,
            "pcm_sha256": sha(b"pcm"),
            "seed": 5187263517263517263,
            "engine_version": "1",
            "generator": "soundflow procedural",
            "license": "CC-BY-4.0",
            "sections": (SectionMark(name="intro", start_sec=0.0, end_sec=15.48, energy=0.5),),
            "peaks_key": ref.companion_key("peaks.json"),
            "cover_key": ref.companion_key("cover.png"),
            **changes,
        }
    )
    sidecar = Sidecar(
        entry=entry,
        files=tuple(
            FileRecord(key=key, sha256=sha(body), bytes=len(body), content_type=content_type)
            for key, (body, content_type) in files.items()
        ),
        plan=PlanRecord(sha256=sha(b"plan")),
        measures={"groove": {"swing": 54.2}},
        verdicts=(
            VerdictRecord(
                name="loudness", value=-14.02, target="-14.5 to -13.5", passed=True, message="good"
            ),
        ),
    )
    return sidecar, files


def publish(library: Library, *args, **kwargs):
    sidecar, files = make_track(*args, **kwargs)
    return publish_track(library.store(sidecar.entry.tier), sidecar, files)


def contents(*stores):
    """Everything readers can see, so that two buckets can be compared."""
    return [
        {
            info.key: (
                store.get(info.key).body,
                (head := store.head(info.key)).content_type,
                head.cache_control,
                head.metadata,
            )
            for info in store.list()
        }
        for store in stores
    ]


class FaultyStore:
    """A store whose n-th call fails, either before it reaches the bucket or after it did.

    Every call counts, or those in `only`; `lost_reply` lets the bucket do the work and then loses
    the answer.
    """

    def __init__(self, store, fail_at, lost_reply, only=()):
        self._store = store
        self._fail_at = fail_at
        self._lost_reply = lost_reply
        self._only = only
        self._lock = threading.Lock()
        self.calls = 0

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if not callable(method) or (self._only and name not in self._only):
            return method

        def call(*args, **kwargs):
            with self._lock:
                self.calls += 1
                failing = self.calls == self._fail_at
            if failing and not self._lost_reply:
                raise Unavailable(f"{name}: failed on command")
            try:
                return method(*args, **kwargs)
            finally:
                if failing:
                    raise Unavailable(f"{name}: reply lost on command")

        return call
