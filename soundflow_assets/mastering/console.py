"""The mix bus: what the whole programme goes through before loudness and limiting.

High-pass at 28 Hz and against DC, mono below 120 Hz, tilt, presence and width, glue compression,
saturation and, where the genre asks for it, tape. Everything works in place, at a known loudness,
so that thresholds mean the same in every genre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.synthesis.kernels.delay import TAPE_RING, wow_and_flutter
from soundflow_assets.synthesis.kernels.dynamics import glue
from soundflow_assets.synthesis.kernels.filters import QUIETEST, one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.math import ROOT_TWO, db_to_gain, dcos, dsin, soft_clip

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


@njit(cache=True, error_model="numpy")
def clean(
    audio: Audio,
    gain: float,
    lowest_hz: float,
    mono_hz: float,
    tilt_db: float,
    side_db: float,
    state: Floats,
) -> None:
    """Scale `audio` by `gain`, cut what lies below the music, gather the bass, and tilt, in place.

    The side signal is cut below `mono_hz` (fourth order), so that the bass is the same on both
    sides, and raised by `side_db`. Tilt divides the spectrum at 800 Hz (first order) and weighs
    the halves by ∓tilt_db/2. `state` (8,) holds the filters' memories.
    """
    low_g = svf_g(lowest_hz)
    side_g = svf_g(mono_hz)
    tilt_g = svf_g(TILT_HZ)
    dark = db_to_gain(-0.5 * tilt_db)
    bright = db_to_gain(0.5 * tilt_db)
    side_gain = 0.5 * gain * db_to_gain(side_db)
    ma, mb, mt, sa = state[0], state[1], state[2], state[3]
    sb, sc, sd, st = state[4], state[5], state[6], state[7]
    left = audio[0]
    right = audio[1]
    for n in range(audio.shape[1]):
        mid = 0.5 * gain * (left[n] + right[n])
        low, band, ma, mb = svf(mid, ma, mb, low_g, ROOT_TWO)
        mid = mid - ROOT_TWO * band - low + QUIETEST
        low, mt = one_pole(mid, mt, tilt_g)
        mid = dark * low + bright * (mid - low)
        side = side_gain * (left[n] - right[n])
        low, band, sa, sb = svf(side, sa, sb, side_g, ROOT_TWO)
        side = side - ROOT_TWO * band - low
        low, band, sc, sd = svf(side, sc, sd, side_g, ROOT_TWO)
        side = side - ROOT_TWO * band - low + QUIETEST
        low, st = one_pole(side, st, tilt_g)
        side = dark * low + bright * (side - low)
        left[n] = mid + side
        right[n] = mid - side
    state[0], state[1], state[2], state[3] = ma, mb, mt, sa
    state[4], state[5], state[6], state[7] = sb, sc, sd, st


@njit(cache=True, error_model="numpy")
def presence(audio: Audio, gain_db: float, state: Floats) -> None:
    """Lift or lower the presence by a bell of `gain_db` at 3.5 kHz, in place.

    With A² the gain and k = 1/(A·Q), the bell is the input plus k·(A² - 1) of its band-pass.
    `state` (2, 2) holds the memories of both channels.
    """
    g = svf_g(PRESENCE_HZ)
    a = db_to_gain(0.5 * gain_db)
    k = 1.0 / (a * PRESENCE_Q)
    share = k * (a * a - 1.0)
    left, right = audio[0], audio[1]
    c, d, e, f = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    for n in range(left.shape[0]):  # both at once: each waits for its own last sample only
        x, y = float(left[n]) + QUIETEST, float(right[n]) + QUIETEST
        _, band, c, d = svf(x, c, d, g, k)
        left[n] = x + share * band
        _, band, e, f = svf(y, e, f, g, k)
        right[n] = y + share * band
    state[0, 0], state[0, 1], state[1, 0], state[1, 1] = c, d, e, f


def tape_top_hz(tape: float) -> float:
    """Return the corner of the tape's low-pass, 0 without tape."""
    low, high = TAPE_TOP_HZ
    return low + (high - low) * tape if tape > 0.0 else 0.0


@njit(cache=True, error_model="numpy")
def saturate(audio: Audio, gain: float) -> None:
    """Round off `audio` in place: unity for small signals, the knee lower with more `gain`."""
    back = 1.0 / gain
    for channel in range(2):
        row = audio[channel]
        for n in range(row.shape[0]):
            row[n] = soft_clip(row[n] * gain) * back


