"""What the service bears: requests a second, latencies, listeners, memory; load from this process.

    .venv/bin/python bench/serve.py            all of it
    .venv/bin/python bench/serve.py catalogs   one part: catalogs, signing or listeners

The service runs in a process of its own on loopback, with access logs off, over a bucket of 10,000
tracks made for the purpose. The load generator is a few connections that keep a request in flight
each and read every byte of the answer; it takes about as much CPU as the service, so two cores.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import websockets

from soundflow_assets.storage.keys import CATEGORIES

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "catalog")]

TRACKS = 10_000
SECONDS = 8.0
LISTENERS = 1000
CONNECTIONS = 8
SERVE = "from soundflow_assets.cli.main import main; main()"


async def exchange(port: int, request: bytes, until: float) -> list[float]:
    """Send one request after the other and read the answers; return the time of each, in s."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    times = []
    while (started := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        status = int(head[9:12])
        if status != 304 and length:
            await reader.readexactly(length)
        if status not in (200, 304):
            raise AssertionError(head.decode())
        times.append(time.perf_counter() - started)
    writer.close()
    return times


async def load(port: int, path: str, headers: dict[str, str]) -> list[float]:
    """Load a path from several connections at once; return all times in s."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    until = time.perf_counter() + SECONDS
    found = await asyncio.gather(*(exchange(port, request, until) for _ in range(CONNECTIONS)))
    return [one for times in found for one in times]


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, field: str) -> float:
    """Return a size from a process's status (VmRSS, VmHWM), in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1000
    raise AssertionError(field)


def report(name: str, times: list[float], used_s: float) -> None:
    """Print a row."""
    ordered = sorted(times)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    per_core = len(times) / used_s
    print(
        f"| {name} | {len(times) / SECONDS:,.0f} | {per_core:,.0f} | {p50:.1f} | {p99:.1f} |",
        flush=True,
    )


def fill(environ: dict[str, str]) -> str:
    """Put catalogs of many tracks into a bucket, and make accounts; return an entitled token.

    The entries are as long as published ones and all differ; their audio is not there.
    """
    import published_tracks

    from soundflow_assets.accounts.database import open_for_writing
    from soundflow_assets.accounts.ledger import Ledger
    from soundflow_assets.catalog.canonical import canonical, lines_of, sha256_of
    from soundflow_assets.catalog.library import open_library
    from soundflow_assets.catalog.root import FileRef, Root
    from soundflow_assets.settings import load_settings

    settings = load_settings(environ)
    library = open_library(settings)
    made = json.loads(published_tracks.make_track()[0].entry.to_bytes())
    section = made["sections"][0]
    made["sections"] = [{**section, "startSec": 17.25 * n, "endSec": 17.25 * n + 17.25}
                        for n in range(10)]  # fmt: skip
    entries = sorted(
        (entry_like(made, number, library.public_base_url) for number in range(TRACKS)),
        key=lambda entry: (-int(entry["date"].replace("-", "")), entry["id"]),
    )
    body = lines_of(canonical(entry) for entry in entries)
    key = library.catalog_key("all")
    file = FileRef(key=key, sha256=sha256_of(body), bytes=len(body), count=len(entries))
    root = Root(
        generation=1,
        commit_id="0" * 32,
        public_base_url=library.public_base_url,
        files={"all": file},
        shards=(),
    )
    library.public.put(key, body)
    library.public.put("catalog/root.json", root.to_bytes())
    with contextlib.closing(open_for_writing(settings.service.accounts)) as connection:
        ledger = Ledger(connection, int(time.time()))
        ledger.add_user("bench")
        ledger.grant("bench", "premium")
        token = ledger.mint("bench").token
    if token is None:
        raise AssertionError("a new token has a text")
    return token.text


def entry_like(made: dict[str, Any], number: int, base_url: str) -> dict[str, Any]:
    """Return an entry of another day, category, title and hash."""
    tier = "premium" if number % 20 == 0 else "free"
    date = (dt.date(2020, 1, 1) + dt.timedelta(days=number // 5)).isoformat()
    track = f"{tier}-{date}-track_{number % 5}"
    text = json.dumps(made).replace(made["id"], track).replace(f"/{made['date']}/", f"/{date}/")
    entry: dict[str, Any] = json.loads(text.replace("audio/free/", f"audio/{tier}/"))
    entry.update(
        date=date,
        tier=tier,
        category=CATEGORIES[number % 5],
        title=f"Warm Rain {number}",
        seed=str(number * 922337203685477),
        sha256=hashlib.sha256(track.encode()).hexdigest(),
        pcmSha256=hashlib.sha256(track.encode() * 2).hexdigest(),
        url=f"{base_url}/{entry['objectKey']}",
    )
    if tier == "premium":
        del entry["url"]
    return entry


@contextlib.contextmanager
def service(environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a service; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", str(port), "--quiet"],
        cwd=ROOT, env=environ, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/catalog/free?limit=1", timeout=60)
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def catalogs(port: int, pid: int) -> None:
    """Load the catalogs."""
    base = f"http://127.0.0.1:{port}"
    whole = httpx.get(f"{base}/catalog/all", headers={"Accept-Encoding": "gzip"}, timeout=60)
    plain = len(whole.content) / 1e6
    packed = int(whole.headers["content-length"]) / 1e6
    print(f"\n/catalog/all: {len(whole.json()):,} tracks, {plain:.1f} MB, gzip {packed:.2f} MB")
    head("path")
    etag = whole.headers["etag"]
    gzip = {"Accept-Encoding": "gzip"}
    for name, path, headers in (
        ("/catalog/all, 304", "/catalog/all", {**gzip, "If-None-Match": etag}),
        ("/catalog/all?limit=50", "/catalog/all?limit=50", gzip),
        ("/catalog/all?limit=500", "/catalog/all?limit=500", gzip),
        ("/catalog/all, whole, gzip", "/catalog/all", gzip),
        ("/catalog/all, whole, plain", "/catalog/all", {}),
    ):
        measure(port, pid, name, path, headers)


def signing(port: int, pid: int, token: str) -> None:
    """Load the signing of premium tracks."""
    head("path")
    entries = httpx.get(f"http://127.0.0.1:{port}/catalog/premium?limit=1").json()
    path = f"/tracks/premium/{entries[0]['id']}/signed"
    measure(port, pid, "/tracks/premium/{id}/signed", path, {"Authorization": f"Bearer {token}"})


def head(first: str) -> None:
    """Print the head of a table."""
    print(f"\n| {first} | requests/s | per CPU s of the service | p50 ms | p99 ms |")
    print("| --- | --- | --- | --- | --- |")


def measure(port: int, pid: int, name: str, path: str, headers: dict[str, str]) -> None:
    """Load one path and print its row."""
    before = cpu_s(pid)
    times = asyncio.run(load(port, path, headers))
    report(name, times, cpu_s(pid) - before)


async def listen(port: int, project_id: str, arrivals: dict[int, list[float]]) -> None:
    """Note when each event of a project arrives, until it is over."""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/ws", compression=None, open_timeout=60
    ) as wire:
        await wire.send(json.dumps({"action": "subscribe", "project_id": project_id}))
        async for text in wire:
            told = json.loads(text)
            if "id" in told:
                lag = time.time() - dt.datetime.fromisoformat(told["timestamp"]).timestamp()
                arrivals.setdefault(told["id"], []).append(lag)
            if told["type"].startswith("project."):
                return


@contextlib.asynccontextmanager
async def thousand(port: int, project_id: str) -> AsyncIterator[dict[int, list[float]]]:
    """Hold many listeners of one project open."""
    arrivals: dict[int, list[float]] = {}
    tasks = []
    for _ in range(LISTENERS):
        tasks.append(asyncio.create_task(listen(port, project_id, arrivals)))
        await asyncio.sleep(0.005)
    yield arrivals
    await asyncio.gather(*tasks)


async def listeners(port: int, pid: int, home: Path) -> None:
    """Let a thousand listeners hear a project whose log this process writes."""
    from api.project_logs import Worker, desk_in

    from soundflow_assets.orchestration.generation.request import SongRequest

    base = f"http://127.0.0.1:{port}"
    before = memory_mb(pid, "VmRSS")
    desk = desk_in(home)
    project_id = desk.submit(SongRequest(genre="lofi"), dt.date(2025, 1, 15), "process").id
    worker = Worker(desk, home, project_id)  # this process, so that none is started
    async with thousand(port, project_id) as arrivals:
        for _ in range(200):
            if "soundflow_websockets 1000.0" in httpx.get(f"{base}/metrics").text:
                break
            await asyncio.sleep(0.1)
        held, before_s = memory_mb(pid, "VmRSS"), cpu_s(pid)
        for number in range(20):
            await asyncio.to_thread(worker.stage, "render", number / 20)
            await asyncio.sleep(0.5)
        await asyncio.to_thread(worker.succeed)
    used_s = cpu_s(pid) - before_s
    lags = sorted(lag for event in arrivals.values() for lag in event)
    print(f"\n{LISTENERS} listeners, {len(arrivals)} events, {len(lags):,} deliveries")
    print(
        f"lag from the log's own time: median {statistics.median(lags):.2f} s, "
        f"p99 {lags[int(len(lags) * 0.99)]:.2f} s, worst {lags[-1]:.2f} s"
    )
    print(f"CPU of the service: {1000 * used_s / len(arrivals):.0f} ms an event")
    print(
        f"memory of the service: {before:.0f} MB before, {held:.0f} MB with listeners, "
        f"peak {memory_mb(pid, 'VmHWM'):.0f} MB"
    )


def main() -> None:
    """Measure what the arguments name, or all."""
    wanted = sys.argv[1:] or ["catalogs", "signing", "listeners"]
    with tempfile.TemporaryDirectory(prefix="bench-serve-") as scratch:
        folder = Path(scratch)
        ours = ("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_", "DAGSTER_HOME")
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "SOUNDFLOW_BUCKET": str(folder / "bucket"),
            "SOUNDFLOW_ACCOUNTS": str(folder / "accounts.sqlite"),
            "SOUNDFLOW_RATE_READ": "0",
            "SOUNDFLOW_RATE_SIGN": "0",
            "DAGSTER_HOME": str(folder / "home"),
        }
        started = time.perf_counter()
        token = fill(environ) if {"catalogs", "signing"} & set(wanted) else ""
        print(f"bucket made in {time.perf_counter() - started:.0f} s", flush=True)
        with service(environ) as (port, pid):
            print(f"memory of the service at rest: {memory_mb(pid, 'VmRSS'):.0f} MB")
            if "catalogs" in wanted:
                catalogs(port, pid)
            if "signing" in wanted:
                signing(port, pid, token)
            if "listeners" in wanted:
                asyncio.run(listeners(port, pid, Path(environ["DAGSTER_HOME"])))


if __name__ == "__main__":
    main()
