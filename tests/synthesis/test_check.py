"""Whatever the configuration lets sound is checked before anything is made, and can be made."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.errors import BadInput
from soundflow_assets.plans.load import default_root, load_configs
from soundflow_assets.synthesis.check import check_sounds
from soundflow_assets.synthesis.drums import kit
from soundflow_assets.synthesis.instruments.registry import INSTRUMENTS
from soundflow_assets.synthesis.nature.beds import BEDS, render_bed

CONFIGS = load_configs()


def spoiled(folder: Path, file: str, old: str, new: str) -> Path:
    """The shipped configuration with one thing changed in one file."""
    root = shutil.copytree(default_root(), folder / "generator_configs")
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return root


def test_the_shipped_sounds_can_be_played() -> None:
    check_sounds(CONFIGS)
    assert {name.split("/")[0] for name in CONFIGS.patches} == set(INSTRUMENTS)
    assert set(CONFIGS.nature.beds) == set(BEDS)


def test_every_recipe_of_the_drums_is_in_a_kit_or_a_default() -> None:
    named = {given["recipe"] for sounds in CONFIGS.kits.values() for given in sounds.values()}
    assert named | {given["recipe"] for given in kit.DEFAULTS.values()} == set(kit.RECIPES)


@pytest.mark.parametrize("name", CONFIGS.kits)
def test_every_sound_of_every_kit_sounds(name: str) -> None:
    for sound in (*kit.SOUNDS, *kit.EFFECTS):
        audio = kit.render_hit(sound, CONFIGS.kits[name].get(sound, {}), 0.8, 0, 0.3)
        assert np.isfinite(audio).all() and np.abs(audio).max() > 0.003, sound
        assert np.abs(audio[:, -1]).max() < 1e-4, sound


@pytest.mark.parametrize("name", BEDS)
def test_every_bed_sounds_at_both_ends_of_all_its_parameters(name: str) -> None:
    fields = BEDS[name].model.model_fields
    for end in ("ge", "le"):
        params = {
            field: next(getattr(rule, end) for rule in info.metadata if hasattr(rule, end))
            for field, info in fields.items()
        }
        audio = render_bed(name, params, SAMPLE_RATE // 2, 1)
        assert np.isfinite(audio).all() and audio.any(), params


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "kits/house.yaml",
            "end_hz: 50",
            "end: 50",
            r"kits/house\.yaml: sounds\.kick\.end: unknown",
        ),
        ("nature.yaml", "birds: 5", "birds: 50", r"nature\.yaml: beds\.forest\.birds: .*found 50"),
        ("nature.yaml", "gap_s: 9", "gap: 9", r"nature\.yaml: beds\.forest\.gap: unknown field"),
        ("patches/pad.yaml", "saw: 0.7", "swa: 0.7", r"patches/pad\.yaml: patches\.warm: swa"),
        ("nature.yaml", "  hum: {slope", "  him: {slope", r"nature\.yaml: listening: unknown bed"),
    ],
)
def test_a_bad_field_is_named_with_its_file(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    root = spoiled(tmp_path, file, old, new)
    with pytest.raises(BadInput, match=told):
        check_sounds(load_configs(root))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    root = spoiled(tmp_path, "nature.yaml", "birds: 5", "birds: 50")
    path = root / "patches" / "pad.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("saw: 0.7", "saw: 7.7", 1))
    with pytest.raises(BadInput) as told:
        check_sounds(load_configs(root))
    assert len(str(told.value).splitlines()) == 2
