"""Spectrum, wave, clicks and joins on signals whose answer is known; one pass hears it all."""

from __future__ import annotations

import numpy as np
import pytest
from signals import RATE, beat, heard, noise, plucked, silences, twice, waveform_of

from soundflow_assets.errors import BadInput
from soundflow_assets.listening import loudness
from soundflow_assets.listening.clicks import clicks_per_minute
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.joins import join_of
from soundflow_assets.listening.spectrum import spectrum_of
from soundflow_assets.listening.waveform import Moments
from soundflow_assets.reel import in_blocks


def test_tilt_of_white_is_flat_and_of_pink_minus_three() -> None:
    white = noise(12)
    spectrum = np.fft.rfft(white, axis=1)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(spectrum.shape[1]))), axis=1)
    flat = spectrum_of(heard(white).powers).tilt_db_per_octave
    falling = spectrum_of(heard(pink.astype(np.float32)).powers).tilt_db_per_octave
    assert flat == pytest.approx(0, abs=0.15)
    assert falling == pytest.approx(-3, abs=0.15)


def test_shares_and_low_correlation_follow_where_the_energy_is() -> None:
    time_s = np.arange(4 * RATE) / RATE
    low = np.sin(2 * np.pi * 50 * time_s)
    high = np.sin(2 * np.pi * 3000 * time_s)
    together = spectrum_of(heard(np.stack((low, low)).astype(np.float32)).powers)
    against = spectrum_of(heard(np.stack((low + high, -low)).astype(np.float32)).powers)
    assert together.shares_db["sub"] == pytest.approx(0, abs=0.05)
    assert together.low_correlation == pytest.approx(1)
    assert against.low_correlation == pytest.approx(-1, abs=0.01)
    assert against.shares_db["presence"] == pytest.approx(10 * np.log10(1 / 3), abs=0.05)


def test_waveform_facts_are_those_of_the_construction() -> None:
    left, right = noise(5, 1)[0], noise(5, 2)[0]
    mixed = np.stack((left, 0.6 * left + 0.8 * right)).astype(np.float32)
    facts = waveform_of(mixed + np.float32(0.01))
    assert facts.correlation == pytest.approx(0.6, abs=0.02)
    assert facts.dc_dbfs == pytest.approx(-40, abs=1)
    assert facts.side_to_mid_db == pytest.approx(10 * np.log10(0.4 / 1.6), abs=0.2)
    assert facts.clipped_pairs == 0


def test_clipping_counts_neighbours_of_one_sign_only() -> None:
    audio = np.zeros((2, 20), np.float32)
    audio[0, 3:6] = 1.0  # two pairs
    audio[1, 9] = -1.0  # a lone sample
    audio[1, 14], audio[1, 15] = 1.0, -1.0  # no pair
    assert waveform_of(audio).clipped_pairs == 2


def test_silences_are_found_where_they_were_put() -> None:
    audio = noise(4)
    audio[:, RATE : 2 * RATE] = 0
    audio[:, int(3.9 * RATE) :] = 0.0005
    found = silences(audio, RATE, 0.05)
    assert [(span.start_s, span.end_s) for span in found] == [(1.0, 2.0), (3.9, 4.0)]


def clicks(audio: np.ndarray) -> float:
    return clicks_per_minute(heard(audio).clicks, audio.shape[1] / RATE)


@pytest.mark.parametrize("hertz", [55.0, 220.0, 880.0])
def test_notes_cut_in_mid_swing_click_and_released_ones_do_not(hertz: float) -> None:
    assert clicks(plucked(0.0, hertz)) == pytest.approx(24 / 12.5 * 60, rel=0.1)
    assert clicks(plucked(0.008, hertz)) == 0


def test_drums_noise_crackle_and_a_low_saw_do_not_click() -> None:
    time_s = np.arange(8 * RATE) / RATE
    saw = twice(0.3 * (2 * (time_s * 60 % 1) - 1))
    rng = np.random.default_rng(5)
    crackle = noise(8) * np.float32(0.02)
    for start in rng.integers(0, 8 * RATE - 64, 60):
        grain = np.hanning(44) * np.sin(2 * np.pi * rng.uniform(1000, 5000) * np.arange(44) / RATE)
        crackle[:, start : start + 44] += (0.2 * grain).astype(np.float32)
    for audio in (beat(120.0, 8.0), noise(8), saw):
        assert clicks(audio) == 0
    assert clicks(crackle) < 60 / 8 * 6  # a tenth of the grains


