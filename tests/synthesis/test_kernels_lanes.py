import numpy as np
import pytest
from numba import njit

from soundflow_assets.synthesis.kernels.cuts import (
    read_cuts,
    read_wide,
    read_wide_row,
    store_all,
    write_cuts,
    write_wide,
    write_wide_row,
)
from soundflow_assets.synthesis.kernels.exponents import exponent, power_of_two
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    WIDE_LANES,
    floored,
    larger,
    load,
    narrowed,
    smaller,
    splat,
    store,
    widened,
)
from soundflow_assets.synthesis.kernels.math import dexp2, dtan_pi, exp2s, tans_pi
from soundflow_assets.synthesis.kernels.shuffles import crossed, turned

rng = np.random.default_rng(5)


@njit
def _arithmetic(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    one, other = load(a, 0), load(b, 0)
    store(out[0], 0, one + other)
    store(out[1], 0, one - other)
    store(out[2], 0, one * other)
    store(out[3], 0, one / other)
    store(out[4], 0, smaller(one, other))
    store(out[5], 0, larger(one, other))
    store(out[6], 0, floored(one))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lanes_reckon_as_eight_numbers_do_to_the_last_bit(dtype: type) -> None:
    a, b = (rng.standard_normal(LANES).astype(dtype) for _ in range(2))
    out = np.zeros((7, LANES), dtype)
    _arithmetic(a, b, out)
    for row, expected in zip(
        out, (a + b, a - b, a * b, a / b, np.minimum(a, b), np.maximum(a, b), np.floor(a)),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(row, expected)


@njit
def _with_numbers(a: np.ndarray, out: np.ndarray) -> None:
    x = widened(load(a, 0))
    store(out, 0, narrowed(2.0 * x + (x - 1.0) / 3.0 + splat(0.5)))


def test_a_number_stands_for_eight_of_it() -> None:
    a = rng.standard_normal(LANES).astype(np.float32)
    out = np.zeros(LANES, np.float32)
    _with_numbers(a, out)
    x = a.astype(np.float64)
    np.testing.assert_array_equal(out, (2.0 * x + (x - 1.0) / 3.0 + 0.5).astype(np.float32))


@njit
def _transposed(a: np.ndarray, out: np.ndarray) -> None:
    lanes = turned(load(a, 0), load(a, 8), load(a, 16), load(a, 24),
                   load(a, 32), load(a, 40), load(a, 48), load(a, 56))  # fmt: skip
    store_all(out, 0, LANES, lanes)


def test_turning_eight_lanes_transposes_them() -> None:
    a = np.arange(64, dtype=np.float32)
    out = np.zeros(64, np.float32)
    _transposed(a, out)
    np.testing.assert_array_equal(out.reshape(8, 8), a.reshape(8, 8).T)


@njit
def _crossed(a: np.ndarray, out: np.ndarray) -> None:
    store(out, 0, crossed(load(a, 0)))


def test_crossing_exchanges_the_halves() -> None:
    out = np.zeros(LANES)
    _crossed(np.arange(8.0), out)
    assert out.tolist() == [4, 5, 6, 7, 0, 1, 2, 3]


@njit
def _twos(whole: np.ndarray, out: np.ndarray) -> None:
    store(out, 0, power_of_two(load(whole, 0)))


def test_powers_of_two_and_exponents_are_exact() -> None:
    whole = np.array([-1022.0, -60.0, -1.0, 0.0, 1.0, 13.0, 500.0, 1023.0])
    out = np.zeros(LANES)
    _twos(whole, out)
    np.testing.assert_array_equal(out, 2.0**whole)
    for n in whole.tolist():
        assert njit(lambda x: power_of_two(x))(n) == 2.0**n
        assert njit(lambda x: exponent(x))(1.5 * 2.0**n if n < 1023 else 2.0**n) == n


@pytest.mark.parametrize("first", [-40, -3, 0, 100, 170])
def test_cuts_are_read_with_silence_around_and_written_up_to_their_stops(first: int) -> None:
    audio = rng.standard_normal((2, 200)).astype(np.float32)
    padded = np.pad(audio, ((0, 0), (64, 64)))
    places = first + np.arange(4) * 10
    row = np.zeros(16 * LANES, np.float32)
    read_cuts(audio, places, 16, row)
    for lane, values in enumerate(row.reshape(16, LANES).T):
        start = 64 + places[lane % 4]
        np.testing.assert_array_equal(values, padded[lane // 4, start : start + 16])
    if first < 0:
        return
    written, stops = np.zeros((2, 200), np.float32), np.minimum(places + 10, 199)
    write_cuts(row, written, places, stops, 16)
    reach = slice(first, stops[-1])
    np.testing.assert_array_equal(written[:, reach], audio[:, reach])
    assert not written[:, stops[-1] :].any()


def test_sixteen_cuts_of_one_channel_come_back_as_they_were() -> None:
    sound, written = rng.standard_normal(600).astype(np.float32), np.zeros(600, np.float32)
    places = np.arange(WIDE_LANES) * 40
    row = np.zeros(40 * WIDE_LANES, np.float32)
    read_wide_row(sound, places, 40, row)
    padded = np.pad(sound, (0, 40))
    cuts = [padded[place : place + 40] for place in places]
    np.testing.assert_array_equal(row.reshape(40, WIDE_LANES).T, cuts)
    write_wide_row(row, written, places, np.minimum(places + 40, 600), 40)
    np.testing.assert_array_equal(written, sound)


def test_eight_cuts_of_stereo_come_back_as_they_were() -> None:
    audio, written = rng.standard_normal((2, 300)).astype(np.float32), np.zeros((2, 300), "f4")
    places = np.arange(LANES) * 40
    row = np.zeros(40 * WIDE_LANES, np.float32)
    read_wide(audio, places, 40, row)
    write_wide(row, written, places, np.minimum(places + 40, 300), 40)
    np.testing.assert_array_equal(written, audio)


def test_powers_and_tangents_of_lanes_are_those_of_numbers() -> None:
    @njit()
    def both(x: np.ndarray, powers: np.ndarray, tangents: np.ndarray) -> None:
        store(powers, 0, exp2s(load(x, 0)))
        store(tangents, 0, tans_pi(0.045 * load(x, 0)))

    x = np.linspace(-9.7, 9.9, 8)
    powers, tangents = np.empty(8), np.empty(8)
    both(x, powers, tangents)
    np.testing.assert_array_equal(powers, [dexp2(float(one)) for one in x])
    np.testing.assert_array_equal(tangents, [dtan_pi(0.045 * float(one)) for one in x])
