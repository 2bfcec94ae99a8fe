"""What the catalogs cost as history grows: CPU seconds, objects written, peak memory.

    .venv/bin/python bench/catalogs.py                    every line
    .venv/bin/python bench/catalogs.py day 1000 100000    one more day onto so many tracks
    .venv/bin/python bench/catalogs.py rebuild 100000     all files from shards; all from sidecars
    .venv/bin/python bench/catalogs.py million 1000000    one more day, above the limit

A library of 40 tracks a day, 36 free and 4 premium, in a local bucket in memory (`/dev/shm` where
there is one, so that CPU seconds are counted and not a disk's waits). History is put as the shards
and the root that a rebuild leaves; the newest month has its sidecars and files as well, because a
commit lists it. CPU seconds are user + system of a process of its own; peak memory is that
process's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

A_DAY = 40
LAST_DAY = dt.date(2026, 10, 20)  # history ends in the middle of a month, whatever its length
CATEGORIES = ("Deep Work", "Study", "Relax", "Nature", "Flow State")
BASE = "https://media.example"
MEMORY = Path("/dev/shm")  # noqa: S108


def sidecar(date: dt.date, number: int) -> tuple[Any, bytes]:
    """Return a track's sidecar as the generator writes it, and its audio."""
    from soundflow_assets.catalog.entry import CatalogEntry, SectionMark
    from soundflow_assets.catalog.sidecar import FileRecord, Sidecar
    from soundflow_assets.storage.keys import TrackRef

    tier = "premium" if number % 10 == 9 else "free"
    ref = TrackRef(tier, date, f"track_{number:02}")
    audio = ref.track_id.encode()  # not of the date: see `dated`
    sha256 = hashlib.sha256(audio).hexdigest()
    companions = [ref.companion_key(ending) for ending in ("peaks.json", "cover.png", "mid")]
    entry = CatalogEntry(
        id=ref.id, title="Warm Rain in D", plain_title=f"Deep Work Daily - {date}", tier=tier,
        date=date, category=CATEGORIES[number % 5], genre="deep", bpm=124.0, key="Dm",
        duration_sec=180.0, goal_tags=("deep_work", "focus"), nature_tags=("minimal",),
        energy_min=50, energy_max=75, ambience_min=5, ambience_max=30, object_key=ref.audio_key,
        url=f"{BASE}/{ref.audio_key}" if tier == "free" else None, sha256=sha256,
        bytes=len(audio), bitrate_kbps=192, sample_rate=44100, loudness_lufs=-14.02,
        true_peak_dbtp=-1.3, pcm_sha256=sha256, seed="5187263517263517263", engine_version="1",
        generator="soundflow procedural engine", license="CC-BY-4.0",
        sections=tuple(
            SectionMark(name=name, start_sec=at, end_sec=at + 30.0, energy=0.5)
            for name, at in (("intro", 0.0), ("build", 30.0), ("main", 60.0), ("outro", 150.0))
        ),
        peaks_key=companions[0], cover_key=companions[1], midi_key=companions[2],
    )  # fmt: skip
    files = [
        FileRecord(key=ref.audio_key, sha256=sha256, bytes=len(audio), content_type="audio/mpeg")
    ]
    files += [
        FileRecord(key=key, sha256=sha256, bytes=1, content_type="application/json")
        for key in companions
    ]
    return Sidecar(entry=entry, files=tuple(files)), audio


def days(tracks: int) -> list[dt.date]:
    """Return the days whose tracks are history, oldest first."""
    count = tracks // A_DAY
    return [LAST_DAY - dt.timedelta(days=count - 1 - number) for number in range(count)]


@cache
def _templates() -> list[tuple[Any, bytes, bytes, bytes]]:
    """Return one day's sidecars: as such, as bytes, their entries, their audio."""
    made = [sidecar(LAST_DAY, number) for number in range(A_DAY)]
    return [(one, one.to_bytes(), one.entry.to_bytes(), audio) for one, audio in made]


def dated(template: bytes | str, date: dt.date) -> Any:
    """Return a document or a key of the last day as it is for another date."""
    last, other = LAST_DAY.isoformat(), date.isoformat()
    if isinstance(template, str):
        return template.replace(last, other)
    return template.replace(last.encode(), other.encode())


def put_day(store: Any, date: dt.date, *, news: bool) -> None:
    """Put the sidecars and audio of one day; without `news` as something long known."""
    from soundflow_assets.catalog.inbox import announce
    from soundflow_assets.storage.keys import sidecar_ref

    for made, body, _, audio in _templates():
        key = dated(made.key, date)
        store.put(dated(made.entry.object_key, date), audio, content_type="audio/mpeg")
        if news:
            announce(store, sidecar_ref(key), dated(body, date))
        store.put(key, dated(body, date), content_type="application/json")


def history(library: Any, tracks: int, *, all_sidecars: bool) -> None:
    """Fill an empty bucket with the shards and the root of so many tracks."""
    from soundflow_assets.catalog.commit import commit_catalogs
    from soundflow_assets.catalog.root import Root, Window, commit_id
    from soundflow_assets.catalog.shard import encode_shard, in_order
    from soundflow_assets.storage.keys import ROOT_KEY, shard_key

    newest = LAST_DAY.isoformat()[:7]
    refs = []
    for month, in_month in groupby(days(tracks), key=lambda day: day.isoformat()[:7]):
        dates = list(in_month)
        for date in dates if all_sidecars or month == newest else ():
            put_day(library.public, date, news=False)
        for tier in ("free", "premium"):
            known = in_order(_tracks(dates, tier))
            body = encode_shard(tier, month, known)
            refs.append(_ref(tier, month, body, known))
            library.public.put(shard_key(tier, month, refs[-1].sha256), body)
    root = Root(
        generation=1, commit_id="0" * 32, public_base_url=BASE, files={}, shards=tuple(refs),
        window=Window(limit=library.most_listed, total=tracks, complete=True),
    )  # fmt: skip
    library.public.put(
        ROOT_KEY, root.model_copy(update={"commit_id": commit_id(root)}).to_bytes(), if_absent=True
    )
    commit_catalogs(library)


