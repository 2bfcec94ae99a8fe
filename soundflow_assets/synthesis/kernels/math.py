"""Elementary functions from fixed polynomials, and noise from a counter.

Each is a few multiplications with literal coefficients: the same bits on every processor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.exponents import exponent, power_of_two
from soundflow_assets.synthesis.kernels.lanes import floored, larger, smaller

ROOT_TWO = 1.4142135623730951


@njit(cache=True, inline="always")
def quarter_sine(z: float) -> float:
    """Return sin(2π·z) for |z| <= ¼, number or lanes. Taylor to degree 15: error below 1e-11."""
    w = z * z
    return z * (
        6.283185307179586
        + w
        * (
            -41.341702240399755
            + w
            * (
                81.60524927607504
                + w
                * (
                    -76.70585975306136
                    + w
                    * (
                        42.05869394489765
                        + w
                        * (-15.094642576822984 + w * (3.819952584848281 + w * -0.7181223017785001))
                    )
                )
            )
        )
    )


@njit(cache=True, inline="always")
def dsin(cycles: float) -> float:
    """Return sin(2π·cycles), folded to a quarter turn."""
    z: float = cycles - np.floor(cycles + 0.5)
    if z > 0.25:
        z = 0.5 - z
    elif z < -0.25:
        z = -0.5 - z
    return quarter_sine(z)


@njit(cache=True, inline="always")
def sines(cycles: Any) -> Any:
    """Return `dsin` of eight lanes."""
    z = cycles - floored(cycles + 0.5)
    return quarter_sine(larger(smaller(z, 0.5 - z), -0.5 - z))


@njit(cache=True, inline="always")
def single_sines(cycles: Any) -> Any:
    """Return `sines` of lanes of float32. Taylor to degree 11: within 3e-7 for a cycle or two."""
    half = np.float32(0.5)
    z = cycles - floored(cycles + half)
    z = larger(smaller(z, half - z), -half - z)
    w = z * z
    y = w * np.float32(-15.094642576822984) + np.float32(42.05869394489765)
    y = w * y + np.float32(-76.70585975306136)
    y = w * y + np.float32(81.60524927607504)
    y = w * y + np.float32(-41.341702240399755)
    return z * (w * y + np.float32(6.283185307179586))


@njit(cache=True, inline="always")
def dcos(cycles: float) -> float:
    """Return cos(2π·cycles)."""
    return dsin(cycles + 0.25)


@njit(cache=True, inline="always")
def half_octave_exp2(x: float) -> float:
    """Return 2**x for |x| <= ½, number or lanes. Taylor to degree 9: relative error 1e-11."""
    y = x * 0.6931471805599453
    return 1.0 + y * (
        1.0
        + y
        * (
            0.5
            + y
            * (
                0.16666666666666666
                + y
                * (
                    0.041666666666666664
                    + y
                    * (
                        0.008333333333333333
                        + y
                        * (
                            0.001388888888888889
                            + y
                            * (
                                0.0001984126984126984
                                + y * (2.48015873015873e-05 + y * 2.7557319223985893e-06)
                            )
                        )
                    )
                )
            )
        )
    )


@njit(cache=True, inline="always")
def dexp2(x: float) -> float:
    """Return 2**x: the fraction by `half_octave_exp2`, then exact doublings."""
    if x < -1000.0:
        return 0.0
    n: float = np.floor(x + 0.5)
    twos: float = power_of_two(n)
    return half_octave_exp2(x - n) * twos


@njit(cache=True, inline="always")
def exp2s(x: Any) -> Any:
    """Return `dexp2` of eight lanes of float64, none below -1000."""
    n = floored(x + 0.5)
    return half_octave_exp2(x - n) * power_of_two(n)


@njit(cache=True, inline="always")
def dexp(x: float) -> float:
    """Return e**x."""
    return dexp2(x * 1.4426950408889634)


@njit(cache=True, inline="always")
def dlog2(x: float) -> float:
    """Return log2(x) for x > 0, by the atanh series on the mantissa; -1000 for x <= 0."""
    if x <= 0.0:
        return -1000.0
    e: float = exponent(x)
    x *= power_of_two(-e)
    if x > ROOT_TWO:
        x *= 0.5
        e += 1.0
    t = (x - 1.0) / (x + 1.0)
    s = t * t
    series = 1.0 + s * (
        0.3333333333333333
        + s
        * (
            0.2
            + s
            * (
                0.14285714285714285
                + s * (0.1111111111111111 + s * (0.09090909090909091 + s * 0.07692307692307693))
            )
        )
    )
    return e + 2.8853900817779268 * t * series


@njit(cache=True, inline="always")
def db_to_gain(db: float) -> float:
    """Return the amplitude ratio of `db` decibels."""
    return dexp2(db * 0.16609640474436813)


@njit(cache=True, inline="always")
def gain_to_db(gain: float) -> float:
    """Return 20·log10(gain)."""
    return dlog2(gain) * 6.020599913279624


@njit(cache=True, inline="always")
def dtan_pi(x: float) -> float:
    """Return tan(π·x) for |x| < ½: the prewarping of a bilinear filter at x = f/sr."""
    return dsin(0.5 * x) / dcos(0.5 * x)


@njit(cache=True, inline="always")
def tans_pi(x: Any) -> Any:
    """Return `dtan_pi` of eight lanes of float64."""
    return sines(0.5 * x) / sines(0.5 * x + 0.25)


@njit(cache=True, inline="always")
def soft_clip(x: float) -> float:
    """Saturate like tanh: Padé 3/2, exact slope 1 at zero, flat at ±1 from |x| = 3 on."""
    if x > 3.0:
        x = 3.0
    if x < -3.0:
        x = -3.0
    return x * (27.0 + x * x) / (27.0 + 9.0 * x * x)


@njit(cache=True, inline="always")
def soft_clips(x: Any) -> Any:
    """Return `soft_clip` of lanes of float32; what is not a number stays so, to be found."""
    x = larger(np.float32(-3.0), smaller(np.float32(3.0), x))
    square = x * x
    return x * (np.float32(27.0) + square) / (np.float32(27.0) + np.float32(9.0) * square)


@njit(cache=True, inline="always")
def noise_bits(index: int | np.uint32, seed: int | np.uint32) -> np.uint32:
    """Return 32 random bits: a hash of (seed, index), so any order gives the same bits.

    The mixer is Chris Wellons' lowbias32 with one extra multiplication of the counter.
    """
    z = np.uint32(np.uint32(index) * np.uint32(0x9E3779B9) + np.uint32(seed))
    z ^= z >> np.uint32(16)
    z = np.uint32(z * np.uint32(0x21F0AAAD))
    z ^= z >> np.uint32(15)
    z = np.uint32(z * np.uint32(0x735A2D97))
    z ^= z >> np.uint32(15)
    return z


@njit(cache=True, inline="always")
def noise(index: int, seed: int) -> float:
    """Return white noise in [-1, 1), the same sample in any order; see `noise_bits`."""
    signed = np.int32(noise_bits(index, seed) ^ np.uint32(0x80000000))
    return np.float64(signed) * 4.656612873077393e-10


@njit(cache=True, inline="always")
def triangular(index: int | np.uint32, seed: int | np.uint32) -> np.float32:
    """Return noise of triangular density in (-1, 1): the sum of the halves of `noise_bits`."""
    bits = noise_bits(index, seed)
    halves = np.int32(bits >> np.uint32(16)) + np.int32(bits & np.uint32(0xFFFF))
    return np.float32(halves - np.int32(0xFFFF)) * np.float32(1.0 / 65536.0)


@njit(cache=True, inline="always")
def midi_to_hz(pitch: float) -> float:
    """Return the equal-tempered frequency of a MIDI pitch, A4 = 69 = 440 Hz."""
    return 440.0 * dexp2((pitch - 69.0) / 12.0)
