"""CPU seconds of making sound: plan to mastered 16 bits, by genre, stage, role and kernel.

    .venv/bin/python bench/render.py                       every genre, a table
    .venv/bin/python bench/render.py --genre house --roles --kernels
    .venv/bin/python bench/render.py --date 2026-02-03 --repeat 3 --json

Each genre has a process of its own. It first renders the track of the day before, so that
compiling, loading kernels and importing are left out, then the track of `--date` `--repeat` times,
of which the smallest CPU time is reported for every figure. CPU seconds are of the process (user +
system), which other work on the machine disturbs less than wall time. `MB` is the process's own
highest resident set (VmHWM), imports and the warming render included.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

DATE = "2026-01-15"
STAGES = ("compose", "render", "mix", "master")


def main() -> None:
    """Print the table, or what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genre", action="append", help="may be given again; every genre if not")
    parser.add_argument("--date", default=DATE)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--roles", action="store_true", help="render by stem, mixing included")
    parser.add_argument("--kernels", action="store_true", help="the costliest compiled functions")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        print(json.dumps(measured(asked.genre[0], dt.date.fromisoformat(asked.date), asked.repeat)))
        return
    genres = asked.genre or sorted(p.stem for p in Path("generator_configs/genres").glob("*.yaml"))
    rows = []
    if not asked.json:
        heads = "".join(f"{head:>9}" for head in (*STAGES, "total"))
        print(f"{'genre':10}{heads}{'MB':>6}")
    for genre in genres:
        row = in_a_process(genre, asked.date, asked.repeat)
        rows.append(row)
        if not asked.json:
            show(row, asked.roles, asked.kernels)
    if asked.json:
        print(json.dumps(rows, indent=1))
    elif len(rows) > 1:
        totals = sorted(row["total"] for row in rows)
        median = 0.5 * (totals[(len(totals) - 1) // 2] + totals[len(totals) // 2])
        print(f"median {median:.2f}, worst {totals[-1]:.2f} CPU s")


def in_a_process(genre: str, date: str, repeat: int) -> dict[str, Any]:
    """Return what `measured` finds of a genre in a fresh process."""
    command = [sys.executable, __file__, "--worker", "--genre", genre, "--date", date]
    done = subprocess.run(
        [*command, "--repeat", str(repeat)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(row: dict[str, Any], roles: bool, kernels: bool) -> None:
    """Print one genre's line, and its parts where asked."""
    cells = "".join(f"{row['stages'][stage]:9.3f}" for stage in STAGES)
    print(f"{row['genre']:10}{cells}{row['total']:9.3f}{row['peak_mb']:6.0f}", flush=True)
    if roles:
        for role, seconds in row["roles"].items():
            print(f"    {role:30}{seconds:7.3f}")
    if kernels:
        for name, (seconds, calls) in list(row["kernels"].items())[:24]:
            print(f"    {name:52}{seconds:7.3f}{calls:7d}")


def measured(genre: str, date: dt.date, repeat: int) -> dict[str, Any]:
    """Return the least CPU seconds of a genre's track by stage and role, and the peak memory."""
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.plans.resolve import genre_plan

    configs = load_configs()
    once(genre_plan(configs, genre, date - dt.timedelta(days=1)))
    plan = genre_plan(configs, genre, date)
    passes = [once(plan) for _ in range(repeat)]
    peak_mb = highest_mb()
    with timed_kernels() as kernels:
        once(plan)
    least = {
        kind: {name: min(p[kind][name] for p in passes) for name in passes[0][kind]}
        for kind in ("stages", "roles")
    }
    return {
        "genre": genre,
        "id": plan.id,
        **least,
        "total": min(sum(p["stages"].values()) for p in passes),
        "kernels": kernels,
        "peak_mb": peak_mb,
        "pcm_sha256": passes[-1]["pcm_sha256"],
    }


def once(plan: Any) -> dict[str, Any]:
    """Take a plan to its master; return CPU seconds by stage and by stem."""
    from soundflow_assets.listening.candidates import best_candidate
    from soundflow_assets.mastering.master import aim_of, level, premaster
    from soundflow_assets.mastering.programme import render_mix
    from soundflow_assets.synthesis.stems import _Desk

    roles: dict[str, float] = {}
    stems = _Desk.stems

    def watched(desk: _Desk) -> Iterator[tuple[str, float]]:
        before = time.process_time()
        for role, loudness in stems(desk):
            now = time.process_time()
            roles[role] = roles.get(role, 0.0) + now - before
            before = now
            yield role, loudness

    marks = [time.process_time()]
    with tempfile.TemporaryDirectory() as folder:
        composed = best_candidate(plan)
        marks.append(time.process_time())
        _Desk.stems = watched  # type: ignore[method-assign]
        try:
            reel = render_mix(composed.plan, composed.passages, Path(folder))
        finally:
            _Desk.stems = stems  # type: ignore[method-assign]
        marks.append(time.process_time())
        premaster(composed.plan, composed.score, reel)
        marks.append(time.process_time())
        master = level(aim_of(composed.plan), reel)
        marks.append(time.process_time())
    spent = [after - before for before, after in pairwise(marks)]
    return {
        "stages": dict(zip(STAGES, spent, strict=True)),
        "roles": roles,
        "pcm_sha256": master.pcm_sha256,
    }


class timed_kernels:  # noqa: N801
    """While entered, every compiled function that Python calls adds up its time and calls.

    All kernels must be compiled by then: one that calls another would see the clock instead of it.
    """

    def __enter__(self) -> dict[str, tuple[float, int]]:
        from numba.core.dispatcher import Dispatcher

        self._spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
        self._table: dict[str, tuple[float, int]] = {}
        self._replaced: list[tuple[Any, str, Any]] = []
        for name, module in list(sys.modules.items()):
            if not name.startswith("soundflow_assets."):
                continue
            for attribute, value in list(vars(module).items()):
                if isinstance(value, Dispatcher):
                    self._replaced.append((module, attribute, value))
                    setattr(module, attribute, self._clocked(value))
        return self._table

    def __exit__(self, *_: object) -> None:
        for module, attribute, value in self._replaced:
            setattr(module, attribute, value)
        costliest = sorted(self._spent.items(), key=lambda item: -item[1][0])
        self._table.update({name: (spent, int(calls)) for name, (spent, calls) in costliest})

    def _clocked(self, kernel: Any) -> Callable[..., Any]:
        function = kernel.py_func
        package = function.__module__.removeprefix("soundflow_assets.")
        entry = self._spent[f"{package}.{function.__name__}"]

        def clocked(*given: Any, **named: Any) -> Any:
            before = time.thread_time()
            answer = kernel(*given, **named)
            entry[0] += time.thread_time() - before
            entry[1] += 1
            return answer

        return clocked


def highest_mb() -> float:
    """Return the process's highest resident set in MB, its own and not what it inherited."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
