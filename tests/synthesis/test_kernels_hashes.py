import numpy as np
import pytest
from numba import njit

from soundflow_assets.synthesis.kernels.hashes import (
    counter_of,
    counters_of,
    hashed,
    signed_bytes,
    uniforms,
)
from soundflow_assets.synthesis.kernels.lanes import LANES, load, roots, store
from soundflow_assets.synthesis.kernels.math import noise, noise_bits
from soundflow_assets.synthesis.kernels.shuffles import first_halves, last_halves


@njit
def _noises(counters: np.ndarray, further: int, out: np.ndarray) -> None:
    store(out, 0, uniforms(hashed(counters, further)))


@pytest.mark.parametrize("first", [0, 5, 1 << 20, -3])
@pytest.mark.parametrize("seed", [0, 77, (1 << 32) - 9])
def test_eight_hashes_are_those_of_eight_counters(first: int, seed: int) -> None:
    found = np.empty(LANES)
    _noises(counters_of(seed), first, found)
    expected = [noise(first + lane, seed) for lane in range(LANES)]
    np.testing.assert_array_equal(found, expected)


def test_every_lane_may_have_a_counter_of_its_own() -> None:
    counters = np.array([counter_of(100 * n, 7 * n) for n in range(LANES)], np.uint32)
    found = np.empty(LANES)
    _noises(counters, 12, found)
    np.testing.assert_array_equal(found, [noise(100 * n + 12, 7 * n) for n in range(LANES)])


@njit
def _bytes(counters: np.ndarray, out: np.ndarray) -> None:
    bits = hashed(counters, 0)
    store(out[0], 0, signed_bytes(bits, 0))
    store(out[1], 0, signed_bytes(bits, 1))
    store(out[2], 0, signed_bytes(bits, 2))
    store(out[3], 0, signed_bytes(bits, 3))


def test_bytes_of_a_hash_are_signed_and_stand_between_whole_numbers() -> None:
    for seed in range(200):
        found = np.empty((4, LANES), np.float32)
        _bytes(counters_of(seed), found)
        bits = np.array([int(noise_bits(lane, seed)) for lane in range(LANES)], "<u4")
        signed = bits.view(np.int8).reshape(LANES, 4).T
        np.testing.assert_array_equal(found, signed + 0.5)


@njit
def _rooted(a: np.ndarray, out: np.ndarray) -> None:
    store(out, 0, roots(load(a, 0)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_roots_of_lanes_are_rounded_to_nearest(dtype: type) -> None:
    a = np.random.default_rng(8).uniform(0.0, 9.0, LANES).astype(dtype)
    out = np.empty_like(a)
    _rooted(a, out)
    np.testing.assert_array_equal(out, np.sqrt(a))


@njit
def _halves(a: np.ndarray, out: np.ndarray) -> None:
    one, other = load(a, 0), load(a, LANES)
    store(out, 0, first_halves(one, other))
    store(out, LANES, last_halves(one, other))


def test_halves_of_two_stand_side_by_side() -> None:
    a, out = np.arange(16, dtype=np.float32), np.zeros(16, np.float32)
    _halves(a, out)
    assert out.tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
