import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter, resample_poly

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.synthesis.kernels.k_weighting import WEIGHTING_STATE, weighted_energies_on
from soundflow_assets.synthesis.kernels.loudness import (
    CELL,
    CELLS_PER_BLOCK,
    CELLS_SHORT_TERM,
    FINE_CELL,
    block_peaks,
    fold_energies,
    integrated_loudness,
    loudness_of,
    sliding_loudness,
    true_peak_of,
    true_peaks,
    weighted_energies,
)


def tone(level_db: float, seconds: float, hertz: float = 1000.0) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    row = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t)
    return np.stack([row, row]).astype(np.float32)


def pink(seconds: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    samples = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(rng.standard_normal((2, samples)))
    spectrum /= np.sqrt(np.maximum(1, np.arange(spectrum.shape[1])))
    shaped = np.fft.irfft(spectrum, samples)
    return (0.1 * shaped / shaped.std()).astype(np.float32)


@pytest.mark.parametrize("cell", [FINE_CELL, CELL])
@pytest.mark.parametrize("cells", [1, 3, 300])
def test_energies_are_those_of_the_two_filters_of_the_standard(cells: int, cell: int) -> None:
    rng = np.random.default_rng(cells)
    audio = (0.3 + rng.standard_normal((2, cells * 441))).astype(np.float32)
    whole = audio.shape[1] // cell
    shelved = lfilter(
        [1.5308412300503478, -2.6509799951547297, 1.169079079921587],
        [1.0, -1.6636551132560204, 0.7125954280732254], audio.astype(np.float64),
    )  # fmt: skip
    weighted = lfilter([1, -2, 1], [1.0, -1.989169673629796, 0.9891990357870393], shelved)
    expected = np.square(weighted[:, : whole * cell]).sum(axis=0).reshape(whole, cell).sum(axis=1)
    near = {"rtol": 1e-5, "atol": 1e-5 * expected.sum() / max(1, whole)}  # filtered in float32
    np.testing.assert_allclose(weighted_energies(audio, cell), expected, **near)
    state, border = np.zeros(WEIGHTING_STATE), whole // 2 * cell
    parts = [weighted_energies_on(np.ascontiguousarray(piece), cell, state)
             for piece in np.split(audio[:, : whole * cell], [border], axis=1)]  # fmt: skip
    np.testing.assert_allclose(np.concatenate(parts), expected, **near)
    at_once = weighted_energies_on(audio, cell, np.zeros(WEIGHTING_STATE))
    np.testing.assert_allclose(np.concatenate(parts), at_once, **near)


@pytest.mark.parametrize("level_db", [-23.0, -33.0, -14.0])
def test_a_stereo_tone_of_1_khz_reads_its_own_level(level_db: float) -> None:
    # EBU Tech 3341, cases 1 and 2 (there at 997 to 1000 Hz in both channels).
    assert loudness_of(tone(level_db, 20)) == pytest.approx(level_db, abs=0.05)


def test_quiet_passages_are_gated_out() -> None:
    # EBU Tech 3341, case 3: -36, -23, -36 dBFS read -23.
    parts = [tone(-36, 10), tone(-23, 60), tone(-36, 10)]
    assert loudness_of(np.concatenate(parts, axis=1)) == pytest.approx(-23.0, abs=0.1)


def test_passages_below_the_absolute_gate_are_gated_out() -> None:
    # EBU Tech 3341, case 4.
    levels = [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)]
    audio = np.concatenate([tone(level, seconds) for level, seconds in levels], axis=1)
    assert loudness_of(audio) == pytest.approx(-23.0, abs=0.1)


def test_silence_has_no_loudness() -> None:
    assert loudness_of(np.zeros((2, 5 * SAMPLE_RATE), dtype=np.float32)) == -np.inf
    assert loudness_of(tone(-20, 0.3)) == -np.inf


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), step_db=st.floats(-40, 0))
def test_loudness_agrees_with_an_independent_meter(seed: int, step_db: float) -> None:
    audio = pink(6, seed)
    audio[:, : 2 * SAMPLE_RATE] *= np.float32(10 ** (step_db / 20))
    meter = pyloudnorm.Meter(SAMPLE_RATE, filter_class="DeMan")
    expected = meter.integrated_loudness(audio.T.astype(np.float64))
    assert loudness_of(audio) == pytest.approx(expected, abs=0.02)


