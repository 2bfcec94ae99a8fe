"""A track's insides as files for people: stems, score, plan."""

from __future__ import annotations

import json
from pathlib import Path

from soundflow_assets.audio import BED
from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.compose import passages
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.stem_files import StemReel, write_archive, write_stem_files
from soundflow_assets.mastering.programme import render_apart
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.synthesis.stems import layer_gain_db

# Stems that are no part of the genre's: the layer of the plan that weighs them, if one does.
_LAYERS = {"drums": "drums", "rumble": "drums", BED: "ambience"}
_NO_LAYER = "space"


def write_stems(plan: TrackPlan, folder: Path) -> dict[str, Path]:
    """Write each stem, music and bed as FLAC, and what they are; return `stems/<file>` to path.

    Stems are level with the mix before the master bus: added up, they are that mix. While at work,
    each is also held in `folder` as samples, 0.35 MB a second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reels = render_apart(plan, passages(plan), folder)
    stems = [StemReel(role, *_layer(plan, role), reel) for role, reel in reels.items()]
    files = write_stem_files(stems, plan.title, folder)
    return {f"stems/{name}": path for name, path in files.items()}


def write_stems_archive(plan: TrackPlan, files: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Put what `write_stems` has written into one zip; return `stems.zip` to its path."""
    path = folder / f"{plan.id}.stems.zip"
    write_archive({name.removeprefix("stems/"): file for name, file in files.items()}, path)
    return {"stems.zip": path}


def _layer(plan: TrackPlan, role: str) -> tuple[str, float]:
    """Return the layer a stem belongs to and its gain in dB."""
    layers: dict[str, str] = {part.role: part.layer for part in plan.spec.parts}
    layer = layers.get(role) or _LAYERS.get(role, _NO_LAYER)
    weight = getattr(plan.layers, layer, None)
    return layer, 0.0 if weight is None else layer_gain_db(weight)


def write_score(plan: TrackPlan, score: Score, folder: Path) -> dict[str, Path]:
    """Write plan and score as JSON; return `plan.json` and `score.json` to path."""
    files = {name: folder / f"{plan.id}.{name}" for name in ("plan.json", "score.json")}
    document = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=1)
    files["plan.json"].write_text(document + "\n", encoding="utf-8")
    files["score.json"].write_text(score_to_json(score), encoding="utf-8")
    return files
