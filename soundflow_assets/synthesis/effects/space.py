"""The shared space of a track: two sends, filled by every stem, and their returns.

The space is one reverberant room and one ping-pong delay, as the genre sets them. The plan's
`synth.space` scales all sends: 0 is dry, 50 as written, 100 nearly twice as wet.
"""

from __future__ import annotations

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.synthesis.kernels.delay import ping_pong
from soundflow_assets.synthesis.kernels.mixing import Mono
from soundflow_assets.synthesis.kernels.reverb import reverberate

DELAY_TO_REVERB = 0.3
RETURN_GAIN = 2.4  # makes up for the band limits and for sending the mid signal only


def send_gain(amount: float, space: float) -> float:
    """Return the gain of a send: `amount` 0 to 1 as written, times `synth.space` over 50.

    Bounded softly: a large room stays below the music however much is asked of it.

    >>> [round(send_gain(0.25, space), 2) for space in (0, 50, 100)]
    [0.0, 0.2, 0.33]
    """
    wet = amount * space / 50.0
    return wet / (1.0 + wet)


class Space:
    """Send buffers of one track, and the returns made of them."""

    def __init__(self, plan: TrackPlan, samples: int) -> None:
        self.dry = plan.synth.space == 0
        self._space = plan.synth.space
        self.reverb_send: Mono = np.zeros(samples, dtype=np.float32)
        self.delay_send: Mono = np.zeros(samples, dtype=np.float32)
        self._reverb = plan.spec.reverb
        self._delay = plan.spec.delay
        self._bpm = plan.bpm

    def gain(self, amount: float) -> float:
        """Return the gain of a send of `amount` in this track."""
        return send_gain(amount, self._space)

    def write_echoes(self, out: Audio) -> None:
        """Overwrite `out` with the delay's return."""
        length = round(self._delay.beats * 60.0 / self._bpm * SAMPLE_RATE)
        ping_pong(self.delay_send, out, length, self._delay.feedback)

    def write_reverberation(self, out: Audio) -> None:
        """Overwrite `out` with the room's return. The reverb send is used up."""
        reverberate(
            self.reverb_send,
            out,
            self._reverb.t60_s,
            round(self._reverb.predelay_ms * 0.001 * SAMPLE_RATE),
            self._reverb.damping_hz,
            RETURN_GAIN,
        )
