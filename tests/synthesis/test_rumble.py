import numpy as np
import pytest
import short_track

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.plans.drums import Rumble
from soundflow_assets.synthesis.effects.automation import control_points
from soundflow_assets.synthesis.effects.rumble import rumble
from soundflow_assets.synthesis.kernels.dynamics import duck_curve
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.stems import MIX_LUFS, render_stems, stem_roles

BEAT = 20_000  # samples: 132 BPM
BEATS = 12
SAMPLES = BEAT * (BEATS + 4)
KICKS = np.arange(BEATS) * BEAT


def kicks() -> np.ndarray:
    at = np.arange(6000) / SAMPLE_RATE
    kick = np.exp(-20.0 * at) * np.sin(2 * np.pi * (50.0 * at + 2.0 * (1 - np.exp(-30.0 * at))))
    out = np.zeros((2, SAMPLES), dtype=np.float32)
    for start in KICKS:
        out[:, start : start + 6000] += kick.astype(np.float32)
    return out


def rumbling(settings: Rumble) -> np.ndarray:
    audio = kicks()
    duck = duck_curve(KICKS, control_points(SAMPLES), 0.65 * BEAT / SAMPLE_RATE)
    rumble(audio, settings, duck)
    return audio


@pytest.fixture(scope="module")
def made() -> np.ndarray:
    return rumbling(Rumble(duck_db=6.0))


def rms_db(audio: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-30))


def test_rumble_stays_in_the_middle_and_below_the_music(made: np.ndarray) -> None:
    np.testing.assert_array_equal(made[0], made[1])
    power = np.abs(np.fft.rfft(made[0].astype(np.float64))) ** 2
    hertz = np.fft.rfftfreq(SAMPLES, 1 / SAMPLE_RATE)
    assert power[hertz < 160.0].sum() / power.sum() > 0.99


def test_rumble_gives_way_to_every_kick_and_is_back_before_the_next(made: np.ndarray) -> None:
    free = rumbling(Rumble(duck_db=0.0))
    for start in KICKS[4:]:
        struck, before = slice(start + 200, start + 700), slice(start - 3000, start - 200)
        assert rms_db(free[:, struck]) - rms_db(made[:, struck]) == pytest.approx(6.0, abs=0.8)
        assert rms_db(free[:, before]) - rms_db(made[:, before]) == pytest.approx(0.0, abs=0.4)


def test_rumble_rings_out_after_the_last_kick(made: np.ndarray) -> None:
    last = KICKS[-1] + BEAT
    half = round(0.6 * SAMPLE_RATE)  # half of its T60: 30 dB
    fall = rms_db(made[:, last : last + 4000]) - rms_db(made[:, last + half : last + half + 4000])
    assert 20.0 < fall < 40.0


def test_a_genre_that_asks_for_rumble_has_a_stem_as_loud_as_it_says() -> None:
    spec = short_track.spec(drums=short_track.spec().drums.model_dump() | {"rumble": {}})
    plan = short_track.plan(spec=spec)
    score = short_track.score(plan.duration_s)
    stems = {stem.role: stem.audio.copy() for stem in render_stems(plan, score)}
    assert "rumble" in stem_roles(plan, score)
    assert "rumble" not in stem_roles(short_track.plan(), score)
    wanted = MIX_LUFS + Rumble().loudness_lu
    weight = 20 * np.log10(plan.layers.drums / 70)
    assert loudness_of(stems["rumble"]) == pytest.approx(wanted + weight, abs=0.1)
