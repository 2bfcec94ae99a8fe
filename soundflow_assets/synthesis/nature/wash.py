"""The continuous part of a bed: coloured noise in a band whose edges and level move.

Two independent sources make left and right, so that a bed is wide without being two mono beds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.math import dexp, dsin, noise
from soundflow_assets.synthesis.nature.curves import CONTROL, POINTS, TILE, Curve

WHITE, PINK, BROWN = 0, 1, 2
# Three one-poles in parallel and the direct path: pole and gain of each, then the direct gain.
# Pink is Paul Kellet's economy filter, -3 dB/oct within half a decibel; brown falls 6 dB/oct above
# 60 Hz.
COLOURS = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        [0.99765, 0.0990460, 0.96300, 0.2965164, 0.57000, 1.0526913, 0.1848],
        [0.9915, 0.13, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)


@njit(cache=True)
def add_band(
    out: Audio,
    start: int,
    seed: int,
    colour: Curve,
    width: float,
    low_hz: float,
    corners_hz: Curve,
    damping: float,
    peaked: bool,
    left: Curve,
    right: Curve,
    state: Curve,
) -> None:
    """Add one tile of noise to `out` (2, >= tile samples).

    Parameters
    ----------
    colour
        A row of `COLOURS`.
    width
        0 is one source for both ears, 1 is two.
    low_hz
        High-pass of two one-poles.
    corners_hz, damping, peaked
        The moving low-pass of 12 dB/oct, or with `peaked` the centre of a band-pass of unit peak:
        the trapezoidal state-variable filter, its two states advanced by their own matrix.
    left, right
        Level of each channel at the control points, straight lines between.
    state
        Fourteen numbers that carry the filters from tile to tile.
    """
    norm = 1.0 / np.sqrt(1.0 + width * width)
    q0, c0, q1, c1 = colour[0], colour[1], colour[2], colour[3]
    q2, c2, direct = colour[4], colour[5], colour[6]
    cut = 1.0 - dexp(-6.283185307179586 * low_hz / SAMPLE_RATE)
    l0, l1, l2, l3, l4, l5, l6 = (
        state[0], state[1], state[2], state[3], state[4], state[5], state[6],
    )  # fmt: skip
    r0, r1, r2, r3, r4, r5, r6 = (
        state[7], state[8], state[9], state[10], state[11], state[12], state[13],
    )  # fmt: skip
    middle = np.empty(CONTROL)
    side = np.empty(CONTROL)
    for block in range(TILE // CONTROL):
        first = block * CONTROL
        for i in range(CONTROL):
            middle[i] = noise(start + first + i, seed) * norm
            side[i] = noise(start + first + i, seed + 7919) * (norm * width)
        g = svf_g(corners_hz[block])
        a1 = 1.0 / (1.0 + g * (g + damping))
        a2 = g * a1
        a3 = g * a2
        m11, m12, m22, into = 2.0 * a1 - 1.0, 2.0 * a2, 1.0 - 2.0 * a3, 2.0 * a3
        o1, o2, o3 = a2, 1.0 - a3, a3
        if peaked:
            o1, o2, o3 = damping * a1, -damping * a2, damping * a2
        gain_l = left[block]
        gain_r = right[block]
        step_l = (left[block + 1] - gain_l) / CONTROL
        step_r = (right[block + 1] - gain_r) / CONTROL
        for i in range(CONTROL):
            x = middle[i] + side[i]
            l0 = q0 * l0 + c0 * x
            l1 = q1 * l1 + c1 * x
            l2 = q2 * l2 + c2 * x
            x = (l0 + l1) + (l2 + direct * x) - l3
            l3 += cut * x
            x -= l4
            l4 += cut * x
            out[0, first + i] += (o1 * l5 + o2 * l6 + o3 * x) * gain_l
            moved = m11 * l5 + (m12 * x - m12 * l6)
            l6 = m22 * l6 + (into * x + m12 * l5)
            l5 = moved
            y = middle[i] - side[i]
            r0 = q0 * r0 + c0 * y
            r1 = q1 * r1 + c1 * y
            r2 = q2 * r2 + c2 * y
            y = (r0 + r1) + (r2 + direct * y) - r3
            r3 += cut * y
            y -= r4
            r4 += cut * y
            out[1, first + i] += (o1 * r5 + o2 * r6 + o3 * y) * gain_r
            moved = m11 * r5 + (m12 * y - m12 * r6)
            r6 = m22 * r6 + (into * y + m12 * r5)
            r5 = moved
            gain_l += step_l
            gain_r += step_r
    state[0], state[1], state[2], state[3], state[4], state[5], state[6] = (
        l0,
        l1,
        l2,
        l3,
        l4,
        l5,
        l6,
    )
    state[7], state[8], state[9], state[10] = r0, r1, r2, r3
    state[11], state[12], state[13] = r4, r5, r6


@njit(cache=True)
def add_partials(
    out: Audio, start: int, freqs_hz: Curve, left: npt.NDArray[np.float64],
    right: npt.NDArray[np.float64],
) -> None:  # fmt: skip
    """Add one tile of steady sines, levels (partials, control points) moving slowly."""
    for p in range(freqs_hz.shape[0]):
        step = freqs_hz[p] / SAMPLE_RATE
        turns = step * start
        phase = turns - np.floor(turns)
        for block in range(TILE // CONTROL):
            gain_l = left[p, block]
            gain_r = right[p, block]
            step_l = (left[p, block + 1] - gain_l) / CONTROL
            step_r = (right[p, block + 1] - gain_r) / CONTROL
            first = block * CONTROL
            for i in range(first, first + CONTROL):
                value = dsin(phase)
                out[0, i] += value * gain_l
                out[1, i] += value * gain_r
                phase += step
                gain_l += step_l
                gain_r += step_r
            phase -= np.floor(phase)


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a band stands during one tile: arrays of `POINTS` control values."""

    corners_hz: Curve
    left: Curve
    right: Curve


def still(value: float) -> Curve:
    """Return a curve that does not move."""
    return np.full(POINTS, value)


@dataclass(slots=True)
class Band:
    """A noise band of a bed: its colour and edges, and how it moves from tile to tile."""

    seed: int
    motion: Callable[[int], Motion]  # start sample -> the tile's curves
    colour: int = PINK
    width: float = 0.7
    low_hz: float = 60.0
    q: float = 0.7071067811865476
    peaked: bool = False
    state: Curve = field(default_factory=lambda: np.zeros(14))

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start`."""
        motion = self.motion(start)
        add_band(
            dry, start, self.seed, COLOURS[self.colour], self.width, self.low_hz, motion.corners_hz,
            1.0 / self.q, self.peaked, motion.left, motion.right, self.state,
        )  # fmt: skip


@dataclass(slots=True)
class Partials:
    """Steady tones of a bed and how loud each is from tile to tile."""

    freqs_hz: Curve
    levels: Callable[[int], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start`."""
        left, right = self.levels(start)
        add_partials(dry, start, self.freqs_hz, left, right)