def test_short_windows_of_a_steady_tone_read_its_level() -> None:
    cells = weighted_energies(tone(-20, 6), CELL)
    for width in (CELLS_PER_BLOCK, CELLS_SHORT_TERM):
        levels = sliding_loudness(cells, width)
        assert len(levels) == 60 - width + 1
        np.testing.assert_allclose(levels[1:], -20.0, atol=0.05)


def test_energies_of_fine_cells_fold_to_those_of_coarse_ones_and_follow_a_gain() -> None:
    audio = pink(3, 1)
    fine = weighted_energies(audio, FINE_CELL)
    ones = np.ones(len(fine) + 1)
    coarse = weighted_energies(audio, CELL)
    np.testing.assert_allclose(fold_energies(fine, ones), coarse, rtol=1e-5)
    ramp = np.linspace(1.0, 0.3, len(fine) + 1)
    shaped = audio.copy()
    shaped[:, : len(fine) * FINE_CELL] *= np.interp(
        np.arange(len(fine) * FINE_CELL) / FINE_CELL, np.arange(len(ramp)), ramp
    ).astype(np.float32)
    known = integrated_loudness(fold_energies(fine, ramp))
    assert known == pytest.approx(loudness_of(shaped), abs=0.01)


def test_cells_after_silence_are_measured_as_if_nothing_had_been() -> None:
    silence = np.zeros((2, 3 * SAMPLE_RATE), dtype=np.float32)
    audio = np.concatenate([tone(-20, 1), silence, tone(-20, 1)], axis=1)
    cells = weighted_energies(audio, CELL)
    np.testing.assert_allclose(cells[:10], cells[40:50], rtol=1e-6)


@pytest.mark.parametrize("silent_s", [0.5, 1.5])
def test_stretches_that_end_in_silence_go_on_as_one(silent_s: float) -> None:
    audio = pink(4, 2)
    border = 2 * SAMPLE_RATE
    audio[:, border - round(silent_s * SAMPLE_RATE) : border + SAMPLE_RATE // 4] = 0.0
    state = np.zeros(WEIGHTING_STATE)
    parts = [weighted_energies_on(np.ascontiguousarray(piece), FINE_CELL, state)
             for piece in np.split(audio, [border], axis=1)]  # fmt: skip
    # What the filters ring with in silence is nothing against the sound.
    whole = weighted_energies(audio, FINE_CELL)
    near = 1e-5 * whole.mean()
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-5, atol=near)


@pytest.mark.parametrize("phase", [0.0, 0.125, 0.25])
def test_the_peak_of_a_tone_between_samples_is_found(phase: float) -> None:
    # A quarter of the rate, sampled 45° off its crests: samples stay 3 dB below the wave.
    n = np.arange(4000)
    row = 0.5 * np.sin(2 * np.pi * (n / 4 + phase)) * np.hanning(4000)
    audio = np.stack([row, row]).astype(np.float32)
    assert 20 * np.log10(true_peak_of(audio) / 0.5) == pytest.approx(0.0, abs=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_true_peak_agrees_with_an_eightfold_resampling(seed: int) -> None:
    audio = pink(0.5, seed)
    expected = np.abs(resample_poly(audio.astype(np.float64), 8, 1, axis=1)).max()
    assert 20 * np.log10(true_peak_of(audio) / expected) == pytest.approx(0.0, abs=0.15)


def test_skipping_quiet_blocks_never_changes_what_may_pass_the_threshold() -> None:
    audio = pink(2, 3)
    audio[:, SAMPLE_RATE:] *= np.float32(0.2)
    peaks = block_peaks(audio, FINE_CELL)
    everywhere = true_peaks(audio, peaks, FINE_CELL, 0.0)
    threshold = float(everywhere.max()) * 0.5
    skipping = true_peaks(audio, peaks, FINE_CELL, threshold)
    high = everywhere >= threshold
    assert 0 < high.sum() < len(high)
    np.testing.assert_array_equal(skipping[high], everywhere[high])
