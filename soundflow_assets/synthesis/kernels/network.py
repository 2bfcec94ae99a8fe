"""A feedback delay network of eight lines after Jot and Chaigne (AES 1991), step by step.

The lines mix through an orthogonal (Hadamard) matrix, so energy is lost only by each line's own
gain, which gives the same T60 on all of them; a one-pole low-pass in each lets the high end die
sooner. Four lines are slowly modulated, so that no resonance stands still. Left and right read the
lines with orthogonal sign patterns, which makes them decorrelated at equal level.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import QUIETEST_SINGLE
from soundflow_assets.synthesis.kernels.lanes import LANES, RAMP_SINGLE, load, store
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.kernels.mixing import Mono
from soundflow_assets.synthesis.kernels.recursion import Powers, recursed

LINES = 8
RING = 8192  # longest line in samples, a power of two
DIFFUSER_RING = 1024
DIFFUSERS = np.array([149, 331, 557, 811])
MODULATION_SAMPLES = 7.0
STEP = 128  # samples worked on at a time; every line and diffuser is longer
ROOT_EIGHTH = 0.35355339059327373

Lengths = npt.NDArray[np.int64]


@njit(cache=True, error_model="numpy")
def let_through(
    heard: Mono,
    answer: Audio,
    rings: Audio,
    lengths: Lengths,
    memory: Mono,
    weights: Mono,
    fading: Powers,
    sides: Mono,
    first: int,
) -> None:
    """Let one step go through the network, eight samples at a time.

    The lines are read (the first four at a place that slowly moves), low-passed and attenuated,
    heard from, mixed by the matrix, and written back with the input.

    Parameters
    ----------
    heard, answer : (STEP,) what goes in, (2, STEP) what is heard.
    memory : (LINES * 4 * LANES,) the past of each low-pass.
    weights : (LINES,) gain of a line, of its low-pass's input, and the matrix's norm in one.
    fading : powers of what the low-passes keep of a sample.
    sides : (2,) gains of a side's own sign pattern and of the other's.
    """
    r0, r1, r2, r3 = rings[0], rings[1], rings[2], rings[3]
    r4, r5, r6, r7 = rings[4], rings[5], rings[6], rings[7]
    near, far = sides[0], sides[1]
    one_side, other_side = answer[0], answer[1]
    past0, past1 = _past(memory, 0), _past(memory, 1)
    past2, past3 = _past(memory, 2), _past(memory, 3)
    past4, past5 = _past(memory, 4), _past(memory, 5)
    past6, past7 = _past(memory, 6), _past(memory, 7)
    at = first & (RING - 1)
    place0, step0 = _place(0, first)
    place1, step1 = _place(1, first)
    place2, step2 = _place(2, first)
    place3, step3 = _place(3, first)
    for k in range(0, STEP, LANES):
        now = first + k
        x = _early(r0, now - lengths[0], place0 + step0 * k, step0)
        a, past0 = recursed(weights[0] * x, past0, fading)
        x = _early(r1, now - lengths[1], place1 + step1 * k, step1)
        b, past1 = recursed(weights[1] * x, past1, fading)
        x = _early(r2, now - lengths[2], place2 + step2 * k, step2)
        c, past2 = recursed(weights[2] * x, past2, fading)
        x = _early(r3, now - lengths[3], place3 + step3 * k, step3)
        d, past3 = recursed(weights[3] * x, past3, fading)
        x = load(r4, (now - lengths[4]) & (RING - 1))
        e, past4 = recursed(weights[4] * x, past4, fading)
        x = load(r5, (now - lengths[5]) & (RING - 1))
        f, past5 = recursed(weights[5] * x, past5, fading)
        x = load(r6, (now - lengths[6]) & (RING - 1))
        g, past6 = recursed(weights[6] * x, past6, fading)
        x = load(r7, (now - lengths[7]) & (RING - 1))
        h, past7 = recursed(weights[7] * x, past7, fading)
        # Two orthogonal sign patterns, uncorrelated: + - + - … and + + - - …. Each side takes a
        # share of the other's, so that the sides agree a little and the power stays.
        one = ((a - b) + (c - d)) + ((e - f) + (g - h))
        other = ((a + b) - (c + d)) + ((e + f) - (g + h))
        store(one_side, k, near * one + far * other)
        store(other_side, k, near * other + far * one)
        # The Hadamard matrix: three layers of butterflies. Its norm is in the weights.
        p, q, r, t = (a + b) + (c + d), (a - b) + (c - d), (a + b) - (c + d), (a - b) - (c - d)
        u, v, w, x = (e + f) + (g + h), (e - f) + (g - h), (e + f) - (g + h), (e - f) - (g - h)
        new = np.float32(ROOT_EIGHTH) * load(heard, k) + QUIETEST_SINGLE
        _write(r0, (p + u) + new, at, k, RING)
        _write(r1, (q + v) + new, at, k, RING)
        _write(r2, (r + w) + new, at, k, RING)
        _write(r3, (t + x) + new, at, k, RING)
        _write(r4, (p - u) + new, at, k, RING)
        _write(r5, (q - v) + new, at, k, RING)
        _write(r6, (r - w) + new, at, k, RING)
        _write(r7, (t - x) + new, at, k, RING)
    _keep(memory, 0, past0)
    _keep(memory, 1, past1)
    _keep(memory, 2, past2)
    _keep(memory, 3, past3)
    _keep(memory, 4, past4)
    _keep(memory, 5, past5)
    _keep(memory, 6, past6)
    _keep(memory, 7, past7)


@njit(cache=True, inline="always")
def _past(memory: Mono, line: int) -> Any:
    """Return the past of a line's low-pass; see `recursed`."""
    at = 4 * LANES * line
    return (
        load(memory, at), load(memory, at + LANES),
        load(memory, at + 2 * LANES), load(memory, at + 3 * LANES),
    )  # fmt: skip


