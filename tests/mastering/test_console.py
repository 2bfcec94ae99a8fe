"""The mix bus against its own definition, sample after sample, and by what is heard of it."""

import numpy as np
import numpy.typing as npt
import pytest
from numba import njit

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.mastering.console import (
    LOWEST_HZ,
    MONO_BELOW_HZ,
    PRESENCE_HZ,
    PRESENCE_Q,
    TILT_HZ,
    Console,
    mid_side_sections,
    tape_sections,
)
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.reel import BLOCK
from soundflow_assets.synthesis.kernels.dynamics import glue_gains, ride
from soundflow_assets.synthesis.kernels.filters import one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, soft_clip
from soundflow_assets.synthesis.kernels.mixing import CONTROL
from soundflow_assets.synthesis.kernels.sections import WARM_UP, run_sections

Floats = npt.NDArray[np.float64]

LONG = 4 * WARM_UP + 5 * CONTROL + 7  # cut in four, with a rest


def noise(samples: int, level: float = 0.1, seed: int = 1) -> Audio:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, samples))).astype(np.float32)


def toned(audio: Audio, gain: float, tilt_db: float, presence_db: float, side_db: float) -> Audio:
    """Return `audio` after the console's filters."""
    out = audio.copy()
    sections = mid_side_sections(gain, tilt_db, presence_db, side_db)
    run_sections(out, sections, True, np.zeros((len(sections), 2, 2)))
    return out


@njit
def _high_pass(x: Floats, hertz: float) -> None:
    a = b = 0.0
    for n in range(x.shape[0]):
        low, band, a, b = svf(x[n], a, b, svf_g(hertz), ROOT_TWO)
        x[n] += -ROOT_TWO * band - low


@njit
def _tilt(x: Floats, tilt_db: float) -> None:
    a = 0.0
    for n in range(x.shape[0]):
        low, a = one_pole(x[n], a, svf_g(TILT_HZ))
        x[n] = db_to_gain(-0.5 * tilt_db) * low + db_to_gain(0.5 * tilt_db) * (x[n] - low)


@njit
def _bell(x: Floats, gain_db: float) -> None:
    amplitude = db_to_gain(0.5 * gain_db)
    k = 1.0 / (amplitude * PRESENCE_Q)
    a = b = 0.0
    for n in range(x.shape[0]):
        _, band, a, b = svf(x[n], a, b, svf_g(PRESENCE_HZ), k)
        x[n] += k * (amplitude * amplitude - 1.0) * band


