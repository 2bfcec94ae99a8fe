"""Steady tones of a bed: sines in tune whose levels move slowly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.nature.coloured import CHUNK, PAST, Row, Stages, raised
from soundflow_assets.synthesis.nature.curves import CONTROL, TILE, Curve

Levels = npt.NDArray[np.float64]  # (partials, control points)

RATE = 4  # every so-manieth sample is made: the tones lie far below 5 kHz
PER = CONTROL // RATE


@njit(cache=True)
def _add_tone(row: Row, first: int, step: float, turns: float, gains: Curve) -> None:
    """Add a chunk of one sine to `row`; `gains` stand every `CONTROL` samples of the full rate."""
    for block in range(CHUNK // PER):
        place = first // PER + block
        gain = gains[place]
        rise = (gains[place + 1] - gain) / PER
        at = block * PER
        for n in range(PER):
            row[at + n + PAST] += dsin(turns + step * (at + n)) * (gain + rise * n)


@njit(cache=True)
def add_partials(
    out: Audio, start: int, freqs_hz: Curve, left: Levels, right: Levels, rows: Row, stages: Stages
) -> None:
    """Add one tile of steady sines to `out`, levels (partials, control points) a channel.

    `rows` (2, past + chunk) and `stages` hold what is carried from tile to tile.
    """
    for first in range(0, TILE // RATE, CHUNK):
        for channel in range(2):
            row = rows[channel]
            row[:PAST] = row[CHUNK : CHUNK + PAST]
            row[PAST:] = np.float32(0.0)
            levels = left if channel == 0 else right
            for p in range(freqs_hz.shape[0]):
                step = freqs_hz[p] * RATE / SAMPLE_RATE
                turns = step * (start // RATE + first)
                _add_tone(row, first, step, turns - np.floor(turns), levels[p])
            into = out[channel, first * RATE : (first + CHUNK) * RATE]
            raised(row, stages[channel], RATE, into)
