"""The shipped kits: every sound of every kit is clean, in its range, and its own."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.synthesis.drums.kit import (
    DEFAULTS,
    FULL_PEAK,
    REQUIRED,
    SOUNDS,
    level_of,
    render_hit,
    validate,
)

FOLDER = Path(__file__).parents[2] / "generator_configs" / "kits"
KITS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["sounds"]
    for path in sorted(FOLDER.glob("*.yaml"))
}
GENRE_KITS = {
    "deep", "house", "techno", "synth", "lofi", "chillout", "lounge", "jazz", "trance", "edm",
    "dance", "liquid", "halftime",
}  # fmt: skip
# Where the power of each sound lies: lowest and highest spectral centroid in Hz, at velocity 0.8.
CENTROIDS = {
    "kick": (40, 420), "snare": (450, 6500), "clap": (1000, 5000), "rim": (400, 4500),
    "snap": (1300, 5000), "hat_closed": (5000, 15000), "hat_open": (4500, 15000),
    "hat_foot": (800, 14000), "ride": (1500, 11000), "crash": (2500, 12000),
    "shaker": (3500, 12000), "tom_low": (60, 500), "tom_mid": (80, 600), "tom_high": (100, 800),
    "conga_low": (130, 900), "conga_high": (170, 1400), "brush": (1500, 9000),
    "tambourine": (3000, 12000), "brush_swirl": (2000, 8000), "cowbell": (500, 4000),
}  # fmt: skip
CENTRED = ("kick", "rim", "cowbell")
SPREAD = ("hat_closed", "hat_open", "ride", "crash", "clap")


@functools.cache
def hit(kit: str, sound: str, velocity: float = 0.8, variant: int = 0) -> Audio:
    return render_hit(sound, KITS[kit].get(sound, {}), velocity, variant)


def power(audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    size = 1 << 16
    spectrum = np.abs(np.fft.rfft(audio.astype(np.float64), size)) ** 2
    return np.fft.rfftfreq(size, 1 / SAMPLE_RATE), spectrum.sum(axis=0)


def centroid(audio: Audio) -> float:
    freqs, spectrum = power(audio)
    return float((freqs * spectrum).sum() / spectrum.sum())


def bands(audio: Audio) -> np.ndarray:
    """Level in dB of the octaves from 31 Hz up, then the time in which most of the sound falls."""
    freqs, spectrum = power(audio)
    edges = 31.25 * 2.0 ** np.arange(10)
    octaves = [
        spectrum[(freqs >= low) & (freqs < high)].sum() for low, high in itertools.pairwise(edges)
    ]
    return 10 * np.log10(np.array(octaves) / spectrum.sum() + 1e-6)


def length_s(audio: Audio) -> float:
    """Time until the sound has fallen by 30 dB for good."""
    loud = np.flatnonzero(np.abs(audio).max(axis=0) > np.abs(audio).max() * 0.0316)
    return float(loud[-1] / SAMPLE_RATE)


def test_every_genre_with_drums_has_a_kit() -> None:
    assert set(KITS) >= GENRE_KITS


@pytest.mark.parametrize("kit", KITS)
def test_every_kit_is_valid_and_whole(kit: str) -> None:
    validate(kit, KITS[kit])
    assert set(KITS[kit]) >= set(REQUIRED)


@pytest.mark.parametrize("kit", KITS)
def test_every_sound_is_finite_clean_and_at_its_level(kit: str) -> None:
    for sound in SOUNDS:
        audio = hit(kit, sound)
        given = KITS[kit].get(sound) or DEFAULTS[sound]
        peak = float(np.abs(audio).max())
        assert audio.dtype == np.float32 and audio.shape[0] == 2, sound
        assert np.isfinite(audio).all(), sound
        assert 0.02 * level_of(0.8) < peak < 2 * FULL_PEAK * level_of(0.8) + 1e-6, sound
        if "gain_db" in given:
            expected = FULL_PEAK * 10 ** (given["gain_db"] / 20) * level_of(0.8)
            assert peak == pytest.approx(expected, rel=1e-4), sound
        assert np.abs(audio[:, 0]).max() == 0 and np.abs(audio[:, -1]).max() == 0, sound
        assert np.abs(audio[:, :2]).max() < 0.3 * peak, f"{sound} starts with a step"


@pytest.mark.parametrize("kit", KITS)
def test_no_sound_carries_dc(kit: str) -> None:
    for sound in SOUNDS:
        audio = hit(kit, sound)
        assert np.abs(audio.mean(axis=1)).max() < 1e-3 * np.abs(audio).max(), sound


@pytest.mark.parametrize("kit", KITS)
def test_tails_ring_out_unless_a_gate_cuts_them(kit: str) -> None:
    for sound in set(SOUNDS) - {"brush_swirl"}:
        if (KITS[kit].get(sound) or DEFAULTS[sound]).get("gate_ms"):
            continue
        audio = hit(kit, sound)
        last = slice(-int(0.02 * SAMPLE_RATE), -int(0.01 * SAMPLE_RATE))
        assert np.abs(audio[:, last]).max() < 0.01 * np.abs(audio).max(), sound


@pytest.mark.parametrize("kit", KITS)
def test_every_sound_lies_where_its_instrument_does(kit: str) -> None:
    for sound, (low, high) in CENTROIDS.items():
        assert low < centroid(hit(kit, sound)) < high, sound


@pytest.mark.parametrize("kit", KITS)
def test_a_harder_stroke_is_brighter_as_well_as_louder(kit: str) -> None:
    for sound in SOUNDS:
        soft, hard = hit(kit, sound, 0.25), hit(kit, sound, 1.0)
        assert centroid(hard) > centroid(soft) * 1.015, sound
        assert np.abs(hard).max() > 4 * np.abs(soft).max(), sound


@pytest.mark.parametrize("kit", KITS)
def test_strokes_of_a_round_robin_differ_and_repeat_exactly(kit: str) -> None:
    for sound in SOUNDS:
        one, other = hit(kit, sound, 0.8, 1), hit(kit, sound, 0.8, 2)
        size = min(one.shape[1], other.shape[1])
        assert not np.array_equal(one[:, :size], other[:, :size]), sound
        again = render_hit(sound, KITS[kit].get(sound, {}), 0.8, 1)
        assert again.tobytes() == one.tobytes(), sound


@pytest.mark.parametrize("kit", KITS)
def test_kick_stands_in_the_centre_and_metal_spreads(kit: str) -> None:
    for sound in CENTRED:
        audio = hit(kit, sound)
        assert np.corrcoef(audio)[0, 1] > 0.99, sound
    for sound in SPREAD:
        assert 0.0 < np.corrcoef(hit(kit, sound))[0, 1] < 0.95, sound


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(KITS, 2)))
def test_no_kit_is_another_relabelled(one: str, other: str) -> None:
    """Most sounds of two kits differ by more than two strokes of one kit do."""
    different = 0
    for sound in ("kick", "snare", "clap", "hat_closed", "hat_open", "ride", "tom_mid", "shaker"):
        first, second = cached(one, sound), cached(other, sound)
        by_band = np.abs(first[0] - second[0]).mean()
        by_length = abs(np.log2(first[1] / second[1]))
        different += by_band > 1.0 or by_length > 0.2
    assert different >= 6


_SEEN: dict[tuple[str, str], tuple[np.ndarray, float]] = {}


def cached(kit: str, sound: str) -> tuple[np.ndarray, float]:
    if (kit, sound) not in _SEEN:
        audio = hit(kit, sound)
        _SEEN[kit, sound] = bands(audio), length_s(audio)
    return _SEEN[kit, sound]


def test_kicks_follow_the_table_of_genres() -> None:
    expected = {
        "deep": (140, 48, 0.35), "house": (180, 50, 0.30), "techno": (200, 46, 0.45),
        "trance": (280, 52, 0.25), "lofi": (120, 55, 0.22), "synth": (160, 52, 0.30),
    }  # fmt: skip
    for kit, numbers in expected.items():
        kick = KITS[kit]["kick"]
        assert (kick["start_hz"], kick["end_hz"], kick["t60_s"]) == numbers
    assert KITS["lofi"]["kick"]["lowpass_hz"] == 3000


def test_lofi_is_twelve_bits_and_dull() -> None:
    for kit in ("lofi", "lofi_b"):
        for sound, given in KITS[kit].items():
            assert given["bits"] == 12 and given["lowpass_hz"] <= 9000, sound
        freqs, spectrum = power(hit(kit, "hat_closed", 1.0))
        assert spectrum[freqs > 14000].sum() < 0.03 * spectrum.sum()


def test_the_synthwave_snare_is_a_plate_cut_at_220_ms() -> None:
    audio = hit("synth", "snare", 1.0)
    assert audio.shape[1] == int(0.22 * SAMPLE_RATE)
    before = np.abs(audio[:, int(0.17 * SAMPLE_RATE) : int(0.205 * SAMPLE_RATE)]).max()
    assert before > 0.03 * np.abs(audio).max(), "the plate still rings when the gate closes"


def test_an_unknown_field_names_file_sound_and_what_is_allowed() -> None:
    sounds = {name: dict(given) for name, given in KITS["deep"].items()}
    sounds["kick"]["wobble"] = 3
    with pytest.raises(BadInput, match=r"kits/deep\.yaml: sounds\.kick\.wobble: unknown.*end_hz"):
        validate("deep", sounds)


def test_a_value_out_of_range_names_itself() -> None:
    sounds = {name: dict(given) for name, given in KITS["deep"].items()}
    sounds["snare"]["low_hz"] = -5
    with pytest.raises(BadInput, match=r"sounds\.snare\.low_hz: .*20, found -5"):
        validate("deep", sounds)


def test_a_missing_sound_and_an_unknown_recipe_are_refused() -> None:
    sounds = dict(KITS["deep"])
    del sounds["crash"]
    with pytest.raises(BadInput, match=r"sounds\.crash is missing"):
        validate("deep", sounds)
    with pytest.raises(BadInput, match=r"sounds\.kick\.recipe: unknown 'gong'; known: .*snare"):
        validate("deep", {**KITS["deep"], "kick": {"recipe": "gong"}})
    with pytest.raises(BadInput, match=r"sounds\.gong: unknown sound"):
        validate("deep", {**KITS["deep"], "gong": {"recipe": "ride"}})
