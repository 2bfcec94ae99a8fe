"""CPU seconds and peak memory of a backfill through Dagster, launched as its UI launches one.

    .venv/bin/python bench/backfill.py                        30 days at full length
    .venv/bin/python bench/backfill.py --duration 10          Dagster's share: 10 s of each track
    .venv/bin/python bench/backfill.py --days 2

A daemon with the project's `dagster.yaml` runs one process a day, two at a time, on an empty home
and an empty bucket; catalogs follow by automation, as they do in operation. CPU seconds are user +
system of the daemon and everything it has started, to the last ended process; asking for the
backfill is not in them. `stages` is the part of them that the tracks' own processes spent between
plan and upload. Peaks are of single processes (`VmHWM`), by what the process is.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime as dt
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
FIRST = dt.date(2026, 1, 1)
# What a process is, by a part of its command line.
KINDS = {"spawn_main": "run", "dagster-daemon": "daemon", "api grpc": "code server"}
LAUNCH = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename }
}
"""
_SUBREAPER = 36  # prctl(2), PR_SET_CHILD_SUBREAPER
_LONGEST_S = 12 * 3600.0
_GOODBYE_S = 120.0


def tool(name: str) -> str:
    """Return a program of this environment."""
    return str(Path(sys.executable).with_name(name))


def prepare(folder: Path, duration_s: float | None) -> dict[str, str]:
    """Make a Dagster home and a plan in `folder`; return the environment that uses them."""
    home, configs = folder / "home", folder / "configs"
    home.mkdir()
    shutil.copy(PROJECT / "dagster.yaml", home)
    shutil.copytree(PROJECT / "generator_configs", configs)
    if duration_s is not None:
        path = configs / "free_daily_plan.yaml"
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
        plan["defaults"]["duration_sec"] = duration_s
        for track in plan["tracks"]:
            track.pop("duration_sec", None)
        path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    ours = ("SOUNDFLOW_", "R2_", "CATALOG_", "FREE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {
        "DAGSTER_HOME": str(home),
        "SOUNDFLOW_CONFIGS": str(configs),
        "SOUNDFLOW_BUCKET": str(folder / "bucket"),
        "FREE_PUBLIC_BASE_URL": "https://music.example",
    }