def test_a_click_counts_once_whichever_channels_have_it() -> None:
    audio = noise(4) * np.float32(0.01)
    audio[:, RATE] += 0.5
    audio[0, 2 * RATE] += 0.5
    assert clicks(audio) == pytest.approx(30)


def test_a_programme_heard_in_blocks_is_the_programme() -> None:
    """Stretches end at 30 s: what is measured must not."""
    audio = beat(120.0, 70.0) + noise(70.0) * np.float32(0.3)
    audio[:, 30 * RATE + 5] += 0.9
    whole, pieces = heard(audio), hear(in_blocks(audio), RATE)
    frames = 1 + (audio.shape[1] - 1024) // 512
    assert len(whole.flux) == frames
    assert len(whole.mono_energies) == len(whole.levels.energies)
    assert (whole.clicks == 30 * RATE + 5).any()
    assert loudness.mono_fold_loss(whole.levels.energies, whole.mono_energies) >= 0
    assert np.array_equal(whole.mel, pieces.mel)
    alone = heard(np.ascontiguousarray(audio[:, 29 * 1024 :]))
    assert np.allclose(alone.mel[:500], whole.mel[29:529], rtol=1e-3)
    seam = round(30 * RATE / 512)
    around = heard(np.ascontiguousarray(audio[:, (seam - 40) * 512 : (seam + 60) * 512]))
    assert np.allclose(around.flux[5:80], whole.flux[seam - 35 : seam + 40], rtol=1e-3, atol=1e-5)


def test_folding_to_mono_costs_nothing_in_phase_and_three_lu_unrelated() -> None:
    same, unrelated = heard(twice(noise(5)[0])), heard(noise(5))
    for sound, loss in ((same, 0.0), (unrelated, 3.01)):
        found = loudness.mono_fold_loss(sound.levels.energies, sound.mono_energies)
        assert found == pytest.approx(loss, abs=0.1)


@pytest.mark.parametrize("shape", [(3, 100), (2, 0)])
def test_what_is_not_audio_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(BadInput):
        hear([np.zeros(shape, np.float32)], RATE)


def test_a_loop_cut_at_its_period_joins_and_one_cut_elsewhere_does_not() -> None:
    time_s = np.arange(8 * RATE) / RATE
    tone = twice(0.3 * np.sin(2 * np.pi * 110 * time_s))
    quarter = RATE // 110 // 4
    for cut, smooth in ((8 * RATE, True), (8 * RATE - quarter, False)):
        sound = heard(np.ascontiguousarray(tone[:, :cut]))
        join = join_of(sound.ends, sound.levels.energies, cut, 120.0)
        assert (join.step_ratio <= 1) == smooth
        assert (join.bars == 4) == smooth


def test_the_bars_of_a_loop_in_rubato_are_counted_by_its_bar_lines() -> None:
    lines = [0.0, 2.0, 4.4, 6.2, 8.5]
    sound = heard(noise(6.5))
    for length_s, whole in ((6.5, True), (6.2, True), (6.35, False)):
        samples = round(length_s * RATE)
        join = join_of(sound.ends, sound.levels.energies, samples, 120.0, lines)
        assert join.bars is not None
        assert (abs(join.bars - 3) < 0.001) == whole


def test_a_loop_that_ends_louder_than_it_began_has_a_level_step() -> None:
    audio = noise(8)
    audio[:, 4 * RATE :] *= np.float32(2)
    sound = heard(audio)
    join = join_of(sound.ends, sound.levels.energies, 8 * RATE, 120.0)
    assert join.level_step_db == pytest.approx(-6, abs=0.3)


def test_sums_of_a_programme_in_blocks_are_those_of_its_samples() -> None:
    rng = np.random.default_rng(4)
    audio = np.clip(0.5 * rng.standard_normal((2, 20_003)), -1.0, 1.0).astype(np.float32)
    moments = Moments()
    for piece in np.split(audio, [1, 4_097, 12_005], axis=1):
        moments.feed(piece)
    found = moments.waveform()
    full = np.abs(audio) >= 0.9999
    pairs = full[:, 1:] & full[:, :-1] & (audio[:, 1:] * audio[:, :-1] > 0.0)
    assert found.clipped_pairs == pairs.sum() > 0
    left, right = audio.astype(np.float64)
    assert found.correlation == pytest.approx(np.corrcoef(left, right)[0, 1], abs=1e-4)
    balance_db = 10 * np.log10((left**2).mean() / (right**2).mean())
    assert found.balance_db == pytest.approx(balance_db, abs=0.01)
