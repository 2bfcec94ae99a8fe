"""The listening battery over full-length tracks, as published in docs/listening.md.

    .venv/bin/python bench/listening.py                 14 days, and every genre on three dates
    .venv/bin/python bench/listening.py --days 2        a shorter look; prints, writes nothing
    .venv/bin/python bench/listening.py --genre jazz    the dates of one genre only

Tracks are made as the daily job makes them and judged as decoded from their MP3. A genre that the
days do not bring three times is taken from the days that follow. Results are kept in bench/.cache
by plan and by the state of the sources, so that a run that was interrupted goes on where it was.
With essentia installed (`make judges`), its tempo and key are reported too.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import datetime as dt
import hashlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from listening_page import write_page

from soundflow_assets.delivery.decode import decode
from soundflow_assets.listening.measure import measure
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.resolve import free_plan
from soundflow_assets.production import Rejected, produce

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(__file__).with_name(".cache") / "listening"
SOURCES = ("soundflow_assets", "generator_configs")
FIRST_DAY = dt.date(2026, 12, 1)
DATES_PER_GENRE = 3
MOST_DAYS = 60


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
            if whole or (dates[plan.genre] < DATES_PER_GENRE and offset >= days):
                plans.append(plan)
                dates[plan.genre] += 1
                if whole:
                    of_days.add(plan.id)
    return plans, of_days


def heard(plan: TrackPlan, digest: str) -> dict[str, Any]:
    """Return the row of one track: what it is and every indicator, cached."""
    key = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()[:16]
    path = CACHE / f"{digest}-{key}.json"
    if path.exists():
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return row
    row = _made(plan)
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(row), encoding="utf-8")
    return row


def _made(plan: TrackPlan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            production = produce(plan, Path(folder))
        except Rejected as error:
            indicators = [
                {"group": "gates", "name": one.name, "value": one.value, "unit": "",
                 "target": one.target, "verdict": "pass" if one.passed else "miss"}
                for one in error.verdicts
            ]  # fmt: skip
            return _row(plan, indicators)
        decoded = decode(production.files["mp3"])
    plan, score = production.plan, production.score
    indicators = measure(decoded.audio, decoded.sample_rate, score, plan).as_json()
    if importlib.util.find_spec("essentia"):
        import judges

        found = judges.hear(decoded.audio)
        beat = bool(score.hits)
        indicators += [
            _judged("tempo_heard", f"{found.bpm:.2f}", f"{plan.bpm:g}, ×2 or ×½",
                    found.tempo_agrees(plan.bpm, 0.01) if beat else None),
            _judged("tempo_confidence", round(found.confidence, 2), "", None),
            _judged("key_heard", found.key, f"{plan.key} or its relative",
                    found.key_agrees(plan.key)),
            _judged("loudness_heard", round(found.lufs, 2), f"{plan.target_lufs:g} ±0.5",
                    abs(found.lufs - plan.target_lufs) <= 0.5),
        ]  # fmt: skip
    return _row(plan, indicators)


def _judged(name: str, value: object, target: str, agreed: bool | None) -> dict[str, Any]:
    verdict = "info" if agreed is None else "pass" if agreed else "miss"
    return {
        "group": "essentia", "name": name, "value": value, "unit": "",
        "target": target, "verdict": verdict,
    }  # fmt: skip


def _row(plan: TrackPlan, indicators: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": plan.id, "date": plan.date.isoformat(), "category": plan.category,
        "genre": plan.genre, "bpm": plan.bpm, "key": plan.key, "indicators": indicators,
    }  # fmt: skip


def rows_of(plans: list[TrackPlan], jobs: int) -> list[dict[str, Any]]:
    """Return a row for every plan, `jobs` at a time, telling of each as it is ready."""
    digest = sources_digest()
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(heard, plan, digest): plan for plan in plans}
        for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            row = future.result()
            misses = [one for one in row["indicators"] if one["verdict"] == "miss"]
            said = "; ".join(f"{one['name']} {one['value']} ({one['target']})" for one in misses)
            print(f"{done}/{len(plans)} {row['id']} {row['genre']}: {said or 'all pass'}",
                  flush=True)  # fmt: skip
        return [future.result() for future in waiting]


def main() -> None:
    """Hear the tracks, print what misses, and write the page when nothing was left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--genre", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--page", type=Path, help="where to write; docs/listening.md for a whole run"
    )
    chosen = parser.parse_args()
    plans, of_days = chosen_plans(chosen.days, set(chosen.genre))
    rows = rows_of(plans, chosen.jobs)
    verdicts = collections.Counter(one["verdict"] for row in rows for one in row["indicators"])
    judged = verdicts["pass"] + verdicts["miss"]
    print(f"{len(rows)} tracks: {verdicts['pass']} of {judged} verdicts passed "
          f"({100 * verdicts['pass'] / max(1, judged):.2f} %)")  # fmt: skip
    whole = chosen.days == 14 and not chosen.genre
    page = chosen.page or (ROOT / "docs" / "listening.md" if whole else None)
    if page is not None:
        write_page(page, rows, of_days)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
