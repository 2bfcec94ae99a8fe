"""A track's insides as files for people: stems, score, plan."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np

from soundflow_assets.audio import CHANNELS, SAMPLE_RATE, Audio
from soundflow_assets.composition.codec import score_to_json
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.synthesis.stems import render_stems

_FULL_SCALE = 1 << 23
_CHUNK = 10 * SAMPLE_RATE


def write_stems(plan: TrackPlan, score: Score, folder: Path) -> dict[str, Path]:
    """Write each stem as a 24-bit WAV named by its role; return `stems/<role>` to path.

    Stems are level with the mix before the master bus: added up, they are that mix.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for stem in render_stems(plan, score):
        path = folder / f"{stem.role}.wav"
        write_wav24(stem.audio, path)
        files[f"stems/{stem.role}"] = path
    return files


def write_wav24(audio: Audio, path: Path) -> None:
    """Write float32 (2, samples) as 24-bit stereo; what passes full scale is held there."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(CHANNELS)
        file.setsampwidth(3)
        file.setframerate(SAMPLE_RATE)
        for start in range(0, audio.shape[1], _CHUNK):
            scaled = np.rint(audio[:, start : start + _CHUNK].T.astype(np.float64) * _FULL_SCALE)
            whole = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i4")
            # The low three of each four bytes.
            file.writeframes(whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes())


def write_score(plan: TrackPlan, score: Score, folder: Path) -> dict[str, Path]:
    """Write plan and score as JSON; return `plan.json` and `score.json` to path."""
    files = {name: folder / f"{plan.id}.{name}" for name in ("plan.json", "score.json")}
    document = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=1)
    files["plan.json"].write_text(document + "\n", encoding="utf-8")
    files["score.json"].write_text(score_to_json(score), encoding="utf-8")
    return files
