import hashlib

import numpy as np
import pyloudnorm
import pytest
import short_track
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from soundflow_assets.audio import SAMPLE_RATE, Audio, Stem
from soundflow_assets.errors import Failed
from soundflow_assets.mastering.master import (
    ENCODER_OVERSHOOT_DB,
    SILENT_END_S,
    Master,
    _levelled,
    _Levels,
    aim_of,
    highest_peak_dbtp,
    level,
    premaster,
)
from soundflow_assets.plans.model import Bed
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.reel import BLOCK, Reel, reel_of
from soundflow_assets.synthesis.kernels.dynamics import limiter_gains, quantise
from soundflow_assets.synthesis.kernels.loudness import (
    FINE_CELL,
    block_peaks,
    loudness_of,
    true_peaks,
    weighted_energies,
)
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.stems import render_stems, render_sum

PLAN = short_track.plan(beds=(Bed(name="rain", gain_db=0.0),))
SCORE = short_track.score()
CEILING_DBTP = highest_peak_dbtp(PLAN) - ENCODER_OVERSHOOT_DB
SAMPLES = round(PLAN.duration_s * SAMPLE_RATE)


def as_float(result: Master) -> np.ndarray:
    return result.pcm.T / 32768.0


def loudness_by_another_meter(result: Master) -> float:
    meter = pyloudnorm.Meter(SAMPLE_RATE, filter_class="DeMan")
    return float(meter.integrated_loudness(as_float(result).T))


def true_peak_by_resampling(result: Master) -> float:
    return float(20 * np.log10(np.abs(resample_poly(as_float(result), 8, 1, axis=1)).max()))


def noise(samples: int, level: float = 0.1, seed: int = 1) -> Audio:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, samples))).astype(np.float32)


def made() -> Reel:
    reel = reel_of(render_sum(PLAN, SCORE))
    premaster(PLAN, SCORE, reel)
    return reel


@pytest.fixture(scope="module")
def premastered() -> Reel:
    return made()


@pytest.fixture(scope="module")
def mastered(premastered: Reel) -> Master:
    return level(aim_of(PLAN), premastered)


def test_stems_kept_aside_sum_to_the_mix() -> None:
    kept = [
        Stem(stem.role, stem.audio.copy(), stem.loudness_lufs) for stem in render_stems(PLAN, SCORE)
    ]
    mixed = render_sum(PLAN, SCORE)
    total = sum(stem.audio.astype(np.float64) for stem in kept)
    assert np.abs(mixed - total).max() < 10 ** (-90 / 20) * np.abs(mixed).max()


def test_the_master_is_exactly_as_long_as_planned(mastered: Master) -> None:
    assert mastered.pcm.shape == (SAMPLES, 2)
    assert mastered.pcm.dtype == np.int16


def test_the_master_meets_its_loudness_and_ceiling(mastered: Master) -> None:
    assert loudness_by_another_meter(mastered) == pytest.approx(PLAN.target_lufs, abs=0.1)
    assert mastered.loudness_lufs == pytest.approx(loudness_by_another_meter(mastered), abs=0.05)
    assert true_peak_by_resampling(mastered) <= CEILING_DBTP + 0.1
    assert mastered.true_peak_dbtp == pytest.approx(true_peak_by_resampling(mastered), abs=0.2)


@pytest.mark.parametrize("target", [-23.0, -18.0, -11.0])
def test_a_plan_chooses_its_loudness(target: float, premastered: Reel) -> None:
    plan = short_track.plan(target_lufs=target)
    result = level(aim_of(plan), premastered)
    assert loudness_by_another_meter(result) == pytest.approx(target, abs=0.1)
    assert true_peak_by_resampling(result) <= CEILING_DBTP + 0.1


def test_a_category_of_dense_music_is_limited_lower(premastered: Reel) -> None:
    targets = PLAN.targets.model_copy(update={"peak_to_loudness_lu": (8.0, 10.0)})
    dense = PLAN.model_copy(update={"targets": targets})
    assert highest_peak_dbtp(PLAN) == -1.0
    assert highest_peak_dbtp(dense) == PLAN.target_lufs + 10.0
    result = level(aim_of(dense), premastered)
    assert true_peak_by_resampling(result) <= PLAN.target_lufs + 10.0 - ENCODER_OVERSHOOT_DB + 0.1
    assert result.loudness_lufs == pytest.approx(PLAN.target_lufs, abs=0.1)


def test_a_correction_repeats_the_last_step_only(premastered: Reel) -> None:
    before = premastered.read(0, SAMPLES)
    plain = level(aim_of(PLAN), premastered)
    louder = level(aim_of(PLAN), premastered, gain_offset_db=0.5)
    np.testing.assert_array_equal(premastered.read(0, SAMPLES), before)
    assert louder.loudness_lufs - plain.loudness_lufs == pytest.approx(0.5, abs=0.05)
    for_encoder = level(aim_of(PLAN), premastered, encoder_gain_db=0.265)
    assert for_encoder.loudness_lufs - plain.loudness_lufs == pytest.approx(0.265, abs=0.05)
    assert for_encoder.true_peak_dbtp <= CEILING_DBTP + 0.265 + 0.1


def test_the_same_plan_gives_the_same_bytes(mastered: Master) -> None:
    again = level(aim_of(PLAN), made())
    assert again.pcm_sha256 == mastered.pcm_sha256
    assert again.pcm.tobytes() == mastered.pcm.tobytes()


