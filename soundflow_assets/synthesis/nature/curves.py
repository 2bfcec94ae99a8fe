"""Slow movement: random curves read at any moment, and what turns decibels into gains.

A curve depends on (seed, time) alone, so a bed may be made in tiles of any order. Control values
stand every `CONTROL` samples.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp2, dlog2, noise

CONTROL = 128  # samples between control values
TILE = 65536  # samples made at a time
POINTS = TILE // CONTROL + 1

# Square roots of the first primes, without their whole part.
IRRATIONALS = np.array([
    0.4142135623730951, 0.7320508075688772, 0.2360679774997898, 0.6457513110645907,
    0.3166247903553998, 0.6055512754639891, 0.1231056256176606, 0.3588989435406740,
    0.7958315233127191,
])  # fmt: skip

Curve = npt.NDArray[np.float64]


@njit(cache=True)
def drift(start: int, count: int, period_s: float, seed: int) -> Curve:
    """Return `count` control values from sample `start` on of a random walk within ±1.

    A new goal is drawn every `period_s` and reached on a smoothstep, so the curve and its slope
    are continuous; power lies below 1/period.
    """
    values = np.empty(count)
    per_step = CONTROL / (SAMPLE_RATE * period_s)
    at = start / (SAMPLE_RATE * period_s)
    step = np.floor(at)
    here, goal = noise(int(step), seed), noise(int(step) + 1, seed)
    for i in range(count):
        place = at + i * per_step
        whole = np.floor(place)
        if whole != step:
            step = whole
            here, goal = noise(int(step), seed), noise(int(step) + 1, seed)
        t = place - whole
        t = t * t * (3.0 - 2.0 * t)
        values[i] = here + (goal - here) * t
    return values


@njit(cache=True)
def flicker(start: int, count: int, slowest_s: float, octaves: int, seed: int) -> Curve:
    """Return `count` control values of 1/f movement, a sum of drifts of equal power an octave.

    The loudness of natural sound moves this way at every scale (Attias & Schreiner 1997, Voss &
    Clarke 1975); filtered noise on a few sines does not. Standard deviation about 0.5.
    """
    values = np.zeros(count)
    period_s = slowest_s
    for octave in range(octaves):
        values += drift(start, count, period_s, seed + 1009 * octave)
        period_s *= 0.5
    for i in range(count):
        values[i] /= np.sqrt(octaves)
    return values


@njit(cache=True)
def powers_of_two(exponents: Curve) -> Curve:
    """Return 2 to each of `exponents` (n,): octaves to frequency ratios."""
    values = np.empty(exponents.shape[0])
    for i in range(exponents.shape[0]):
        values[i] = dexp2(exponents[i])
    return values


@njit(cache=True)
def logarithms(values: Curve) -> Curve:
    """Return log2 of each of `values` (n,), all above 0."""
    found = np.empty(values.shape[0])
    for i in range(values.shape[0]):
        found[i] = dlog2(values[i])
    return found


@njit(cache=True)
def gains(db: Curve) -> Curve:
    """Return the amplitude ratios of decibels (n,)."""
    values = np.empty(db.shape[0])
    for i in range(db.shape[0]):
        values[i] = db_to_gain(db[i])
    return values


@njit(cache=True)
def uniform(numbers: Curve, quantity: int, seed: int) -> Curve:
    """Return for each event number a draw in [0, 1) for one `quantity` of the event."""
    values = np.empty(numbers.shape[0])
    for i in range(numbers.shape[0]):
        values[i] = 0.5 + 0.5 * noise(int(numbers[i]) * 16 + quantity, seed)
    return values


@njit(cache=True)
def evenly(numbers: Curve, quantity: int, seed: int) -> Curve:
    """Return for each number a share in [0, 1) for one `quantity`, even however few there are.

    Multiples of an irrational, its own for each quantity (Weyl 1916), from a place that is drawn.
    """
    values = np.empty(numbers.shape[0])
    first = 0.5 + 0.5 * noise(quantity, seed)
    for i in range(numbers.shape[0]):
        share = first + numbers[i] * IRRATIONALS[quantity]
        values[i] = share - np.floor(share)
    return values


def normal(numbers: Curve, quantity: int, seed: int) -> Curve:
    """Return for each event a draw near the standard normal, never beyond 3.5: a sum of four."""
    total = np.zeros(numbers.shape[0])
    for part in range(4):
        total += uniform(numbers, quantity, seed + 101 * (part + 1))
    return (total - 2.0) * 1.7320508075688772
