"""Rumble: a kick drum's answer in a dark room, all of it below the kick's own octave.

The kick alone goes through a reverberator whose return is cut above `lowpass_hz` (fourth order),
gathered in the middle, and pushed down by every kick, so that it fills the time between the beats
and never the beats themselves.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.plans.drums import Rumble
from soundflow_assets.synthesis.effects.image import gain_curve, image
from soundflow_assets.synthesis.kernels.mixing import Curve, Mono
from soundflow_assets.synthesis.kernels.reverb import reverberate
from soundflow_assets.synthesis.kernels.whole import HIGHPASS, LOWPASS, filter_stereo

PREDELAY_S = 0.03
LOWEST_HZ = 30.0
BUTTERWORTH_Q = 0.7071


def rumble(kicks: Audio, settings: Rumble, duck: Curve) -> None:
    """Turn the kicks in `kicks` (2, samples) into their rumble, in place.

    `duck` runs from 0 to 1, one value a control point; 1 is where the rumble gives way most.
    """
    send: Mono = (np.float32(0.5) * (kicks[0] + kicks[1])).astype(np.float32)
    top_hz = settings.lowpass_hz
    predelay = round(PREDELAY_S * SAMPLE_RATE)
    # Damping far above the band: in it, the decay is that of `t60_s` alone.
    reverberate(send, kicks, settings.t60_s, predelay, 8.0 * top_hz, 1.0, LOWEST_HZ, 2.0 * top_hz)
    filter_stereo(kicks, LOWPASS, top_hz, BUTTERWORTH_Q, 2)
    filter_stereo(kicks, HIGHPASS, LOWEST_HZ, BUTTERWORTH_Q, 1)
    gain = gain_curve(np.ones_like(duck), duck, settings.duck_db, 0.0, 0.0, 0.0)
    image(kicks, 0, kicks.shape[1], gain, gain, np.zeros_like(duck))