@pytest.mark.parametrize("samples", [LONG, 1000, 7])
def test_filters_in_cuts_are_those_of_one_run_over_the_whole(samples: int) -> None:
    audio = noise(samples) + np.float32(0.1)
    mid = 0.5 * 1.7 * (audio[0].astype(float) + audio[1])
    side = 0.5 * 1.7 * db_to_gain(2.0) * (audio[0].astype(float) - audio[1])
    _high_pass(mid, LOWEST_HZ)
    _high_pass(side, MONO_BELOW_HZ)
    _high_pass(side, MONO_BELOW_HZ)
    for signal in (mid, side):
        _tilt(signal, -3.0)
        _bell(signal, 2.5)
    expected = np.stack((mid + side, mid - side))
    np.testing.assert_allclose(toned(audio, 1.7, -3.0, 2.5, 2.0), expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("samples", [LONG, 1000])
def test_powers_are_those_of_what_comes_out(samples: int) -> None:
    audio = noise(samples)
    sections = tape_sections(0.8)
    powers = run_sections(audio, sections, False, np.zeros((2, 2, 2)))
    whole = samples // CONTROL
    squares = np.square(audio.astype(float)).sum(axis=0)[: whole * CONTROL]
    np.testing.assert_allclose(powers[:whole], squares.reshape(whole, -1).sum(axis=1), rtol=1e-6)


def test_there_is_no_offset_and_nothing_below_the_music() -> None:
    audio = toned(noise(3 * SAMPLE_RATE) + np.float32(0.2), 1.0, 0.0, 0.0, 0.0)
    settled = audio[:, SAMPLE_RATE:]
    assert np.abs(settled.mean(axis=1)).max() < 1e-3
    power = np.abs(np.fft.rfft(settled[0])) ** 2
    hertz = np.fft.rfftfreq(settled.shape[1], 1 / SAMPLE_RATE)
    assert power[hertz < 10].mean() < 0.05 * power[(hertz > 200) & (hertz < 2000)].mean()


@pytest.mark.parametrize("tilt_db", [-4.0, 4.0])
def test_tilt_turns_the_spectrum_about_its_middle(tilt_db: float) -> None:
    flat = toned(noise(2 * SAMPLE_RATE), 1.0, 0.0, 0.0, 0.0)
    tilted = toned(noise(2 * SAMPLE_RATE), 1.0, tilt_db, 0.0, 0.0)
    hertz = np.fft.rfftfreq(flat.shape[1], 1 / SAMPLE_RATE)

    def change_db(low: float, high: float) -> float:
        band = (hertz > low) & (hertz < high)
        powers = [np.sum(np.abs(np.fft.rfft(x[0])[band]) ** 2) for x in (tilted, flat)]
        return float(10 * np.log10(powers[0] / powers[1]))

    assert change_db(60, 150) == pytest.approx(-tilt_db / 2, abs=0.3)
    assert change_db(6000, 16000) == pytest.approx(tilt_db / 2, abs=0.3)


def glued(audio: Audio) -> Floats:
    """Return the gains of a glue of at most 1.5 dB above -18 dB."""
    steps = audio.shape[1] // CONTROL
    squares = np.square(audio[:, : steps * CONTROL].astype(float))
    powers = squares.sum(axis=0).reshape(steps, CONTROL).sum(axis=1)
    return glue_gains(powers, -18.0, 1.5, 0.03, 0.12, np.array([0.0, 1.0]))


def test_glue_takes_no_more_than_it_may_and_nothing_below_the_threshold() -> None:
    loud = 20 * np.log10(glued(noise(SAMPLE_RATE, 0.5)))
    assert loud.min() == pytest.approx(-1.5, abs=0.01)
    assert np.all(glued(noise(SAMPLE_RATE, 0.02)) == 1.0)


@pytest.mark.parametrize("drive", [0.0, 3.0])
@pytest.mark.parametrize("samples", [1024, 1000])
def test_gain_runs_in_straight_lines_and_then_the_top_is_rounded_off(
    samples: int, drive: float
) -> None:
    audio = noise(samples, 0.5)
    gains = np.random.default_rng(3).uniform(0.5, 1.0, 33)
    lines = np.interp(np.arange(1, samples + 1) / CONTROL, np.arange(33), gains)
    expected = audio * lines
    if drive > 0.0:
        expected = np.vectorize(soft_clip)(expected * drive) / drive
    ride(audio, gains, drive)
    np.testing.assert_allclose(audio, expected, rtol=1e-6)


def test_what_is_not_a_number_is_not_rounded_off() -> None:
    audio = noise(CONTROL)
    audio[1, 5] = np.nan
    ride(audio, np.ones(2), 2.0)
    assert np.flatnonzero(np.isnan(audio)).tolist() == [CONTROL + 5]


def test_tape_lifts_the_head_bump_and_softens_the_top() -> None:
    plain, taped = noise(2 * SAMPLE_RATE), noise(2 * SAMPLE_RATE)
    run_sections(taped, tape_sections(1.0), False, np.zeros((2, 2, 2)))
    hertz = np.fft.rfftfreq(plain.shape[1], 1 / SAMPLE_RATE)
    power = [np.abs(np.fft.rfft(x[0])) ** 2 for x in (plain, taped)]

    def change_db(low: float, high: float) -> float:
        band = (hertz > low) & (hertz < high)
        return float(10 * np.log10(power[1][band].sum() / power[0][band].sum()))

    assert change_db(75, 85) == pytest.approx(1.5, abs=0.1)
    assert change_db(800, 1200) == pytest.approx(0.0, abs=0.2)
    assert change_db(13000, 15000) < -6


@pytest.mark.parametrize("changed", [{"saturation": 0.9}, {"tape": 0.8}, {"glue_db": 3.0}])
def test_every_setting_of_the_mix_bus_is_heard(changed: dict[str, float]) -> None:
    dull = np.ascontiguousarray(np.repeat(noise(SAMPLE_RATE // 32), 64, axis=1))
    plain, other = dull.copy(), dull.copy()
    settings_ = {"saturation": 0.1, "tape": 0.0, "glue_db": 1.0}
    Console(MasterBus.model_validate(settings_), loudness_of(plain)).process(plain)
    Console(MasterBus.model_validate(settings_ | changed), loudness_of(other)).process(other)
    assert np.abs(plain - other).max() > 0.01


@pytest.mark.parametrize("cuts", [(32 * 500, 32 * 2501, 32 * 4000), (BLOCK // 3, 2 * BLOCK // 3)])
def test_what_comes_out_does_not_depend_on_where_the_programme_is_cut(cuts: tuple[int]) -> None:
    bus = MasterBus.model_validate({"saturation": 0.3, "tape": 0.5, "glue_db": 2.0, "tilt_db": 2.0})
    whole = noise(10 * SAMPLE_RATE, 0.3)
    pieces = [piece.copy() for piece in np.split(whole, cuts, axis=1)]
    Console(bus, -15.0).process(whole)
    console = Console(bus, -15.0)
    for piece in pieces:
        console.process(piece)
    cut = np.concatenate(pieces, axis=1)
    # Filters forget where they began to the last bit but one of a float64, so next to no sample
    # rounds to another float32.
    np.testing.assert_allclose(cut, whole, rtol=0, atol=1e-7)
    assert np.count_nonzero(cut != whole) < 10
