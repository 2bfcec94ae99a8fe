"""What a mix lacks of its category's tone and width, and that the console gives it that."""

import numpy as np
import pytest
from signals import waveform_of

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.listening.hearing import hear
from soundflow_assets.listening.spectrum import Spectrum, spectrum_of
from soundflow_assets.mastering.console import Console, Fit
from soundflow_assets.mastering.fit import MOST_DB, fitted
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.plans.targets import CategoryTargets
from soundflow_assets.reel import in_blocks, reel_of
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.kernels.spectrum import BINS, HOP, SIZE, add_powers

BUS = MasterBus.model_validate({"glue_db": 0.0, "saturation": 0.0, "tape": 0.3, "tilt_db": 1.0})
STUDY = CategoryTargets(
    tilt_db_per_octave=(-6.8, -5.0), presence_db=(-20.0, -13.0), side_to_mid_db=(-14.0, -6.0)
)


def sloped(db_per_octave: float, side: float = 0.45, seconds: int = 8) -> Audio:
    """Noise whose power density falls by `db_per_octave` from 60 Hz on; `side` against mid."""
    rng = np.random.default_rng(5)
    samples = seconds * SAMPLE_RATE
    hertz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
    shape = np.maximum(hertz, 60.0) ** (db_per_octave / 6.0206)
    mid, lean = (np.fft.irfft(np.fft.rfft(rng.standard_normal(samples)) * shape) for _ in range(2))
    audio = np.stack((mid + side * lean, mid - side * lean))
    return (0.1 * audio / audio.std()).astype(np.float32)


def through_console(audio: Audio, fit: Fit) -> Audio:
    out = audio.copy()
    Console(BUS, loudness_of(out), fit).process(out)
    return out


def heard(audio: Audio) -> Spectrum:
    return spectrum_of(hear(in_blocks(audio), SAMPLE_RATE).powers)


def test_the_long_term_spectrum_is_that_of_the_frames() -> None:
    audio = sloped(-3.0, seconds=2)
    powers = np.zeros((2, BINS))
    add_powers(audio, 0, powers)
    window = np.hanning(SIZE + 1)[:-1]
    starts = range(0, audio.shape[1] - SIZE + 1, HOP)
    for row, signal in enumerate((audio[0] + audio[1], audio[0] - audio[1])):
        frames = [np.fft.rfft(0.5 * window * signal[start : start + SIZE]) for start in starts]
        expected = np.sum(np.abs(frames) ** 2, axis=0)[1:BINS]
        np.testing.assert_allclose(powers[row, 1:], expected, rtol=1e-5)


@pytest.mark.parametrize("slope", [-7.4, -4.2])
def test_a_mix_that_is_too_dark_or_too_bright_is_brought_to_its_category(slope: float) -> None:
    audio = sloped(slope)
    plain = heard(through_console(audio, Fit()))
    assert not -6.8 <= plain.tilt_db_per_octave <= -5.0
    fit = fitted(BUS, STUDY, reel_of(audio))
    fitting = heard(through_console(audio, fit))
    assert -6.8 <= fitting.tilt_db_per_octave <= -5.0
    assert -20.0 <= fitting.shares_db["presence"] <= -13.0


@pytest.mark.parametrize("side", [0.22, 0.9])
def test_a_mix_that_is_too_narrow_or_too_wide_is_brought_to_its_category(side: float) -> None:
    audio = sloped(-5.0, side)
    plain = waveform_of(through_console(audio, Fit())).side_to_mid_db
    assert not -14.0 <= plain <= -6.0
    fit = fitted(BUS, STUDY, reel_of(audio))
    assert -14.0 <= waveform_of(through_console(audio, fit)).side_to_mid_db <= -6.0


def test_what_lies_inside_is_left_alone() -> None:
    audio = sloped(-6.2)
    assert fitted(BUS, STUDY, reel_of(audio)) == Fit()
    assert fitted(BUS, CategoryTargets(), reel_of(sloped(-12.0))) == Fit()


def test_a_correction_has_its_bounds() -> None:
    fit = fitted(BUS, STUDY, reel_of(sloped(-14.0, 0.01)))
    assert max(abs(fit.tilt_db), abs(fit.presence_db), abs(fit.side_db)) == MOST_DB