def launch(days: Sequence[str], environment: dict[str, str]) -> list[str]:
    """Ask for a backfill of all free tracks; return their ids."""
    plan = Path(environment["SOUNDFLOW_CONFIGS"], "free_daily_plan.yaml")
    ids = [track["id"] for track in yaml.safe_load(plan.read_text(encoding="utf-8"))["tracks"]]
    params = {
        "assetSelection": [{"path": ["free", track_id]} for track_id in ids],
        "partitionNames": list(days),
        "fromFailure": False,
    }
    command = [
        tool("dagster-graphql"), "-w", str(PROJECT / "workspace.yaml"),
        "-t", LAUNCH, "-v", json.dumps({"params": params}),
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    if "LaunchBackfillSuccess" not in answer.stdout:
        sys.exit(f"the backfill was not accepted: {answer.stdout[-1000:]}")
    return ids


class Watcher(threading.Thread):
    """Takes down memory and time of every descendant of this process while it lives."""

    def __init__(self) -> None:
        """Begin at once."""
        super().__init__(daemon=True)
        self.peaks_mb: dict[str, dict[int, float]] = {kind: {} for kind in KINDS}
        self.cpu_s: dict[str, dict[int, float]] = {kind: {} for kind in KINDS}
        self.start()

    def run(self) -> None:
        """Look twice a second, for ever."""
        while True:
            for process in descendants(os.getpid()):
                self._note(process)
            time.sleep(0.5)

    def _note(self, process: int) -> None:
        folder = Path("/proc", str(process))
        try:
            command = folder.joinpath("cmdline").read_text(errors="replace").replace("\0", " ")
            status = folder.joinpath("status").read_text(encoding="ascii", errors="replace")
            fields = folder.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            return
        kind = next((kind for kind in KINDS if kind in command), None)
        peak = next((int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line), 0)
        if kind is not None:
            self.peaks_mb[kind][process] = peak / 1024
            ticks = fields[11:13] if kind != "spawn_main" else fields[11:15]  # its children's too
            self.cpu_s[kind][process] = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def descendants(ancestor: int) -> list[int]:
    """Return the processes below one, whoever started them."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, todo = [], [ancestor]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def wait_for(days: int, tracks: Sequence[str]) -> tuple[float, int]:
    """Wait until every day's run has ended and all is listed; return (stages' CPU s, runs)."""
    from soundflow_assets.orchestration import asset_keys
    from soundflow_assets.orchestration.instance import open_instance

    bucket = Path(os.environ["SOUNDFLOW_BUCKET"])
    wanted, deadline, told = days * len(tracks), time.monotonic() + _LONGEST_S, -1
    with open_instance() as opened:
        while time.monotonic() < deadline:
            runs = [record.dagster_run for record in opened.instance.get_run_records()]
            done = [run for run in runs if run.is_finished]
            failed = [run.run_id for run in done if not run.is_success]
            if failed:
                sys.exit(f"runs failed: {failed}")
            of_days = sum("dagster/partition" in run.tags for run in done)
            if of_days != told:
                told = of_days
                print(f"{of_days} of {days} days", file=sys.stderr)
            if of_days == days and len(done) == len(runs) and listed(bucket) == wanted:
                break
            time.sleep(2.0)
        else:
            sys.exit("the backfill did not end")
        found = [
            record.asset_materialization
            for track_id in tracks
            for record in opened.instance.fetch_materializations(
                asset_keys.free_track(track_id), limit=days
            ).records
        ]
    spent = [one.metadata["cpu_s"].value for one in found if one is not None]
    return float(sum(map(float, spent))), len(runs)


def listed(bucket: Path) -> int:
    """Return how many tracks the catalog of all tracks has."""
    try:
        return len(json.loads((bucket / "catalog/all.json").read_bytes()))
    except OSError:
        return 0


def reap() -> None:
    """Wait for every descendant to end, so that its CPU time is counted."""
    deadline = time.monotonic() + _GOODBYE_S
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.2)
        except ChildProcessError:
            return
    sys.exit(f"still running: {descendants(os.getpid())}")


def children_cpu_s() -> float:
    """Return CPU seconds of all children that have ended, and of theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    """Run one backfill and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--duration", type=float, help="seconds; the plan's own otherwise")
    asked = parser.parse_args()
    # Processes whose parents end before them become ours, so that nothing goes uncounted.
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("this needs Linux: descendants cannot be counted")
    with tempfile.TemporaryDirectory() as name:
        environment = prepare(Path(name), asked.duration)
        os.environ |= environment
        days = [(FIRST + dt.timedelta(days=day)).isoformat() for day in range(asked.days)]
        tracks = launch(days, environment)
        watcher, before, start = Watcher(), children_cpu_s(), time.monotonic()
        with Path(name, "daemon.log").open("wb") as log:
            command = [tool("dagster-daemon"), "run", "-w", str(PROJECT / "workspace.yaml")]
            daemon = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            stages, runs = wait_for(len(days), tracks)
            wall = time.monotonic() - start
            daemon.terminate()
            daemon.wait()
        reap()
        cpu = children_cpu_s() - before
    print(
        f"{len(days)} days, {len(days) * len(tracks)} tracks, {runs} runs: {cpu:.0f} CPU s, "
        f"{wall:.0f} s; a day {cpu / len(days):.1f} CPU s, of which stages {stages / len(days):.1f}"
    )
    for kind, title in KINDS.items():
        peaks = list(watcher.peaks_mb[kind].values())  # in the order in which they began
        if peaks:
            print(
                f"{title}: {len(peaks)} processes, {sum(watcher.cpu_s[kind].values()):.0f} CPU s, "
                f"peak {statistics.median(peaks):.0f} MB, the first {peaks[0]:.0f}, "
                f"the last {peaks[-1]:.0f}, at most {max(peaks):.0f}"
            )


if __name__ == "__main__":
    main()
