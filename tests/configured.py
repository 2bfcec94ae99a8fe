"""The shipped configuration with some of the plan's entries changed."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from soundflow_assets.plans.load import default_root

ONLY_BASS = {
    "layers": {"drums": 0, "bass": 80, "music": 0, "pad": 0},
    "synth": {"cutoff": 50, "resonance": 0, "drive": 0, "space": 0},
    "ambience": {"rain": 0, "vinyl": 0, "white": 0},
    "natureTags": ["minimal"],
}
SILENCE = {**ONLY_BASS, "layers": {"drums": 0, "bass": 0, "music": 0, "pad": 0}}


def configs_with(folder: Path, **entries: dict[str, Any]) -> Path:
    """Copy the configuration into `folder`; `entries` maps track ids to changed fields."""
    copied = folder / "configs"
    shutil.copytree(default_root(), copied)
    path = copied / "free_daily_plan.yaml"
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in plan["tracks"]:
        entry |= entries.pop(entry["id"], {})
    assert not entries, f"no such tracks: {sorted(entries)}"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    return copied
