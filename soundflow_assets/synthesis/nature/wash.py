"""The continuous part of a bed: coloured noise in a band whose edges and level move.

Two independent sources make left and right, so that a bed is wide without being two mono beds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.filters import svf, svf_g
from soundflow_assets.synthesis.kernels.math import SAMPLE_RATE, dsin, noise
from soundflow_assets.synthesis.nature.curves import CONTROL, POINTS, TILE, Curve

WHITE, PINK, BROWN = 0, 1, 2
FLAT = 1.4142135623730951


@njit(cache=True)
def add_band(
    out: Audio,
    start: int,
    seed: int,
    colour: int,
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
        White, pink (-3 dB/oct, Paul Kellet's three poles) or brown (-6 dB/oct above 20 Hz).
    width
        0 is one source for both ears, 1 is two.
    low_hz
        High-pass of 12 dB/oct.
    corners_hz, damping, peaked
        The moving low-pass of 12 dB/oct, or with `peaked` the centre of a band-pass of unit peak.
    left, right
        Level of each channel at the control points, straight lines between.
    state
        Sixteen numbers that carry the filters from tile to tile.
    """
    norm = 1.0 / np.sqrt(1.0 + width * width)
    gh = svf_g(low_hz)
    la, lb, lc, ld = state[0], state[1], state[2], state[3]
    ra, rb, rc, rd = state[4], state[5], state[6], state[7]
    l0, l1, l2 = state[8], state[9], state[10]
    r0, r1, r2 = state[11], state[12], state[13]
    for block in range(TILE // CONTROL):
        g = svf_g(corners_hz[block])
        gain_l = left[block]
        gain_r = right[block]
        step_l = (left[block + 1] - gain_l) / CONTROL
        step_r = (right[block + 1] - gain_r) / CONTROL
        first = block * CONTROL
        for i in range(first, first + CONTROL):
            middle = noise(start + i, seed) * norm
            side = noise(start + i, seed + 7919) * norm * width
            x = middle + side
            y = middle - side
            if colour == 1:
                l0 = 0.99765 * l0 + 0.0990460 * x
                l1 = 0.96300 * l1 + 0.2965164 * x
                l2 = 0.57000 * l2 + 1.0526913 * x
                x = l0 + l1 + l2 + 0.1848 * x
                r0 = 0.99765 * r0 + 0.0990460 * y
                r1 = 0.96300 * r1 + 0.2965164 * y
                r2 = 0.57000 * r2 + 1.0526913 * y
                y = r0 + r1 + r2 + 0.1848 * y
            elif colour == 2:
                l0 = 0.997 * l0 + 0.08 * x
                r0 = 0.997 * r0 + 0.08 * y
                x = l0
                y = r0
            low, band, la, lb = svf(x, la, lb, gh, FLAT)
            low, band, lc, ld = svf(x - FLAT * band - low, lc, ld, g, damping)
            out[0, i] += (band * damping if peaked else low) * gain_l
            low, band, ra, rb = svf(y, ra, rb, gh, FLAT)
            low, band, rc, rd = svf(y - FLAT * band - low, rc, rd, g, damping)
            out[1, i] += (band * damping if peaked else low) * gain_r
            gain_l += step_l
            gain_r += step_r
    state[0], state[1], state[2], state[3] = la, lb, lc, ld
    state[4], state[5], state[6], state[7] = ra, rb, rc, rd
    state[8], state[9], state[10] = l0, l1, l2
    state[11], state[12], state[13] = r0, r1, r2


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
    state: Curve = field(default_factory=lambda: np.zeros(16))

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start`."""
        motion = self.motion(start)
        add_band(
            dry, start, self.seed, self.colour, self.width, self.low_hz, motion.corners_hz,
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