@njit(cache=True, inline="always")
def _keep(memory: Mono, line: int, past: Any) -> None:
    """Keep the past of a line's low-pass for the next step."""
    at = 4 * LANES * line
    store(memory, at, past[0])
    store(memory, at + LANES, past[1])
    store(memory, at + 2 * LANES, past[2])
    store(memory, at + 3 * LANES, past[3])


@njit(cache=True, inline="always")
def _place(line: int, first: int) -> tuple[float, float]:
    """Return by how many samples a moving line is read early, and what that gains a sample."""
    rate = 0.31 + 0.17 * line
    now = dsin(rate * first / SAMPLE_RATE + 0.23 * line)
    then = dsin(rate * (first + STEP) / SAMPLE_RATE + 0.23 * line)
    return MODULATION_SAMPLES * (1.0 + now), MODULATION_SAMPLES * (then - now) / STEP


@njit(cache=True, inline="always")
def _early(ring: Mono, at: int, place: float, step: float) -> Any:
    """Return eight samples read `place` after `at`, between two; which two is decided for eight."""
    whole = int(place)
    at = (at + whole) & (RING - 1)
    share = np.float32(place - whole) + np.float32(step) * load(RAMP_SINGLE, 0)
    here = load(ring, at)
    return here + share * (load(ring, at + 1) - here)


@njit(cache=True, inline="always")
def _write(ring: Mono, values: Any, at: int, k: int, size: int) -> None:
    """Put eight values of a step into a ring; its first two steps stand again behind its end."""
    store(ring, at + k, values)
    if at < 2 * STEP:
        store(ring, at + k + size, values)


@njit(cache=True, error_model="numpy")
def diffuse(heard: Mono, rings: Audio, first: int) -> None:
    """Smear one step of the input through all-pass filters, all longer than the step."""
    share = np.float32(0.6)
    write = first & (DIFFUSER_RING - 1)
    for d in range(DIFFUSERS.shape[0]):
        ring = rings[d]
        at = (first - DIFFUSERS[d]) & (DIFFUSER_RING - 1)
        for k in range(0, STEP, LANES):
            old = load(ring, at + k)
            now = load(heard, k) + share * old
            store(heard, k, old - share * now)
            _write(ring, now, write, k, DIFFUSER_RING)
