"""The mix bus: what the whole programme goes through before loudness and limiting.

High-pass at 28 Hz and against DC, mono below 120 Hz, tilt, glue compression, saturation and, where
the genre asks for it, tape. Everything works in place on the one mix buffer, at a known loudness,
so that thresholds mean the same in every genre.
"""

from __future__ import annotations

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.compiled import njit
from soundflow_assets.plans.genre import MasterBus
from soundflow_assets.synthesis.kernels.delay import wow_and_flutter
from soundflow_assets.synthesis.kernels.dynamics import glue
from soundflow_assets.synthesis.kernels.filters import one_pole, svf, svf_g
from soundflow_assets.synthesis.kernels.loudness import loudness_of
from soundflow_assets.synthesis.kernels.math import db_to_gain, dcos, dsin, soft_clip

BUS_LUFS = -18.0  # the loudness the bus works at
LOWEST_HZ = 28.0
MONO_BELOW_HZ = 120.0
TILT_HZ = 800.0
GLUE_ATTACK_S = 0.030
GLUE_RELEASE_S = 0.120
GLUE_THRESHOLD_DB = -21.0
SATURATION_DB = 9.0  # pre-gain at full saturation
TAPE_DRIVE_DB = 3.0
HEAD_BUMP_HZ = 80.0
HEAD_BUMP_DB = 1.5
TAPE_TOP_HZ = (12000.0, 9000.0)  # low-pass with a little and with full tape
ROOT_TWO = 1.4142135623730951
QUIETEST = 1e-18  # keeps memories out of the denormal numbers, which are slow


@njit(cache=True, error_model="numpy")
def clean(audio: Audio, gain: float, lowest_hz: float, mono_hz: float, tilt_db: float) -> None:
    """Scale `audio` by `gain`, cut what lies below the music, gather the bass, and tilt, in place.

    The side signal is cut below `mono_hz` (fourth order), so that the bass is the same on both
    sides. Tilt divides the spectrum at 800 Hz (first order) and weighs the halves by ∓tilt_db/2.
    """
    low_g = svf_g(lowest_hz)
    side_g = svf_g(mono_hz)
    tilt_g = svf_g(TILT_HZ)
    dark = db_to_gain(-0.5 * tilt_db)
    bright = db_to_gain(0.5 * tilt_db)
    ma = mb = mt = sa = sb = sc = sd = st = 0.0
    left = audio[0]
    right = audio[1]
    for n in range(audio.shape[1]):
        mid = 0.5 * gain * (left[n] + right[n])
        low, band, ma, mb = svf(mid, ma, mb, low_g, ROOT_TWO)
        mid = mid - ROOT_TWO * band - low + QUIETEST
        low, mt = one_pole(mid, mt, tilt_g)
        mid = dark * low + bright * (mid - low)
        side = 0.5 * gain * (left[n] - right[n])
        low, band, sa, sb = svf(side, sa, sb, side_g, ROOT_TWO)
        side = side - ROOT_TWO * band - low
        low, band, sc, sd = svf(side, sc, sd, side_g, ROOT_TWO)
        side = side - ROOT_TWO * band - low + QUIETEST
        low, st = one_pole(side, st, tilt_g)
        side = dark * low + bright * (side - low)
        left[n] = mid + side
        right[n] = mid - side


@njit(cache=True, error_model="numpy")
def saturate(audio: Audio, gain: float) -> None:
    """Round off `audio` in place: unity for small signals, the knee lower with more `gain`."""
    back = 1.0 / gain
    for channel in range(2):
        row = audio[channel]
        for n in range(row.shape[0]):
            row[n] = soft_clip(row[n] * gain) * back


@njit(cache=True, error_model="numpy")
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
    top_g = svf_g(top_hz)
    for channel in range(2):
        row = audio[channel]
        m1 = m2 = c = d = 0.0
        for n in range(row.shape[0]):
            x = float(row[n]) + QUIETEST
            y = b0 * x + m1
            m1 = b1 * x - b1 * y + m2
            m2 = b2 * x - a2 * y
            row[n], _, c, d = svf(y, c, d, top_g, ROOT_TWO)


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
