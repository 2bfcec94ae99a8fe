"""The prompt book and the enhancer: complete, deterministic, and true to the operator's words."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.load import default_root
from soundflow_assets.premium.prompts.book import FILE, load_prompts
from soundflow_assets.premium.prompts.enhance import enhance
from soundflow_assets.storage.keys import CATEGORIES

GUIDES = {
    "deep_focus_gamma",
    "creative_flow_alpha",
    "deep_meditation_theta",
    "sleep_delta",
    "lofi_house_pump",
    "techno_energy",
    "progressive_house_uplifting",
    "study_lofi",
    "classical_study",
    "space_ambient",
    "nature_soundscape",
}


def test_every_category_has_three_prompts_and_the_guides_are_among_them() -> None:
    book = load_prompts()
    assert {prompt.id for prompt in book.prompts} >= GUIDES
    for category in CATEGORIES:
        assert len(book.of(category)) >= 3


def test_an_unknown_prompt_lists_the_known() -> None:
    with pytest.raises(BadInput, match=r"known: deep_focus_gamma.*did you mean 'study_lofi'"):
        load_prompts().find("study_lofy")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('category: "Study"', 'category: "Sleep"', "unknown category 'Sleep'; allowed: Deep Work"),
        ("key: Dm", "key: H", "unknown key 'H'"),
        ("sidechain: 0.4", "sidechain: 4", "sidechain"),
        ("energyMin: 40", "energyMin: 99", "Min is above Max"),
        ("id: night_coding", "id: study_lofi", "stands twice"),
        ("genre: deep", "gener: deep", "gener"),
    ],
)
def test_a_fault_of_the_book_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (default_root() / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=said) as refused:
        load_prompts(tmp_path)
    assert FILE in str(refused.value)


def test_words_are_understood() -> None:
    spec = enhance(
        "Warm jazz with upright bass, brushes, 92 BPM, in F# minor, no saxophone, 3/4",
        "Study",
        1,
    ).spec
    assert spec.genre == "jazz"
    assert (spec.bpm, spec.key, spec.metre) == (92, "F#m", 3)
    assert spec.instruments[:2] == ("upright bass", "brushed drums")
    assert spec.exclusions == ("saxophone",)
    assert "warm" in spec.moods


def test_musicgen_is_given_neither_names_nor_keys_nor_negatives() -> None:
    made = enhance("Ambient in the style of Brian Eno, in D minor, no drums", "Relax", 3)
    text = made.rendered("musicgen").text
    for word in ("Eno", "Brian", "minor", " no drums", "drum", "kick"):
        assert word not in text
    assert text.endswith("instrumental")


def test_ace_step_is_given_tempo_and_key_as_fields() -> None:
    made = enhance("Deep house, 122 bpm, A minor", "Flow State", 3).rendered("acestep")
    assert dict(made.fields) == {"timesignature": "4", "bpm": 122, "keyscale": "A minor"}
    assert made.text.endswith("[instrumental]")


def test_what_is_open_is_filled_by_the_seed() -> None:
    texts = {enhance("lofi", "Study", seed).rendered("musicgen").text for seed in range(12)}
    assert len(texts) > 3
    assert enhance("lofi", "Study", 5) == enhance("lofi", "Study", 5)


def test_enhancement_is_the_same_in_every_process() -> None:
    code = (
        "from soundflow_assets.premium.prompts.enhance import enhance\n"
        "print(enhance('dreamy synth pads', 'Relax', 9).rendered('musicgen').text)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for salt in ("0", "1")
    }
    assert said == {enhance("dreamy synth pads", "Relax", 9).rendered("musicgen").text + "\n"}


@settings(max_examples=30)
@given(words=st.text(min_size=1, max_size=300), seed=st.integers(0, 2**63 - 1))
def test_any_words_make_a_prompt(words: str, seed: int) -> None:
    if not words.strip():
        return
    made = enhance(words, "Nature", seed)
    assert made.rendered("musicgen").text.strip()
    assert len(made.rendered("acestep").text) < 1000
