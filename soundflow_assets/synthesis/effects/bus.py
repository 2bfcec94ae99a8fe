"""The bus of one pitched part: which effects it runs through, with what settings, tile by tile.

The plan's `synth` values turn every bus at once, around what the genre wrote (50): `cutoff` moves
the low-pass by up to two and a half octaves either way, `resonance` raises its peak, `drive` its
saturation. Section energy opens the low-pass between the part's own limits. A part without a sweep
has its low-pass high up, where opening it further would not be heard: its treble is lifted instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.composition.score import Score
from soundflow_assets.plans.genre import Part
from soundflow_assets.plans.model import Synth, TrackPlan
from soundflow_assets.plans.seeds import generator
from soundflow_assets.synthesis.effects.automation import drift_curve, presence_curve
from soundflow_assets.synthesis.effects.image import (
    autopan_hz,
    gain_curve,
    image,
    pan_gains,
)
from soundflow_assets.synthesis.effects.tone import corner_gains, drive_gain, tone
from soundflow_assets.synthesis.kernels.delay import CHORUS_RING, chorus
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp2, dlog2
from soundflow_assets.synthesis.kernels.mixing import TILE, Curve, Energies

CUTOFF_OCTAVES = 2.5
OPEN_HZ = 11000.0  # the low-pass of a part that has no sweep of its own
CLOSING_OCTAVES = 3.5  # how far that one closes; it opens by a shelf
OPENING_DB = 6.0
CONSOLE_DRIVE = 0.25  # what every bus gets of saturation as written
MEMORY_TILES = 1  # tiles of silence after which an effect has nothing left to say
FULL_WIDTH = 1.6  # what a width of 1 makes of an instrument's own side signal
WIDTH_DRIFT = 0.12


@dataclass(frozen=True, slots=True)
class Motion:
    """The curves all parts of a track share."""

    energy: Curve
    duck: Curve
    throw: Curve


def filter_damping(resonance: float, swept: bool) -> float:
    """Return 1/Q of a bus's low-pass for `synth.resonance` 0 to 100.

    Q is 0.53 at 0, 0.8 at 50 and 4.5 (a peak of 13 dB) at 100; a low-pass that stands still high
    up would whistle, so its Q stays below 1.6.
    """
    turn = (resonance - 50.0) / 50.0
    q = 0.8 * float(dexp2(turn * (2.5 if turn > 0 else 0.6)))
    return 1.0 / (q if swept else min(q, 1.6))


def treble_lift(cutoff: float) -> float:
    """Return what the shelf of a part without a sweep adds for `synth.cutoff` 0 to 100."""
    return float(db_to_gain(OPENING_DB * max(0.0, cutoff - 50.0) / 50.0)) - 1.0


def drive_amount(part: Part, synth: Synth) -> float:
    """Return the part's saturation 0 to 1: its own plus the console's, scaled by the plan."""
    own = part.drive + CONSOLE_DRIVE
    turn = synth.drive / 50.0
    return min(1.0, own * turn if turn <= 1.0 else own + 0.4 * (turn - 1.0))


def cutoff_curve(plan: TrackPlan, part: Part, energy: Curve) -> Curve:
    """Return the bus's low-pass corner in octaves (log2 of Hz) over the track."""
    turn = (plan.synth.cutoff - 50.0) / 50.0
    if part.sweep is None:
        closed = float(dlog2(OPEN_HZ)) + turn * (CLOSING_OCTAVES if turn < 0 else 1.0)
        return np.full_like(energy, closed)
    shift = CUTOFF_OCTAVES * turn
    low = float(dlog2(part.sweep.low_hz))
    high = float(dlog2(part.sweep.high_hz))
    phase = float(generator(*plan.scope(part.role, "drift")).uniform())
    drift = drift_curve(energy.shape[0], 0, phase)
    scale = np.float32(high - low)
    wander = np.float32(part.sweep.drift_octaves)
    curve: Curve = np.float32(low + shift) + scale * energy + wander * drift
    return curve


class Bus:
    """The effect chain of one part."""

    def __init__(self, plan: TrackPlan, score: Score, part: Part, motion: Motion) -> None:
        length = motion.energy.shape[0]
        self._part = part
        self._corners = corner_gains(cutoff_curve(plan, part, motion.energy))
        self._damping = filter_damping(plan.synth.resonance, part.sweep is not None)
        self._lift = treble_lift(plan.synth.cutoff) if part.sweep is None else 0.0
        self._drive = drive_amount(part, plan.synth)
        presence = presence_curve(score, part.role, length)
        rate = autopan_hz(plan.bpm)
        self._left = gain_curve(presence, motion.duck, part.duck_db, part.tremolo, rate, 0.0)
        self._right = gain_curve(presence, motion.duck, part.duck_db, part.tremolo, rate, 0.5)
        pan_l, pan_r = pan_gains(part.pan)
        self._left *= np.float32(pan_l)
        self._right *= np.float32(pan_r)
        phase = float(generator(*plan.scope(part.role, "width")).uniform())
        drift = drift_curve(length, 1, phase)
        opening = np.float32(0.8) + np.float32(0.2) * motion.energy
        self._width = (
            np.float32(FULL_WIDTH * part.width) * opening * (1 + np.float32(WIDTH_DRIFT) * drift)
        )

    def process(self, audio: Audio, powers: Energies) -> None:
        """Run the whole track through the chain, in place.

        `powers` is the mean square of each tile; tiles in silence, but for the first after sound,
        are left alone and the effects forget.
        """
        gain = drive_gain(self._drive, _sounding_level(powers))
        part = self._part
        for first, last in sounding(powers):
            start, stop = first * TILE, min(audio.shape[1], last * TILE)
            tone(
                audio, start, stop, gain, part.highpass_hz, self._corners, self._damping, self._lift
            )  # fmt: skip
            if part.chorus > 0.0:
                rings = np.zeros((2, CHORUS_RING), dtype=np.float32)
                chorus(audio, start, stop, part.chorus, rings)
            image(audio, start, stop, self._left, self._right, self._width)


def sounding(powers: Energies) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of the runs of tiles to work on: each ends a tile after its sound.

    >>> list(sounding(np.array([0.0, 0.1, 0.2, 0.0, 0.0, 0.0, 0.1])))
    [(1, 4), (6, 7)]
    """
    loud = powers > 0.0
    heard = loud.copy()
    for late in range(1, MEMORY_TILES + 1):
        heard[late:] |= loud[:-late]
    edges = np.flatnonzero(np.diff(heard, prepend=False, append=False))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _sounding_level(powers: Energies) -> float:
    """Return the rms over the tiles that carry the sound: those within 10 dB of the mean."""
    loud = powers[powers > 0.0]
    if not loud.size:
        return 0.0
    mean = math.fsum(loud) / loud.size
    kept = [power for power in loud.tolist() if power > 0.1 * mean]
    return math.sqrt(math.fsum(kept) / len(kept))
