"""The listening battery over full-length tracks, as published in docs/listening.md.

    .venv/bin/python bench/listening.py                 14 days, every genre and bed on three dates
    .venv/bin/python bench/listening.py --days 2        a shorter look; prints, writes nothing
    .venv/bin/python bench/listening.py --genre jazz    the dates of one genre only

Tracks are made as the daily job makes them and judged as decoded from their files. A genre that the
days do not bring three times is taken from the days that follow; the first track of a genre is
judged by its stems too. Results are kept in bench/.cache by plan and by the state of the sources,
so that a run that was interrupted goes on where it was. With essentia installed (`make judges`),
its tempo and key are reported too.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import datetime as dt
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from listening_page import write_page
from listening_rows import bed_row, picture, track_row, with_novelty

from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.synthesis.nature.beds import BEDS

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(__file__).with_name(".cache") / "listening"
SOURCES = ("soundflow_assets", "generator_configs", "bench")
FIRST_DAY = dt.date(2026, 12, 1)
DATES = 3
MOST_DAYS = 60

Row = dict[str, Any]


def sources_digest() -> str:
    """Return a hash of everything that can change a sound or its measurement."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def chosen_plans(days: int, genres: set[str]) -> tuple[list[TrackPlan], set[str]]:
    """Return the plans to be heard, and the ids of those that belong to the full days."""
    configs = load_configs()
    plans: list[TrackPlan] = []
    of_days: set[str] = set()
    dates: collections.Counter[str] = collections.Counter()
    for offset in range(MOST_DAYS):
        date = FIRST_DAY + dt.timedelta(days=offset)
        for entry in configs.plan.tracks:
            plan = free_plan(configs, date, entry.siteCategory)
            if genres and plan.genre not in genres:
                continue
            whole = not genres and offset < days
            if whole or (dates[plan.genre] < DATES and offset >= days):
                plans.append(plan)
                dates[plan.genre] += 1
                if whole:
                    of_days.add(plan.id)
    return plans, of_days


def _cached(digest: str, name: str) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE / f"{digest}-{name}.json"


def heard_track(plan: TrackPlan, first: bool, digest: str) -> Row:
    """Return the row of one track, cached; `first` of its genre has its stems judged."""
    key = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()[:16]
    path = _cached(digest, f"{key}-{int(first)}")
    if not path.exists():
        row, image = track_row(plan, first)
        if image is not None:
            path.with_suffix(".png").write_bytes(image)
        path.write_text(json.dumps(row), encoding="utf-8")
    row = json.loads(path.read_text(encoding="utf-8"))
    row["picture"] = str(path.with_suffix(".png")) if first else None
    return dict(row)


def heard_bed(name: str, date: dt.date, digest: str) -> Row:
    """Return the row of one bed on one date, cached."""
    path = _cached(digest, f"{name}-{date}")
    if not path.exists():
        path.write_text(json.dumps(bed_row(name, date)), encoding="utf-8")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def rows_of(plans: list[TrackPlan], beds: list[tuple[str, dt.date]], jobs: int) -> list[Row]:
    """Return a row for every plan and bed, `jobs` at a time, telling of each as it is ready."""
    digest = sources_digest()
    firsts = {plan.genre: plan.id for plan in reversed(plans)}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        tasks = [
            pool.submit(heard_track, plan, firsts[plan.genre] == plan.id, digest) for plan in plans
        ]
        tasks += [pool.submit(heard_bed, name, date, digest) for name, date in beds]
        for done, future in enumerate(concurrent.futures.as_completed(tasks), 1):
            print(f"{done}/{len(tasks)} {_said(future.result())}", flush=True)
        return [future.result() for future in tasks]


def _said(row: Row) -> str:
    misses = [one for one in row["indicators"] if one["verdict"] == "miss"]
    said = "; ".join(f"{one['name']} {one['value']} ({one['target']})" for one in misses)
    return f"{row['date']} {row['category']} {row['genre']}: {said or 'all pass'}"


def main() -> None:
    """Hear the tracks, print what misses, and write the page when nothing was left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--genre", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, help="docs/listening.md for a whole run")
    chosen = parser.parse_args()
    plans, of_days = chosen_plans(chosen.days, set(chosen.genre))
    dates = [FIRST_DAY + dt.timedelta(days=day) for day in range(DATES)]
    beds = [(name, date) for name in BEDS for date in dates] if not chosen.genre else []
    rows = with_novelty(rows_of(plans, beds, chosen.jobs))
    verdicts = collections.Counter(one["verdict"] for row in rows for one in row["indicators"])
    judged = verdicts["pass"] + verdicts["miss"]
    print(f"{len(rows)} rows: {verdicts['pass']} of {judged} verdicts passed "
          f"({100 * verdicts['pass'] / max(1, judged):.2f} %)")  # fmt: skip
    whole = chosen.days == 14 and not chosen.genre
    page = chosen.page or (ROOT / "docs" / "listening.md" if whole else None)
    if page is not None:
        write_page(page, rows, of_days)
        for row in rows:
            if row.get("picture"):
                picture(Path(row["picture"]), page.parent / "images" / "listening", row["genre"])


if __name__ == "__main__":
    main()
