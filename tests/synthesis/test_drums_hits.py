"""Recipes and effect sounds: tuning, variation, duration, shape."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput
from soundflow_assets.synthesis.drums.kit import EFFECTS, RECIPES, level_of, render_hit
from soundflow_assets.synthesis.drums.skins import tuned
from soundflow_assets.synthesis.drums.stroke import Stroke

KICK = {"recipe": "kick", "start_hz": 180, "end_hz": 50, "t60_s": 0.6, "click_db": -40}


def ending_pitch(audio: Audio) -> float:
    """Frequency of the last part of a kick, by its zero crossings."""
    tail = audio[0, int(0.2 * SAMPLE_RATE) : int(0.4 * SAMPLE_RATE)]
    rising = np.flatnonzero((tail[:-1] < 0) & (tail[1:] >= 0))
    return float(SAMPLE_RATE * (rising.size - 1) / (rising[-1] - rising[0]))


def centroid(audio: Audio) -> float:
    power = np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2
    freqs = np.fft.rfftfreq(audio.shape[1], 1 / SAMPLE_RATE)
    return float((power.sum(axis=0) * freqs).sum() / power.sum())


def test_a_kick_ends_on_its_own_pitch() -> None:
    assert ending_pitch(render_hit("kick", KICK, 1.0, 0)) == pytest.approx(50, rel=0.04)


@pytest.mark.parametrize("tune_hz", [55.0, 110.0, 440.0, 43.65, 61.74])
def test_a_kick_follows_the_key(tune_hz: float) -> None:
    pitch = ending_pitch(render_hit("kick", {**KICK, "tune_hz": tune_hz}, 1.0, 0))
    octaves = np.log2(pitch / tune_hz)
    assert abs(octaves - round(octaves)) < 0.06, "the same pitch class"
    assert 50 / 1.5 < pitch < 50 * 1.5, "in the kick's own register"


@given(end=st.floats(30, 90), tune=st.floats(10, 2000))
def test_tuning_moves_a_drum_by_half_an_octave_at_most(end: float, tune: float) -> None:
    found = tuned(end, tune)
    assert end / 1.4143 < found < end * 1.4143
    octaves = np.log2(found / tune)
    assert abs(octaves - round(octaves)) < 1e-9


@given(
    sound=st.sampled_from(["hat_closed", "ride", "shaker"]),
    variant=st.integers(0, 10_000),
    share=st.floats(0, 0.15),
)
def test_variation_stays_within_its_share(sound: str, variant: int, share: float) -> None:
    stroke = Stroke(sound, 0.7, variant)
    assert 1 - share <= stroke.vary("decay", share) <= 1 + share
    assert stroke.vary("decay", share) == stroke.vary("decay", share)


def test_hats_vary_in_decay_and_tone_from_hit_to_hit() -> None:
    hats = [render_hit("hat_closed", {"recipe": "hat"}, 0.8, number) for number in range(12)]
    lengths = np.array([hat.shape[1] for hat in hats])
    tones = np.array([centroid(hat) for hat in hats])
    assert 0.05 < np.ptp(lengths) / lengths.mean() < 0.4
    assert 0.01 < np.ptp(tones) / tones.mean() < 0.3


@settings(max_examples=40, deadline=None)
@given(
    recipe=st.sampled_from(sorted(set(RECIPES) - set(EFFECTS) - {"brush_swirl"})),
    velocity=st.floats(0.05, 1),
    variant=st.integers(0, 7),
)
def test_any_stroke_of_any_recipe_is_finite_and_ends_in_silence(
    recipe: str, velocity: float, variant: int
) -> None:
    audio = render_hit("kick", {"recipe": recipe}, velocity, variant)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() <= level_of(velocity) * 0.5 * 2
    assert not audio[:, -1].any()


@pytest.mark.parametrize("sound", ["riser", "downlifter", "reverse_swell", "brush_swirl"])
@pytest.mark.parametrize("duration_s", [0.7, 2.0, 7.5])
def test_passages_last_as_long_as_they_are_asked_to(sound: str, duration_s: float) -> None:
    audio = render_hit(sound, {}, 0.8, 0, duration_s)
    assert audio.shape[1] == int(duration_s * SAMPLE_RATE)
    assert not audio[:, 0].any() and not audio[:, -1].any()


def thirds(audio: Audio) -> list[float]:
    return [float(np.sqrt(np.mean(part**2))) for part in np.array_split(audio, 3, axis=1)]


def test_a_riser_grows_and_opens_and_a_downlifter_does_the_opposite() -> None:
    riser, falling = (render_hit(sound, {}, 0.8, 0, 4.0) for sound in ("riser", "downlifter"))
    assert thirds(riser)[0] < 0.5 * thirds(riser)[2]
    assert thirds(falling)[2] < 0.5 * thirds(falling)[0]
    first, *_, last = np.array_split(riser, 4, axis=1)
    assert centroid(last) > 2 * centroid(first)
    first, *_, last = np.array_split(falling, 4, axis=1)
    assert centroid(last) < 0.5 * centroid(first)


def test_a_reverse_swell_leads_into_its_end() -> None:
    swell = render_hit("reverse_swell", {}, 0.8, 0, 2.0)
    loudest = int(np.argmax(np.abs(swell).max(axis=0)))
    assert loudest > 0.85 * swell.shape[1]


def test_an_impact_is_low_and_long() -> None:
    impact = render_hit("impact", {}, 1.0, 0)
    assert centroid(impact) < 200
    assert impact.shape[1] > 2 * SAMPLE_RATE


def test_a_sound_without_parameters_is_refused() -> None:
    with pytest.raises(BadInput, match="drum sound 'gong' has no parameters; known: kick"):
        render_hit("gong", {}, 0.8, 0)


def test_hits_are_the_same_in_a_process_with_another_hash_seed() -> None:
    script = (
        "import hashlib\n"
        "from soundflow_assets.synthesis.drums.kit import render_hit\n"
        "digest = hashlib.sha256()\n"
        "for name in ('snare', 'hat', 'shaker', 'crash'):\n"
        "    digest.update(render_hit('snare', {'recipe': name}, 0.7, 3).tobytes())\n"
        "print(digest.hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(digests) == 1
