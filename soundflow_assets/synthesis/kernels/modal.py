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
from soundflow_assets.synthesis.kernels.lanes import LANES, load, narrowed, store
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
STRIDE = LANES
INAUDIBLE = 5e-5  # of the loudest partial: -86 dB
HIGHEST_HZ = 0.45 * SAMPLE_RATE


@njit(cache=True)
def ring(out: npt.NDArray[np.float32], partials: npt.NDArray[np.void]) -> None:
    """Add all `partials` (array of `PARTIAL`) to `out` (2, samples) from its first sample on."""
    samples = out.shape[1]
    x = np.empty(2 * STRIDE)
    left, right = out[0], out[1]
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
        by_l, by_r = np.float32(tone.left), np.float32(tone.right)
        before, now = load(x, 0), load(x, STRIDE)
        for i in range(0, n - STRIDE + 1, STRIDE):
            y = narrowed(before)
            store(left, i, load(left, i) + by_l * y)
            store(right, i, load(right, i) + by_r * y)
            before, now = now, c * now - d * before
        store(x, 0, before)
        whole = n - n % STRIDE
        for i in range(whole, n):
            y_i = np.float32(x[i - whole])
            left[i] += by_l * y_i
            right[i] += by_r * y_i