@njit(cache=True, inline="always")
def _peaked(
    x: float, m1: float, m2: float, b0: float, b1: float, b2: float, a2: float
) -> tuple[float, float, float]:
    """Advance a peaking biquad, whose a1 is its b1: return output and memories."""
    y = b0 * x + m1
    return y, b1 * x - b1 * y + m2, b2 * x - a2 * y


@njit(cache=True, error_model="numpy")
def tape_response(audio: Audio, bump_db: float, top_hz: float, state: Floats) -> None:
    """Give `audio` a tape's frequency response in place: head bump and a softer top.

    The bump is the peaking filter of R. Bristow-Johnson's cookbook (Q 0.9), the top a two-pole
    low-pass. `state` (2, 4) holds the memories of both channels.
    """
    turn = HEAD_BUMP_HZ / SAMPLE_RATE
    root = db_to_gain(0.5 * bump_db)
    alpha = dsin(turn) / (2.0 * HEAD_BUMP_Q)
    scale = 1.0 / (1.0 + alpha / root)
    b0 = (1.0 + alpha * root) * scale
    b1 = -2.0 * dcos(turn) * scale
    b2 = (1.0 - alpha * root) * scale
    a2 = (1.0 - alpha / root) * scale
    top_g = svf_g(top_hz)
    left, right = audio[0], audio[1]
    p1, p2, c, d = state[0, 0], state[0, 1], state[0, 2], state[0, 3]
    q1, q2, e, f = state[1, 0], state[1, 1], state[1, 2], state[1, 3]
    for n in range(left.shape[0]):
        y, p1, p2 = _peaked(float(left[n]) + QUIETEST, p1, p2, b0, b1, b2, a2)
        left[n], _, c, d = svf(y, c, d, top_g, ROOT_TWO)
        y, q1, q2 = _peaked(float(right[n]) + QUIETEST, q1, q2, b0, b1, b2, a2)
        right[n], _, e, f = svf(y, e, f, top_g, ROOT_TWO)
    state[0, 0], state[0, 1], state[0, 2], state[0, 3] = p1, p2, c, d
    state[1, 0], state[1, 1], state[1, 2], state[1, 3] = q1, q2, e, f


class Console:
    """The mix bus of one programme, which passes through it stretch by stretch.

    Stretches are multiples of `CONTROL` samples, but for the last; what comes out does not depend
    on where they are cut.
    """

    def __init__(self, bus: MasterBus, mix_lufs: float, fit: Fit | None = None) -> None:
        """Set the bus up for a mix of `mix_lufs` integrated loudness that lacks `fit`."""
        self._bus = bus
        self._fit = fit or Fit()
        self._gain = float(db_to_gain(BUS_LUFS - mix_lufs))
        self._drive_db = SATURATION_DB * bus.saturation + TAPE_DRIVE_DB * bus.tape
        self._filters = np.zeros(8)
        self._bell = np.zeros((2, 2))
        self._glue = np.array([0.0, 1.0])
        self._rings = np.zeros((2, TAPE_RING), dtype=np.float32)
        self._response = np.zeros((2, 4))
        self._at = 0

    def process(self, audio: Audio) -> None:
        """Run the next stretch (2, samples) through the bus, in place."""
        bus = self._bus
        fit = self._fit
        tilt_db = bus.tilt_db + fit.tilt_db
        clean(
            audio, self._gain, LOWEST_HZ, MONO_BELOW_HZ, tilt_db, fit.side_db, self._filters
        )  # fmt: skip
        if fit.presence_db != 0.0:
            presence(audio, fit.presence_db, self._bell)
        if bus.glue_db > 0.0:
            glue(
                audio, GLUE_THRESHOLD_DB, bus.glue_db, GLUE_ATTACK_S, GLUE_RELEASE_S, self._glue
            )  # fmt: skip
        if self._drive_db > 0.0:
            saturate(audio, float(db_to_gain(self._drive_db)))
        if bus.tape > 0.0:
            wow_and_flutter(audio, bus.tape, self._at, self._rings)
            bump_db = HEAD_BUMP_DB * bus.tape
            tape_response(audio, bump_db, tape_top_hz(bus.tape), self._response)
        self._at += audio.shape[1]
