"""The mix bus: what the whole programme goes through before loudness and limiting.

High-pass at 28 Hz and against DC, mono below 120 Hz, tilt, presence and width, glue compression,
saturation and, where the genre asks for it, tape. Everything works in place, at a known loudness,
so that thresholds mean the same in every genre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.synthesis.kernels.delay import TAPE_PAST, wow_and_flutter
from soundflow_assets.synthesis.kernels.dynamics import glue_gains, ride
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain
from soundflow_assets.synthesis.kernels.sections import in_lanes, run_sections, section

Floats = npt.NDArray[np.float64]

BUS_LUFS = -18.0  # the loudness the bus works at
LOWEST_HZ = 28.0
MONO_BELOW_HZ = 120.0
TILT_HZ = 800.0
PRESENCE_HZ = 3500.0
PRESENCE_Q = 0.6
GLUE_ATTACK_S = 0.030
GLUE_RELEASE_S = 0.120
GLUE_THRESHOLD_DB = -21.0
SATURATION_DB = 9.0  # pre-gain at full saturation
TAPE_DRIVE_DB = 3.0
HEAD_BUMP_HZ = 80.0
HEAD_BUMP_DB = 1.5
HEAD_BUMP_Q = 0.9
TAPE_TOP_HZ = (12000.0, 9000.0)  # low-pass with a little and with full tape


@dataclass(frozen=True, slots=True)
class Fit:
    """What a category asks of the console on top of the genre's own settings, in dB."""

    tilt_db: float = 0.0
    presence_db: float = 0.0
    side_db: float = 0.0


def tape_top_hz(tape: float) -> float:
    """Return the corner of the tape's low-pass, 0 without tape."""
    low, high = TAPE_TOP_HZ
    return low + (high - low) * tape if tape > 0.0 else 0.0


def bell(centre_hz: float, gain_db: float, q: float) -> Floats:
    """Return the section of a bell of `gain_db` at its centre.

    With A² the gain and k = 1/(A·Q), the bell is the input plus k·(A² - 1) of its band-pass. At the
    head bump it is the peaking filter of R. Bristow-Johnson's cookbook.
    """
    a = float(db_to_gain(0.5 * gain_db))
    k = 1.0 / (a * q)
    return section(centre_hz, k, 1.0, k * (a * a - 1.0), 0.0)


def high_pass(corner_hz: float, gain: float = 1.0) -> Floats:
    """Return the section of a second-order high-pass (Butterworth) of `gain`."""
    return section(corner_hz, ROOT_TWO, gain, -gain * ROOT_TWO, -gain)


def tilt(gain_db: float) -> Floats:
    """Return the section that divides the spectrum at 800 Hz and weighs the halves by ∓gain_db/2.

    The first-order low-pass is the low-pass of two equal poles plus its band-pass.
    """
    dark = float(db_to_gain(-0.5 * gain_db))
    bright = float(db_to_gain(0.5 * gain_db))
    return section(TILT_HZ, 2.0, bright, dark - bright, dark - bright)


def mid_side_sections(gain: float, tilt_db: float, presence_db: float, side_db: float) -> Floats:
    """Return what cuts what lies below the music, gathers the bass, and sets tone and width.

    The side signal is cut below 120 Hz (fourth order), so that the bass is the same on both sides.
    """
    side_gain = gain * float(db_to_gain(side_db))
    both = tilt(tilt_db)
    lift = bell(PRESENCE_HZ, presence_db, PRESENCE_Q)
    plain = section(MONO_BELOW_HZ, ROOT_TWO, 1.0, 0.0, 0.0)
    return np.stack(
        [
            # Half of left + right and of left - right.
            in_lanes(high_pass(LOWEST_HZ, 0.5 * gain), high_pass(MONO_BELOW_HZ, 0.5 * side_gain)),
            in_lanes(plain, high_pass(MONO_BELOW_HZ)),
            in_lanes(both, both),
            in_lanes(lift, lift),
        ]
    )


def tape_sections(tape: float) -> Floats:
    """Return a tape's frequency response: head bump and a softer top (second order)."""
    bump = bell(HEAD_BUMP_HZ, HEAD_BUMP_DB * tape, HEAD_BUMP_Q)
    top = section(tape_top_hz(tape), ROOT_TWO, 0.0, 0.0, 1.0)
    return np.stack([in_lanes(bump, bump), in_lanes(top, top)])


class Console:
    """The mix bus of one programme, which passes through it stretch by stretch.

    Stretches are multiples of `CONTROL` samples, but for the last; where they are cut is nothing
    that a float32 can tell.
    """

    def __init__(self, bus: MasterBus, mix_lufs: float, fit: Fit | None = None) -> None:
        """Set the bus up for a mix of `mix_lufs` integrated loudness that lacks `fit`."""
        self._bus = bus
        fit = fit or Fit()
        gain = float(db_to_gain(BUS_LUFS - mix_lufs))
        tilt_db = bus.tilt_db + fit.tilt_db
        self._tone = mid_side_sections(gain, tilt_db, fit.presence_db, fit.side_db)
        drive_db = SATURATION_DB * bus.saturation + TAPE_DRIVE_DB * bus.tape
        self._drive = float(db_to_gain(drive_db)) if drive_db > 0.0 else 0.0
        self._tape = tape_sections(bus.tape)
        self._tone_state = np.zeros((len(self._tone), 2, 2))
        self._tape_state = np.zeros((len(self._tape), 2, 2))
        self._glue = np.array([0.0, 1.0])
        self._past = np.zeros((2, TAPE_PAST), dtype=np.float32)
        self._at = 0

    def process(self, audio: Audio) -> None:
        """Run the next stretch (2, samples) through the bus, in place."""
        bus = self._bus
        powers = run_sections(audio, self._tone, True, self._tone_state)
        gains = glue_gains(
            powers, GLUE_THRESHOLD_DB, bus.glue_db, GLUE_ATTACK_S, GLUE_RELEASE_S, self._glue
        )
        ride(audio, gains, self._drive)
        if bus.tape > 0.0:
            wow_and_flutter(audio, bus.tape, self._at, self._past)
            run_sections(audio, self._tape, False, self._tape_state)
        self._at += audio.shape[1]
