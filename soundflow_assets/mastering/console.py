"""The mix bus: what the whole programme goes through before loudness and limiting.

High-pass at 28 Hz and against DC, mono below 120 Hz, tilt, glue compression, saturation and, where
the genre asks for it, tape. Everything works in place on the one mix buffer, at a known loudness,
so that thresholds mean the same in every genre.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.plans.genre import MasterBus
from soundflow_assets.synthesis.kernels.delay import wow_and_flutter
from soundflow_assets.synthesis.kernels.dynamics import glue
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.kernels.math import db_to_gain, dcos, dsin, dtan_pi, soft_clip

BUS_LUFS = -18.0  # the loudness the bus works at
LOWEST_HZ = 28.0
MONO_BELOW_HZ = 120.0
TILT_HZ = 800.0
GLUE_ATTACK_S = 0.030
GLUE_RELEASE_S = 0.120
GLUE_THRESHOLD_DB = -18.0
SATURATION_DB = 9.0  # pre-gain at full saturation
TAPE_DRIVE_DB = 3.0
HEAD_BUMP_HZ = 80.0
HEAD_BUMP_DB = 1.5
TAPE_TOP_HZ = (12000.0, 9000.0)  # low-pass with a little and with full tape
ROOT_TWO = 1.4142135623730951


@njit(cache=True)
def clean(audio: Audio, gain: float, lowest_hz: float, mono_hz: float, tilt_db: float) -> None:
    """Scale `audio` by `gain`, cut what lies below the music, gather the bass, and tilt, in place.

    The side signal is cut below `mono_hz` (fourth order), so that the bass is the same on both
    sides. Tilt divides the spectrum at 800 Hz (first order) and weighs the halves by ∓tilt_db/2.
    """
    g = dtan_pi(lowest_hz / SAMPLE_RATE)
    h1 = 1.0 / (1.0 + g * (g + ROOT_TWO))
    h2 = g * h1
    h3 = g * h2
    g = dtan_pi(mono_hz / SAMPLE_RATE)
    s1 = 1.0 / (1.0 + g * (g + ROOT_TWO))
    s2 = g * s1
    s3 = g * s2
    g = dtan_pi(TILT_HZ / SAMPLE_RATE)
    split = g / (1.0 + g)
    dark = db_to_gain(-0.5 * tilt_db)
    bright = db_to_gain(0.5 * tilt_db)
    ma = mb = sa = sb = sc = sd = ta = tb = 0.0
    left = audio[0]
    right = audio[1]
    for n in range(audio.shape[1]):
        mid = 0.5 * gain * (left[n] + right[n])
        side = 0.5 * gain * (left[n] - right[n])
        v3 = mid - mb
        v1 = h1 * ma + h2 * v3
        v2 = mb + h2 * ma + h3 * v3
        ma = 2.0 * v1 - ma
        mb = 2.0 * v2 - mb
        mid = mid - ROOT_TWO * v1 - v2
        v3 = side - sb
        v1 = s1 * sa + s2 * v3
        v2 = sb + s2 * sa + s3 * v3
        sa = 2.0 * v1 - sa
        sb = 2.0 * v2 - sb
        side = side - ROOT_TWO * v1 - v2
        v3 = side - sd
        v1 = s1 * sc + s2 * v3
        v2 = sd + s2 * sc + s3 * v3
        sc = 2.0 * v1 - sc
        sd = 2.0 * v2 - sd
        side = side - ROOT_TWO * v1 - v2
        v1 = (mid - ta) * split
        low = v1 + ta
        ta = low + v1 + 1e-18
        mid = dark * low + bright * (mid - low)
        v1 = (side - tb) * split
        low = v1 + tb
        tb = low + v1 + 1e-18
        side = dark * low + bright * (side - low)
        left[n] = mid + side
        right[n] = mid - side


@njit(cache=True)
def saturate(audio: Audio, gain: float) -> None:
    """Round off `audio` in place: unity for small signals, the knee lower with more `gain`."""
    back = 1.0 / gain
    for channel in range(2):
        row = audio[channel]
        for n in range(row.shape[0]):
            row[n] = soft_clip(row[n] * gain) * back


@njit(cache=True)
def tape_response(audio: Audio, bump_db: float, top_hz: float) -> None:
    """Give `audio` a tape's frequency response in place: head bump and a softer top.

    The bump is the peaking filter of R. Bristow-Johnson's cookbook (Q 0.9), the top a two-pole
    low-pass.
    """
    turn = HEAD_BUMP_HZ / SAMPLE_RATE
    root = db_to_gain(0.5 * bump_db)
    alpha = dsin(turn) / (2.0 * 0.9)
    scale = 1.0 / (1.0 + alpha / root)
    b0 = (1.0 + alpha * root) * scale
    b1 = -2.0 * dcos(turn) * scale
    b2 = (1.0 - alpha * root) * scale
    a2 = (1.0 - alpha / root) * scale
    g = dtan_pi(top_hz / SAMPLE_RATE)
    p1 = 1.0 / (1.0 + g * (g + ROOT_TWO))
    p2 = g * p1
    p3 = g * p2
    for channel in range(2):
        row = audio[channel]
        m1 = m2 = c = d = 0.0
        for n in range(row.shape[0]):
            x = np.float64(row[n]) + 1e-18
            y = b0 * x + m1
            m1 = b1 * x - b1 * y + m2
            m2 = b2 * x - a2 * y
            v3 = y - d
            v1 = p1 * c + p2 * v3
            v2 = d + p2 * c + p3 * v3
            c = 2.0 * v1 - c
            d = 2.0 * v2 - d
            row[n] = v2


def run_console(audio: Audio, bus: MasterBus) -> None:
    """Run the mix through the bus of its genre, in place; `audio` (2, samples) must sound."""
    gain = float(db_to_gain(BUS_LUFS - loudness_of(audio)))
    clean(audio, gain, LOWEST_HZ, MONO_BELOW_HZ, bus.tilt_db)
    if bus.glue_db > 0.0:
        glue(audio, GLUE_THRESHOLD_DB, bus.glue_db, GLUE_ATTACK_S, GLUE_RELEASE_S)
    drive_db = SATURATION_DB * bus.saturation + TAPE_DRIVE_DB * bus.tape
    if drive_db > 0.0:
        saturate(audio, float(db_to_gain(drive_db)))
    if bus.tape > 0.0:
        low, high = TAPE_TOP_HZ
        wow_and_flutter(audio, bus.tape)
        tape_response(audio, HEAD_BUMP_DB * bus.tape, low + (high - low) * bus.tape)
