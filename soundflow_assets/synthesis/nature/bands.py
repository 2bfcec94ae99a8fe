"""What the lanes of a bank of bands hold: whose noise, whose motion, and from which sample on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.hashes import Counters, counter_of
from soundflow_assets.synthesis.kernels.lanes import LANES
from soundflow_assets.synthesis.nature.curves import Curve

BANDS = LANES // 2

Row = npt.NDArray[np.float32]
Lanes = npt.NDArray[np.float32]  # (n, LANES)
Places = npt.NDArray[np.int64]  # (BANDS,)


class Colours(NamedTuple):
    """What does not move about the bands of a bank."""

    seeds: npt.NDArray[np.int64]  # (BANDS,)
    widths: Curve  # (BANDS,) 0 is one source for both ears, 1 is two
    filters: Lanes  # (8, BANDS) keeps of 3 one-poles, their gains, direct gain, high-pass's keep
    dampings: Curve  # (BANDS,) 1/Q
    peaked: npt.NDArray[np.bool_]  # (BANDS,)


class Sources(NamedTuple):
    """What white noise is made of: of all places in a row at one sample, then at the next."""

    counters: Counters  # (LANES,)
    middles: Row  # (LANES,) gains
    sides: Row


class Motions(NamedTuple):
    """What moves the sections: of all places at a point, then at the next."""

    dampings: Curve  # (LANES,)
    peaked: Curve  # (LANES,) 0 or 1
    corners_hz: Curve  # (points * BANDS,)
    levels: Curve  # (points * LANES,)


@njit(cache=True)
def sources_of(colours: Colours, owners: Places, firsts: Places) -> Sources:
    """Return the sources of all lanes' noise, each from its own sample of the bed on."""
    counters = np.zeros(LANES, np.uint32)
    middles, sides = np.zeros(LANES, np.float32), np.zeros(LANES, np.float32)
    for lane in range(LANES):
        place = lane % BANDS
        band = owners[place]
        if band >= 0:
            width = colours.widths[band]
            norm = 1.0 / (128.0 * np.sqrt(1.0 + width * width))
            middles[lane], sides[lane] = norm, norm * width
            counters[lane] = counter_of(firsts[place] // 2 + lane // BANDS, colours.seeds[band])
    return Sources(counters, middles, sides)


@njit(cache=True)
def motions_of(
    colours: Colours, owners: Places, firsts: Places, count: int, corners_hz: Curve, levels: Curve
) -> Motions:
    """Return what moves all lanes' sections, for `count` points each from its own first one on.

    Before a tile all is as at its beginning.
    """
    dampings, peaked = np.ones(LANES), np.zeros(LANES)
    own_corners_hz, own_levels = np.full(count * BANDS, 1000.0), np.zeros((count + 1) * LANES)
    for lane in range(LANES):
        channel, place = divmod(lane, BANDS)
        band = owners[place]
        if band < 0:
            continue
        dampings[lane] = colours.dampings[band]
        peaked[lane] = 1.0 if colours.peaked[band] else 0.0
        for n in range(count + 1):
            own_levels[n * LANES + lane] = levels[band, channel, max(firsts[place] + n, 0)]
        if channel == 0:
            for n in range(count):
                own_corners_hz[n * BANDS + place] = corners_hz[band, max(firsts[place] + n, 0)]
    return Motions(dampings, peaked, own_corners_hz, own_levels)
