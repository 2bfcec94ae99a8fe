"""A track's insides as files for people: stems, score, plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.stem_files import StemReel, write_archive, write_stem_files
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.reel import reel_of
from soundflow_assets.synthesis.stems import layer_gain_db, render_stems

# Stems that are no part of the genre's: the layer of the plan that weighs them, if one does.
_LAYERS = {"drums": "drums", "rumble": "drums", "bed": "ambience"}
_NO_LAYER = "space"


def write_stems(plan: TrackPlan, score: Score, folder: Path) -> dict[str, Path]:
    """Write each stem, music and bed as FLAC, and what they are; return `stems/<file>` to path.

    Stems are level with the mix before the master bus: added up, they are that mix.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = write_stem_files(list(_reels(plan, score, folder)), plan.title, folder)
    return {f"stems/{name}": path for name, path in files.items()}


def write_stems_archive(plan: TrackPlan, files: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Put what `write_stems` has written into one zip; return `stems.zip` to its path."""
    path = folder / f"{plan.id}.stems.zip"
    write_archive({name.removeprefix("stems/"): file for name, file in files.items()}, path)
    return {"stems.zip": path}


def _reels(plan: TrackPlan, score: Score, folder: Path) -> Iterator[StemReel]:
    layers: dict[str, str] = {part.role: part.layer for part in plan.spec.parts}
    for stem in render_stems(plan, score, bed_apart=True):
        layer = layers.get(stem.role) or _LAYERS.get(stem.role, _NO_LAYER)
        weight = getattr(plan.layers, layer, None)
        gain_db = 0.0 if weight is None else layer_gain_db(weight)
        yield StemReel(stem.role, layer, gain_db, reel_of(stem.audio, folder))


def write_score(plan: TrackPlan, score: Score, folder: Path) -> dict[str, Path]:
    """Write plan and score as JSON; return `plan.json` and `score.json` to path."""
    files = {name: folder / f"{plan.id}.{name}" for name in ("plan.json", "score.json")}
    document = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=1)
    files["plan.json"].write_text(document + "\n", encoding="utf-8")
    files["score.json"].write_text(score_to_json(score), encoding="utf-8")
    return files