def _tracks(dates: Iterable[dt.date], tier: str) -> Iterator[Any]:
    from soundflow_assets.catalog.shard import Track

    for date in dates:
        for made, body, entry, _ in _templates():
            if made.entry.tier == tier:
                etag = hashlib.sha256(dated(body, date)).hexdigest()
                yield Track(
                    dated(made.entry.id, date), date.isoformat(), made.entry.slug,
                    dated(made.key, date), etag, "listed", dated(entry, date),
                )  # fmt: skip


def _ref(tier: str, month: str, body: bytes, tracks: list[Any]) -> Any:
    from soundflow_assets.catalog.gather import MonthListing
    from soundflow_assets.catalog.root import ShardRef
    from soundflow_assets.storage.keys import shard_key

    sha256 = hashlib.sha256(body).hexdigest()
    listing = MonthListing({track.sidecar_key: track.etag for track in tracks})
    return ShardRef(
        tier=tier, month=month, key=shard_key(tier, month, sha256), sha256=sha256,
        bytes=len(body), count=len(tracks), fingerprint=listing.fingerprint(BASE), settled=True,
    )  # fmt: skip


def cpu_s() -> float:
    """Return the CPU seconds of this process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def peak_mb() -> float:
    """Return this process's own peak memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def library_in(folder: str, limit: int) -> Any:
    """Return a library in a local bucket."""
    from soundflow_assets.catalog.library import Library
    from soundflow_assets.storage.local import LocalStore

    store = LocalStore(Path(folder))
    return Library(store, store, BASE, most_listed=limit)


def commit(folder: str, limit: str, how: str) -> None:
    """Commit once and print the figures as JSON: runs in a process of its own."""
    from soundflow_assets.catalog import build
    from soundflow_assets.catalog import commit as committing

    library = library_in(folder, int(limit))
    in_files = 0.0

    def timed(module: Any, name: str) -> None:
        function = getattr(module, name)

        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal in_files
            start = cpu_s()
            try:
                return function(*arguments, **named)
            finally:
                in_files += cpu_s() - start

        setattr(module, name, call)

    timed(build, "compose_files")
    timed(committing, "_write_files")
    options = {"day": {}, "shards": {"complete": True}, "sidecars": {"from_sidecars": True}}[how]
    # What every process pays once, whatever it commits: schemas, compiled patterns, connections.
    sidecar(LAST_DAY, 0)
    before = peak_mb()
    start = cpu_s()
    done = committing.commit_catalogs(library, **options)
    total = cpu_s() - start
    beside = [key for key in done.written if key not in {f.key for f in done.root.files.values()}]
    print(
        json.dumps(
            {
                "cpu_s": total,
                "files_cpu_s": in_files,
                "peak_mb": peak_mb(),
                "before_mb": before,
                "beside": len(beside),
                "all_mb": done.root.files["all"].bytes / 1e6,
                "total": done.root.window.total if done.root.window else 0,
            }
        )
    )


def measured(folder: str, limit: int, how: str) -> dict[str, Any]:
    """Return the figures of one commit in a fresh process."""
    command = [sys.executable, __file__, "--commit", folder, str(limit), how]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def show(what: str, row: dict[str, Any]) -> None:
    """Print one line of the table."""
    rest = row["cpu_s"] - row["files_cpu_s"]
    print(
        f"| {what} | {row['cpu_s']:.2f} | {rest:.3f} | {row['peak_mb']:.0f} | {row['beside']} "
        f"| {row['all_mb']:.1f} |",
        flush=True,
    )


def day(tracks: int, limit: int = 100_000_000) -> None:
    """One more day onto a history."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        library = library_in(folder, limit)
        history(library, tracks, all_sidecars=False)
        put_day(library.public, LAST_DAY + dt.timedelta(days=1), news=True)
        show(f"one more day onto {tracks:,}", measured(folder, limit, "day"))


def rebuild(tracks: int, limit: int = 100_000_000) -> None:
    """All files anew: from the shards, then from the sidecars alone."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        library = library_in(folder, limit)
        history(library, tracks, all_sidecars=True)
        for info in list(library.public.list("catalog/", suffix=".json")):
            if "/shards/" not in info.key and "root" not in info.key:
                library.public.delete(info.key)
        show(f"rebuild of {tracks:,} from shards", measured(folder, limit, "shards"))
        show(f"rebuild of {tracks:,} from sidecars alone", measured(folder, limit, "sidecars"))


def main(arguments: list[str]) -> None:
    """Do what the arguments ask for."""
    if arguments[:1] == ["--commit"]:
        commit(*arguments[1:])
        return
    print(
        "| what | CPU s | without the catalog files | peak MB | objects beside them | all.json MB |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    what, *numbers = arguments or ["everything"]
    counts = [int(number) for number in numbers]
    if what in ("day", "everything"):
        for tracks in counts or [1000, 10_000, 100_000]:
            day(tracks)
    if what in ("rebuild", "everything"):
        for tracks in counts or [100_000]:
            rebuild(tracks)
    if what in ("million", "everything"):
        for tracks in counts or [1_000_000]:
            day(tracks, limit=100_000)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main(sys.argv[1:])
