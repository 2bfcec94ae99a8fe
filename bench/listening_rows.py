"""One row of the listening table: a track or a bed made, heard and judged."""

from __future__ import annotations

import collections
import datetime as dt
import importlib.util
import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.delivery.decode import decode, decoding
from soundflow_assets.export import write_stems
from soundflow_assets.listening.beds import judge_bed
from soundflow_assets.listening.grid import grid_of
from soundflow_assets.listening.hearing import Hearing, hear
from soundflow_assets.listening.known import known_of
from soundflow_assets.listening.likeness import Character, character_of, likeness
from soundflow_assets.listening.measure import judge_heard, judge_loop
from soundflow_assets.listening.page.heat import similarity, spectrogram
from soundflow_assets.listening.stems import hear_stems
from soundflow_assets.listening.structure import structure_of
from soundflow_assets.listening.verdict import Indicator, Outcome, Rejected, Report
from soundflow_assets.plans.load import load_configs
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.production import Production, produce
from soundflow_assets.synthesis.nature.beds import render_bed

BED_S = 180
COMPARED = 4  # how many earlier tracks of the genre a track must be unlike
PICTURE = (560, 240)  # pixels of the spectrogram

Row = dict[str, Any]


def track_row(plan: TrackPlan, first: bool) -> tuple[Row, bytes | None]:
    """Make a track as the daily job does and judge its files; `first` adds stems and a picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            production = produce(plan, folder)
        except Rejected as error:
            return _row(plan, [_judged("gates", v.name, v.value, v.target, v.passed)
                               for v in error.verdicts]), None  # fmt: skip
        plan, score = production.plan, production.score
        with decoding(production.files["mp3"]) as (facts, blocks):
            heard = hear(blocks, facts.sample_rate)
        stems = None
        if first:
            write_stems(plan, folder / "stems")
            stems = hear_stems(folder / "stems")
        report = judge_heard(heard, known_of(score, plan), stems)
        indicators = [*report.indicators, *_loop(production), *_independent(production)]
    row = _row(plan, indicators)
    character = character_of(heard, grid_of(heard, score, None))
    row["character"] = {
        "harmony": character.harmony.tolist(),
        "rhythm": None if character.rhythm is None else character.rhythm.tolist(),
        "timbre": character.timbre.tolist(),
    }
    return row, _picture(heard, production) if first else None


def bed_row(name: str, date: dt.date) -> Row:
    """Render a bed for one date and judge it."""
    nature = load_configs().nature
    seed = seed_of(date, name) & 0x7FFFFFFF
    audio = render_bed(name, nature.beds[name], BED_S * SAMPLE_RATE, seed)
    indicators = Report(judge_bed(audio, nature.listening[name])).as_json()
    return {"id": f"{name}-{date}", "date": date.isoformat(), "category": "bed", "genre": name,
            "bpm": 0, "key": "", "indicators": indicators}  # fmt: skip


def with_novelty(rows: list[Row]) -> list[Row]:
    """Judge each track against the last ones of its genre, by date."""
    earlier: dict[str, list[Character]] = collections.defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["date"], row["id"])):
        stored = row.pop("character", None)
        if stored is None:
            continue
        rhythm = stored["rhythm"]
        own = Character(
            np.array(stored["harmony"]),
            None if rhythm is None else np.array(rhythm),
            np.array(stored["timbre"]),
        )
        found = [likeness(own, other) for other in earlier[row["genre"]][-COMPARED:]]
        if found:
            said = "the same piece" if any(one.same for one in found) else "new"
            fresh = f"{sum(one.fresh for one in found)} of {len(found)}"
            judged = (
                _judged("novelty", "against_last_four", said, "new", said == "new"),
                _judged("novelty", "clearly_new", fresh, "", None),
            )
            row["indicators"] += Report(judged).as_json()
        earlier[row["genre"]].append(own)
    return rows


def picture(source: Path, folder: Path, genre: str) -> None:
    """Copy a genre's picture to where the page shows it."""
    folder.mkdir(parents=True, exist_ok=True)
    if source.exists():
        shutil.copy(source, folder / f"{genre}.png")


def _picture(heard: Hearing, production: Production) -> bytes:
    """Return a spectrogram and, to its right, the likeness of every bar to every other."""
    columns, rows = PICTURE
    left = spectrogram(heard.octaves, columns, rows)
    form = structure_of(heard.mel, production.score.beat_times_s[::4])
    matrix = similarity(form.distances_db)
    places = np.linspace(0, len(matrix) - 1, rows).round().astype(np.int64)
    gap = np.full((rows, 8, 3), 255, left.dtype)
    pixels = np.concatenate((left, gap, matrix[np.ix_(places, places)]), axis=1)
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(48).save(file, "png", optimize=True)
    return file.getvalue()


def _loop(production: Production) -> list[Indicator]:
    path = production.files.get("loop.ogg")
    if path is None:
        return [_judged("loop", "loop", production.loop_verdict.message, "", None)]
    with decoding(path) as (facts, blocks):
        heard = hear(blocks, facts.sample_rate)
    found = judge_loop(heard, known_of(production.score, production.plan)).indicators
    return [one for one in found if one.group == "loop"]


def _independent(production: Production) -> list[Indicator]:
    """Return essentia's opinion, where it is installed."""
    if not importlib.util.find_spec("essentia"):
        return []
    import judges

    plan = production.plan
    found = judges.hear(decode(production.files["mp3"]).audio)
    beat = found.tempo_agrees(plan.bpm, 0.01) if production.score.hits else None
    off = abs(found.lufs - plan.target_lufs)
    key, tempo = f"{plan.key} or its relative", f"{plan.bpm:g}, ×2 or ×½"
    return [
        _judged("essentia", "tempo_heard", f"{found.bpm:.2f}", tempo, beat),
        _judged("essentia", "tempo_confidence", round(found.confidence, 2), "", None),
        _judged("essentia", "key_heard", found.key, key, found.key_agrees(plan.key)),
        _judged("essentia", "loudness_heard", round(found.lufs, 2),
                f"{plan.target_lufs:g} ±0.5", off <= 0.5),
    ]  # fmt: skip


def _judged(
    group: str, name: str, value: float | str, target: str, passed: bool | None
) -> Indicator:
    verdict: Outcome = "info" if passed is None else "pass" if passed else "miss"
    return Indicator(group, name, value, target=target, verdict=verdict)


def _row(plan: TrackPlan, indicators: list[Indicator]) -> Row:
    return {"id": plan.id, "date": plan.date.isoformat(), "category": plan.category,
            "genre": plan.genre, "bpm": plan.bpm, "key": plan.key,
            "indicators": Report(tuple(indicators)).as_json()}  # fmt: skip
