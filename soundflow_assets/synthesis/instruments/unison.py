"""Banks of oscillators for the subtractive kernel: who plays, how far apart, from where.

Random phases and drift rates come from the note's own seed, so that two renditions of a note are
never the same wave and one rendition always is.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.instruments.voice import NoteRequest
from soundflow_assets.synthesis.kernels.analogue import OSCILLATOR
from soundflow_assets.synthesis.kernels.math import dexp2
from soundflow_assets.synthesis.kernels.oscillators import SAW, draws

Bank = npt.NDArray[np.void]


def note_seed(instrument: str, request: NoteRequest) -> int:
    """Return the 31-bit seed of a rendition: instrument, pitch and variant, nothing else."""
    return seed_of(instrument, round(request.pitch * 100), request.variant) & 0x7FFFFFFF


def ratio_of(cents: float) -> float:
    """Return the frequency ratio of an interval in cents."""
    return float(dexp2(cents / 1200.0))


def panned(level: float, pan: float) -> tuple[float, float]:
    """Return left and right gains at equal power; `pan` -1 to 1."""
    return level * sqrt(0.5 * (1.0 - pan)), level * sqrt(0.5 * (1.0 + pan))


def oscillator(
    shape: float = SAW,
    cents: float = 0.0,
    level: float = 1.0,
    pan: float = 0.0,
    phase: float = 0.0,
    **motion: float,
) -> dict[str, Any]:
    """Return one row of a bank; `motion` names fields of `OSCILLATOR`, all else is still."""
    left, right = panned(level, pan)
    row = dict.fromkeys(OSCILLATOR.names or (), 0.0)
    row.update(shape=shape, ratio=ratio_of(cents), left=left, right=right, width=0.5)
    row.update(phase=phase - np.floor(phase), **motion)
    return row


def bank(rows: list[dict[str, Any]]) -> Bank:
    """Return `rows` as the kernel takes them."""
    return np.array([tuple(row[name] for name in OSCILLATOR.names or ()) for row in rows],
                    dtype=OSCILLATOR)  # fmt: skip


def unison(
    offsets: tuple[float, ...], cents: float, width: float, seed: int, **common: float
) -> list[dict[str, Any]]:
    """Return voices at `offsets` (-1 to 1) times `cents`, panned alternately out to `width`.

    Each starts at a random phase and drifts at a rate of its own. Levels add up to power 1.
    """
    count = len(offsets)
    chance = draws(seed, 3 * count)
    level = common.pop("level", 1.0) / sqrt(count)
    shape = common.pop("shape", SAW)
    slow = common.pop("drift_hz", 0.11)
    rows = []
    for i, offset in enumerate(offsets):
        side = 0.0 if count == 1 else width * abs(offset) * (1.0 if i % 2 else -1.0)
        motion = {**common, "drift_hz": slow * (1.0 + 0.45 * chance[3 * i + 1])}
        phase = 0.5 + 0.5 * chance[3 * i]
        rows.append(oscillator(shape, offset * cents, level, side, phase, **motion))
    return rows