def test_it_starts_without_a_click_and_ends_in_digital_silence(mastered: Master) -> None:
    assert np.abs(mastered.pcm[:20].astype(int)).max() < 100
    silent = round(SILENT_END_S * SAMPLE_RATE)
    assert not mastered.pcm[-silent:].any()
    levels = np.abs(mastered.pcm[-2 * SAMPLE_RATE :].astype(float)).reshape(20, -1).max(axis=1)
    assert levels[10] < 0.5 * levels[0]
    assert levels[18] < 0.02 * levels[0]


def test_the_bass_is_mono_and_the_whole_is_stereo(mastered: Master) -> None:
    audio = as_float(mastered)
    low = sosfilt(butter(4, 110, fs=SAMPLE_RATE, output="sos"), audio, axis=1)
    assert np.corrcoef(low)[0, 1] > 0.95
    assert 0.2 < np.corrcoef(audio)[0, 1] < 0.97
    folded = np.tile(audio.mean(axis=0), (2, 1)).astype(np.float32)
    assert loudness_of(audio.astype(np.float32)) - loudness_of(folded) < 2.0


@settings(max_examples=60, deadline=None)
@given(
    peaks=st.lists(st.floats(0, 4), min_size=1, max_size=60),
    gain=st.floats(0.1, 8),
    ahead=st.integers(1, 7),
)
def test_the_limiter_lets_no_block_pass_the_ceiling(
    peaks: list[float], gain: float, ahead: int
) -> None:
    blocks = np.array(peaks)
    gains = limiter_gains(blocks, gain, 0.8, ahead, 0.02)
    assert np.all(blocks * np.maximum(gains[:-1], gains[1:]) <= 0.8 * (1 + 1e-9))
    assert np.all(gains <= gain * (1 + 1e-12))


def test_what_needs_no_limiting_is_not_limited() -> None:
    np.testing.assert_allclose(limiter_gains(np.full(50, 0.2), 3.0, 0.8, 5, 0.02), 3.0)


def test_the_limiter_comes_down_before_a_peak_and_returns_after_it() -> None:
    peaks = np.full(400, 0.1)
    peaks[100] = 1.6
    gains = limiter_gains(peaks, 1.0, 0.8, 5, 0.02)
    assert gains[94] == pytest.approx(1.0)
    assert np.all(np.diff(gains[95:101]) < 0)
    assert gains[100] == pytest.approx(0.5, abs=1e-6)
    assert 0.5 < gains[130] < gains[200] < gains[-1]
    assert gains[-1] > 0.99


def test_dither_is_triangular_and_leaves_silence_alone() -> None:
    audio = np.full((2, 200_000), 0.25 / 32767, dtype=np.float32)
    audio[:, :1000] = 0.0
    pcm = quantise(audio, np.ones(200_000 // 45 + 2), 45, 7, 0)
    assert not pcm[:1000].any()
    dithered = pcm[1000:]
    assert dithered.mean() == pytest.approx(0.25, abs=0.01)
    error = dithered - 0.25
    # Variance of TPDF dither plus rounding: (1/12) * 3 steps², whatever the signal.
    assert error.var() == pytest.approx(0.25, abs=0.01)
    assert abs(np.corrcoef(dithered.T)[0, 1]) < 0.02


def test_a_track_without_sound_fails_by_name() -> None:
    with pytest.raises(Failed, match="free-2025-01-15-short: no stem sounds"):
        premaster(PLAN, SCORE, Reel(SAMPLES))


def test_a_master_that_is_not_finite_fails_with_the_time() -> None:
    audio = noise(5 * SAMPLE_RATE)
    audio[0, 2 * SAMPLE_RATE] = np.inf
    with pytest.raises(Failed, match=r"not finite from 2\.0 s"):
        level(aim_of(PLAN), reel_of(audio))


def test_a_programme_of_several_stretches_is_mastered_as_one_array() -> None:
    # Against the same steps on the whole array: energies, peaks, limiter and dither alike.
    samples = 2 * BLOCK + 12_345
    audio = noise(samples, 0.1)
    audio[:, BLOCK - 30 : BLOCK + 30] *= np.float32(6.0)  # peaks across the cut
    plan = short_track.plan(duration_s=samples / SAMPLE_RATE)
    result = level(aim_of(plan), reel_of(audio))
    levels = _Levels(reel_of(audio))
    cells = weighted_energies(audio, FINE_CELL)
    peaks = block_peaks(audio, FINE_CELL)
    # Of a whole array, energies are weighed in cuts side by side: equal but for rounding.
    np.testing.assert_allclose(levels.cells, cells, rtol=1e-6)
    np.testing.assert_array_equal(levels.sample_peaks, peaks)
    np.testing.assert_array_equal(levels.true_peaks(0.3), true_peaks(audio, peaks, FINE_CELL, 0.3))
    ceiling = float(db_to_gain(CEILING_DBTP))
    gains, _ = _levelled(plan, levels, plan.target_lufs, ceiling)
    seed = seed_of(*plan.scope("dither")) & 0x7FFFFFFF
    whole = quantise(audio, gains, FINE_CELL, seed, 0)
    assert result.pcm_sha256 == hashlib.sha256(whole.data).hexdigest()
    np.testing.assert_array_equal(result.pcm, whole)


def test_progress_rises_to_one(premastered: Reel) -> None:
    seen: list[float] = []
    level(aim_of(PLAN), premastered, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
