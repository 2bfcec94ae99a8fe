"""CPU seconds and peak memory of a day's work: per genre by stage, and `soundflow daily` whole.

    .venv/bin/python bench/daily.py             every genre in one warm worker, then a whole day
    .venv/bin/python bench/daily.py deep jazz   these genres only

Each genre is rendered twice in a process of its own; the second pass is reported, so that compiling
the kernels and importing are left out (the whole day has them in). CPU seconds are user + system of
the process and its children, peak memory is the largest resident set.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATE = "2026-01-15"
WORKER = """
import datetime as dt, json, resource, sys, tempfile, time
from pathlib import Path
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.resolve import genre_plan
from soundflow_assets.production import produce

plan = genre_plan(load_configs(), sys.argv[1], dt.date.fromisoformat(sys.argv[2]))

def cpu():
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

for _ in range(2):
    marks = {}
    def on_event(event):
        marks.setdefault(event.stage, [cpu(), cpu()])[1] = cpu()
    with tempfile.TemporaryDirectory() as folder:
        start = cpu()
        production = produce(plan, Path(folder), on_event)
        total = cpu() - start
verdicts = {v.name: v.value for v in production.verdicts}
print(json.dumps({
    "stages": {stage: end - begin for stage, (begin, end) in marks.items()},
    "total": total,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "verdicts": verdicts,
}))
"""


def genre_row(genre: str) -> dict[str, object]:
    """Return the figures of one genre's second render in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, genre, DATE], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def whole_day() -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and peak MB of `soundflow daily` on an empty bucket."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "SOUNDFLOW_BUCKET": f"{folder}/bucket",
            "DAGSTER_HOME": f"{folder}/home",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm installation has its bytecode
        Path(folder, "home").mkdir()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        subprocess.run(
            [str(Path(sys.executable).parent / "soundflow"), "daily", "--date", DATE, "--json"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return cpu, wall, after.ru_maxrss / 1024


def main(genres: list[str]) -> None:
    """Print a table of the genres, then the whole day."""
    from soundflow_assets.plans.load import load_configs

    everything = not genres
    stages = ("compose", "render", "mix", "master", "encode")
    print(f"{'genre':10}" + "".join(f"{stage:>9}" for stage in stages) + f"{'total':>9}{'MB':>7}")
    for genre in genres or sorted(load_configs().genres):
        row = genre_row(genre)
        cells = "".join(f"{row['stages'].get(stage, 0.0):9.2f}" for stage in stages)
        print(f"{genre:10}{cells}{row['total']:9.2f}{row['peak_mb']:7.0f}")
    if everything:
        cpu, wall, peak = whole_day()
        print(f"soundflow daily: {cpu:.1f} CPU s, {wall:.1f} s, {peak:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
