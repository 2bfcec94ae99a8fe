"""CPU seconds and peak memory of a day's work: a track by stage, and `soundflow daily` whole.

    .venv/bin/python bench/daily.py             every genre in a warm worker, then a whole day
    .venv/bin/python bench/daily.py deep jazz   these genres only
    .venv/bin/python bench/daily.py --day       the whole day only, at full length and with 10 s

Each genre is produced twice in a process of its own; the second pass is reported, so that loading
kernels and importing are left out (the whole day has them in). CPU seconds are user + system of the
process and its children. Peak memory is the process's own (`VmHWM`). The column `x mp3` is the
whole track over the encoder alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

DATE = "2026-01-15"
# column of the table -> functions of `production`, or of `levelling`, whose time it holds
STEPS = {
    "compose": ("best_candidate",),
    "render": ("render_mix",),
    "master": ("premaster", "level"),
    "mp3": ("write_mp3",),
    "verify": ("inspect",),
    "peaks": ("peaks_json",),
    "cover": ("cover",),
    "midi": ("score_to_midi",),
    "find loop": ("find_loop",),
    "ogg": ("write_loop",),
    "judge loop": ("verdict_of_loop",),
}
TRACKS_S = (180.0, 10.0)


def cpu_s() -> float:
    """Return CPU seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def peak_mb(process: int | str = "self") -> float:
    """Return a process's own peak memory; `ru_maxrss` would count its parent's before exec."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def work(genre: str) -> None:
    """Produce a genre's track twice and print the second pass as JSON: runs in the worker."""
    import datetime as dt

    from soundflow_assets import levelling, production
    from soundflow_assets.plans.load import load_configs
    from soundflow_assets.plans.resolve import genre_plan

    plan = genre_plan(load_configs(), genre, dt.date.fromisoformat(DATE))
    spent: dict[str, float] = {}

    def timed(step: str, name: str) -> None:
        owner = production if hasattr(production, name) else levelling
        function = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            start = time.thread_time()  # two encoders run side by side
            try:
                return function(*arguments, **named)
            finally:
                spent[step] = spent.get(step, 0.0) + time.thread_time() - start

        setattr(owner, name, call)

    for step, names in STEPS.items():
        for name in names:
            timed(step, name)
    for _ in range(2):
        spent.clear()
        with tempfile.TemporaryDirectory() as folder:
            start = cpu_s()
            track = production.produce(plan, Path(folder)).plan.id
            total = cpu_s() - start
    print(json.dumps({"spent": spent, "total": total, "peak_mb": peak_mb(), "id": track}))


def genre_row(genre: str) -> dict[str, Any]:
    """Return the figures of one genre's second pass in a fresh process."""
    command = [sys.executable, __file__, "--work", genre]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def environment(**more: str) -> dict[str, str]:
    """Return this environment as a warm installation has it: with its bytecode."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | more


def whole_day(track_s: float) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and peak MB of `soundflow daily` on an empty bucket."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        home.joinpath("dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="ascii")
        command = [
            str(Path(sys.executable).parent / "soundflow"), "daily",
            "--date", DATE, "--duration", f"{track_s:g}", "--json",
        ]  # fmt: skip
        before, start = cpu_s(), time.monotonic()
        process = subprocess.Popen(
            command,
            env=environment(SOUNDFLOW_BUCKET=f"{folder}/bucket", DAGSTER_HOME=str(home)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peaks: list[float] = []
        watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watcher.start()
        if process.wait():
            raise SystemExit(f"soundflow daily ended with {process.returncode}")
        watcher.join()
        return cpu_s() - before, time.monotonic() - start, max(peaks)


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    """Take down a process's peak memory until it is gone."""
    with contextlib.suppress(OSError, StopIteration):
        while process.returncode is None:
            peaks.append(peak_mb(process.pid))
            time.sleep(0.05)


def show_genres(genres: list[str]) -> None:
    """Print the table of the genres, in CPU seconds."""
    print("| genre | " + " | ".join(STEPS) + " | other | total | x mp3 | peak MB |")
    print("| --- |" + " --- |" * (len(STEPS) + 4))
    for genre in genres:
        row = genre_row(genre)
        spent, total = row["spent"], row["total"]
        cells = [f"{spent.get(step, 0.0):.2f}" for step in STEPS]
        cells += [f"{total - sum(spent.values()):.2f}", f"{total:.2f}"]
        cells += [f"{total / spent['mp3']:.2f}", f"{row['peak_mb']:.0f}"]
        print(f"| {genre} | " + " | ".join(cells) + " |", flush=True)


def main(arguments: list[str]) -> None:
    """Do what the arguments ask for."""
    if arguments[:1] == ["--work"]:
        work(arguments[1])
        return
    only_day = arguments == ["--day"]
    if not only_day:
        from soundflow_assets.plans.load import load_configs

        show_genres(arguments or sorted(load_configs().genres))
    if only_day or not arguments:
        for track_s in TRACKS_S:
            cpu, wall, peak = whole_day(track_s)
            print(
                f"soundflow daily, tracks of {track_s:g} s: "
                f"{cpu:.1f} CPU s, {wall:.1f} s, {peak:.0f} MB"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
