"""Banks of oscillators for the subtractive kernel: who plays, how far apart, from where.

Random phases and drift rates come from the note's own seed, so that two renditions of a note are
never the same wave and one rendition always is.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.instruments.voice import NoteRequest
from soundflow_assets.synthesis.kernels.analogue import analogue
from soundflow_assets.synthesis.kernels.bank import OSCILLATOR, Bank
from soundflow_assets.synthesis.kernels.ensemble import Motion, swing
from soundflow_assets.synthesis.kernels.envelopes import samples_of
from soundflow_assets.synthesis.kernels.finish import finish
from soundflow_assets.synthesis.kernels.math import dexp2, midi_to_hz
from soundflow_assets.synthesis.kernels.oscillators import SAW, draws
from soundflow_assets.synthesis.kernels.tone import Tone


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

    Each starts at a random phase, within `scatter` of the whole cycle (short notes must not begin
    where their voices cancel), and drifts at a rate of its own. Levels add up to power 1.
    """
    count = len(offsets)
    chance = draws(seed, 3 * count)
    level = common.pop("level", 1.0) / sqrt(count)
    shape = common.pop("shape", SAW)
    slow = common.pop("drift_hz", 0.11)
    scatter = common.pop("scatter", 1.0)
    rows = []
    for i, offset in enumerate(offsets):
        side = 0.0 if count == 1 else width * abs(offset) * (1.0 if i % 2 else -1.0)
        motion = {**common, "drift_hz": slow * (1.0 + 0.45 * chance[3 * i + 1])}
        phase = 0.5 + 0.5 * scatter * chance[3 * i]
        rows.append(oscillator(shape, offset * cents, level, side, phase, **motion))
    return rows


def subtractive(
    rows: list[dict[str, Any]],
    tone: Tone,
    request: NoteRequest,
    seed: int,
    channels: int = 2,
    motion: Motion | None = None,
    drive: float = 0.0,
    target: float = 0.17,
) -> Audio:
    """Return a finished note of `rows` through `tone`, with the instrument's own chorus if any."""
    extra = motion.delay_s + motion.depth_s if motion else 0.0
    out = np.zeros((channels, samples_of(tone.hold_s + extra, tone.release_s)), np.float32)
    analogue(out, midi_to_hz(request.pitch), bank(rows), tone, seed)
    if motion is not None:
        swing(out, motion)
    finish(out, drive, target, 0.5)
    return out


def opened(cutoff_hz: float, octaves: float, velocity: float) -> float:
    """Return the cutoff for `velocity`: as written at 0.8, `octaves` from softest to hardest."""
    return cutoff_hz * float(dexp2(octaves * (velocity - 0.8)))


def followed(cutoff_hz: float, pitch: float, amount: float) -> float:
    """Return the cutoff moved with the pitch by `amount` (1 = as far), as written at middle C."""
    return cutoff_hz * float(dexp2(amount * (pitch - 60.0) / 12.0))
