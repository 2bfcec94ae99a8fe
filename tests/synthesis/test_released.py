"""A note that is let go early is the note it would have been, had it been made that short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.instruments.registry import NoteRequest, voice
from soundflow_assets.synthesis.instruments.voice import risen_within
from soundflow_assets.synthesis.kernels.envelopes import CLEAN_S
from soundflow_assets.synthesis.kernels.finish import WINDOW
from soundflow_assets.synthesis.kernels.released import (
    highest_levels,
    levelled,
    place_released,
)

PATCHES = Path(__file__).parents[2] / "generator_configs" / "patches"
# One patch of everything that may be let go early, and how long a short note of it is.
SHORT_S = {
    "pad/warm": 2.5, "strings/ensemble": 0.8, "poly/warm": 0.4, "supersaw/wide": 0.4,
    "synth_lead/square": 0.3, "stab/dub": 0.2, "sub/warm": 0.3, "house_bass/classic": 0.2,
    "rolling_bass/tight": 0.2, "pluck/muted": 0.3, "pluck/bell": 0.3, "bell/glass": 0.3,
    "vibes/deep": 0.4, "rhodes/soft": 0.4, "piano/upright": 0.4, "nylon/bright": 0.3,
    "muted_guitar/funk": 0.2, "ebass/round": 0.3, "upright/jazz": 0.3, "flute/airy": 0.6,
    "drone/warm": 8.0,
}  # fmt: skip


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("start", [0, 3, 5001, 29_000, -200])
def test_a_released_note_is_held_then_falls_then_is_silent(channels: int, start: int) -> None:
    rng = np.random.default_rng(5)
    sound = rng.standard_normal((channels, 20_000)).astype(np.float32)
    out = np.full((2, 30_000), 0.25, np.float32)
    hold_s, t60_s = 0.1, 0.2
    place_released(out, sound, start, 0.5, -2.0, hold_s, t60_s)
    n = np.arange(20_000)
    hold = int(hold_s * SAMPLE_RATE) // 8 * 8
    fall = hold + int(t60_s * SAMPLE_RATE) // 8 * 8
    clean = int(CLEAN_S * SAMPLE_RATE)
    gain = 10.0 ** (-3.0 * np.maximum(n - hold, 0) / (t60_s * SAMPLE_RATE))
    gain *= np.clip((fall + clean - 1 - n) / clean, 0.0, 1.0)
    expected = np.full((2, 80_000), 0.25)
    at = 25_000 + start
    expected[0, at : at + 20_000] += 0.5 * gain * sound[0]
    expected[1, at : at + 20_000] -= 2.0 * gain * sound[-1]
    expected = expected[:, 25_000:55_000]
    # The closing fade is straight and begins 60 dB down: where it begins matters to nobody.
    np.testing.assert_allclose(out, expected, atol=0.009)
    held = slice(max(start, 0), max(start, 0) + 4000)
    np.testing.assert_allclose(out[:, held], expected[:, held], atol=2e-6)


@pytest.mark.parametrize("name", SHORT_S)
def test_a_shorter_note_is_a_longer_one_let_go(name: str) -> None:
    instrument, patch = name.split("/")
    params = yaml.safe_load((PATCHES / f"{instrument}.yaml").read_text())["patches"][patch]
    played = voice(name, params)
    short_s = SHORT_S[name]
    release_s = played.release_s(60.0)
    assert release_s is not None
    assert played.attack_s(short_s) == played.attack_s(2.0 * short_s)
    own = played.render(NoteRequest(60.0, short_s))
    longer = played.render(NoteRequest(60.0, 2.0 * short_s))
    out = np.zeros((2, own.shape[1]), np.float32)
    gain = levelled(highest_levels(longer), short_s)
    place_released(out, longer, 0, gain, gain, short_s, release_s)
    hold = int(short_s * SAMPLE_RATE)
    off = out[:, :hold] - own[:, :hold]
    assert np.mean(off**2) < 0.006 * np.mean(own[:, :hold] ** 2)
    tail = slice(hold, hold + int(0.4 * release_s * SAMPLE_RATE))
    left_db = 10.0 * np.log10(np.mean(out[:, tail] ** 2) / np.mean(own[:, tail] ** 2))
    assert abs(left_db) < 3.0


def test_a_note_rises_within_its_length_by_steps() -> None:
    steps = {risen_within(2.0, 0.6 * duration_s) for duration_s in np.linspace(1.0, 5.0, 200)}
    assert sorted(steps) == pytest.approx([0.5, 0.5**0.5, 1.0, 2.0**0.5, 2.0])
    for longest_s in (0.01, 0.3, 1.9):
        assert 0.7 * longest_s < risen_within(2.0, longest_s) <= longest_s


def test_levels_only_rise_and_end_at_the_loudest() -> None:
    sound = np.ones((1, 4 * WINDOW), np.float32)
    sound[:, WINDOW : 2 * WINDOW] = 3.0
    levels = highest_levels(sound)
    np.testing.assert_allclose(levels, np.array([2.0, 18.0, 18.0, 18.0]) * WINDOW)
    assert levelled(levels, 0.5 * WINDOW / SAMPLE_RATE) == pytest.approx(3.0)
    assert levelled(levels, 9.0) == 1.0
