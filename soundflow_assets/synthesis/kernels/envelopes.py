"""Envelopes of single notes.

An envelope is recursive: a straight attack, an exponential decay to the sustain level, an
exponential release. T60 is the time of a 60 dB fall, as for rooms and strings.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import (
    LANES,
    RAMP,
    floored,
    load,
    narrowed,
    splat,
    store,
)
from soundflow_assets.synthesis.kernels.math import dexp2
from soundflow_assets.synthesis.kernels.recursion import powers_of, recursed, silence

ROUNDING = 0.03  # of the way a sample: 0.75 ms, so that no envelope has a corner
CLEAN_S = 0.012  # straight fade at the very end, so that the last sample is silence

Row = npt.NDArray[np.float32]


@njit(cache=True, inline="always")
def decay_factor(t60_s: float) -> float:
    """Return the gain per sample of a decay by 60 dB in `t60_s`: 2^(-log2(1000) / samples)."""
    return dexp2(-9.965784284662087 / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def fallen(samples: float, t60_s: float) -> float:
    """Return what a decay by 60 dB in `t60_s` leaves after so many samples."""
    return dexp2(-9.965784284662087 * samples / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def next_level(
    level: float, i: int, attack: int, hold: int, sustain: float, decay: float, release: float
) -> float:
    """Return the envelope after sample `i`: attack and hold in samples, the rest as factors.

    The attack rises by equal steps; a note let go inside its attack falls from where it was.
    """
    if i >= hold:
        return level * release
    if i < attack:
        return level + 1.0 / attack
    return sustain + (level - sustain) * decay


@njit(cache=True)
def shape(
    audio: npt.NDArray[np.float32],
    attack_s: float,
    hold_s: float,
    release_t60_s: float,
    tremolo_depth: float,
    tremolo_hz: float,
    tremolo_phase: float,
) -> None:
    """Lay attack, release and tremolo over sound that decays by itself, (channels, n) in place.

    The tremolo is a smooth swell between 1 - depth and 1, opposite in the two channels by a
    quarter of its cycle, as the rotors of a vibraphone spread it.
    """
    attack = max(int(attack_s * SAMPLE_RATE), 88)
    hold = int(hold_s * SAMPLE_RATE)
    levels = _levels(audio.shape[1], attack, hold, decay_factor(release_t60_s))
    step = tremolo_hz / SAMPLE_RATE
    for channel in range(audio.shape[0]):
        phase = tremolo_phase + step + 0.25 * channel
        _lay(audio[channel], levels, tremolo_depth, phase, step)


@njit(cache=True)
def _levels(samples: int, attack: int, hold: int, release: float) -> Row:
    """Return the rounded envelope of `shape`, float32 (samples,), up to seven more behind it.

    Attack and hold are in samples, `release` is a factor. It is `next_level`, eight at a time.
    """
    out = np.empty(samples + LANES, dtype=np.float32)
    each = np.empty(LANES, dtype=np.float32)
    falls = np.empty(LANES)
    fall = 1.0
    for j in range(LANES):
        fall *= release
        falls[j] = fall
    level = 0.0
    keep = powers_of(1.0 - ROUNDING)
    past = silence()
    for i in range(0, samples, LANES):
        if i >= hold:
            now = narrowed(level * load(falls, 0))
            level *= fall
        elif i >= attack and i + LANES <= hold:
            now = splat(np.float32(1.0))
            level = 1.0
        elif i + LANES <= min(attack, hold):
            now = narrowed(level + (load(RAMP, 0) + 1.0) / float(attack))
            level += LANES / attack
        else:
            for j in range(LANES):
                level = next_level(level, i + j, attack, hold, 1.0, 0.0, release)
                each[j] = level
            now = load(each, 0)
        smooth, past = recursed(np.float32(ROUNDING) * now, past, keep)
        store(out, i, smooth)
    return out


@njit(cache=True)
def _lay(row: Row, levels: Row, depth: float, phase: float, step: float) -> None:
    """Scale one channel by its levels and its tremolo, which is at `phase` and moves by `step`."""
    samples = row.shape[0]
    whole = samples // LANES * LANES
    rest = np.zeros(LANES, dtype=np.float32)
    rest[: samples - whole] = row[whole:]
    for i in range(0, samples, LANES):
        gains = load(levels, i)
        if depth > 0.0:
            gains = gains * narrowed(
                1.0 - depth * _swell(phase + step * (load(RAMP, 0) + float(i)))
            )
        if i < whole:
            store(row, i, load(row, i) * gains)
        else:
            store(rest, 0, load(rest, 0) * gains)
    row[whole:] = rest[: samples - whole]


@njit(cache=True, inline="always")
def _swell(phase: Any) -> Any:
    """Return a parabola, close to a raised sine, of lanes: 0 at whole cycles, 1 between."""
    part = phase - floored(phase)
    return 4.0 * part * (1.0 - part)


@njit(cache=True, inline="always")
def samples_of(duration_s: float, release_t60_s: float) -> int:
    """Return the length of a note whose release runs 70 dB down before the closing fade."""
    return int((duration_s + 1.17 * release_t60_s + CLEAN_S) * SAMPLE_RATE)
