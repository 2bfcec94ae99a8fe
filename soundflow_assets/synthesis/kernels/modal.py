"""Banks of decaying partials: struck bars, bells, piano strings, and organ pipes that never decay.

A partial is the impulse response of a two-pole resonator. It is computed eight samples apart,
x[i] = 2·r⁸·cos(8w)·x[i-8] - r¹⁶·x[i-16], so that eight neighbours do not wait for each other;
the first sixteen come from the sine itself. Partials that have died are not computed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.envelopes import decay_factor
from soundflow_assets.synthesis.kernels.math import dcos, dlog2, dsin

PARTIAL = np.dtype(
    [
        ("freq_hz", "f8"),
        ("left", "f8"),  # gains
        ("right", "f8"),
        ("phase", "f8"),  # cycles
        ("t60_s", "f8"),
    ]
)
STRIDE = 8
INAUDIBLE = 5e-5  # of the loudest partial: -86 dB
HIGHEST_HZ = 0.45 * SAMPLE_RATE


@njit(cache=True)
def ring(out: npt.NDArray[np.float32], partials: npt.NDArray[np.void]) -> None:
    """Add all `partials` (array of `PARTIAL`) to `out` (2, samples) from its first sample on."""
    samples = out.shape[1]
    x = np.empty(max(samples, 2 * STRIDE))
    loudest = 0.0
    for p in range(partials.shape[0]):
        loudest = max(loudest, abs(partials[p].left), abs(partials[p].right))
    for p in range(partials.shape[0]):
        tone = partials[p]
        amp = max(abs(tone.left), abs(tone.right))
        if tone.freq_hz >= HIGHEST_HZ or amp <= INAUDIBLE * loudest:
            continue
        w = tone.freq_hz / SAMPLE_RATE
        r = decay_factor(tone.t60_s)
        life = dlog2(amp / (INAUDIBLE * loudest)) / 9.965784284662087 * tone.t60_s
        n = min(samples, int(life * SAMPLE_RATE) + 2 * STRIDE)
        gain = 1.0
        for i in range(2 * STRIDE):
            x[i] = gain * dsin(w * i + tone.phase)
            gain *= r
        r8 = r * r
        r8 *= r8
        r8 *= r8
        c = 2.0 * r8 * dcos(STRIDE * w)
        d = r8 * r8
        _continue(x, n, c, d)
        left = np.float32(tone.left)
        right = np.float32(tone.right)
        for i in range(n):
            y = np.float32(x[i])
            out[0, i] += left * y
            out[1, i] += right * y


@njit(cache=True)
def _continue(x: npt.NDArray[np.float64], n: int, c: float, d: float) -> None:
    for start in range(2 * STRIDE, n - STRIDE + 1, STRIDE):
        for j in range(STRIDE):
            i = start + j
            x[i] = c * x[i - STRIDE] - d * x[i - 2 * STRIDE]
    for i in range(max(n - n % STRIDE, 2 * STRIDE), n):
        x[i] = c * x[i - STRIDE] - d * x[i - 2 * STRIDE]
