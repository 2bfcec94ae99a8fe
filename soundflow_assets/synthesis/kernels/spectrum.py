"""The long-term power spectrum of a programme, for decisions that belong to the sound.

A radix-2 transform of its own (Cooley & Tukey 1965) on two real arrays: what is decided by it
shapes samples, so it must give the same bits on every machine, which libraries do not promise.
Mid and side are transformed together, as real and imaginary part of one signal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import dcos, dsin

SIZE = 8192  # samples of a frame: bins of 5.4 Hz
BINS = SIZE // 2
HOP = 4 * SIZE  # one frame in four is enough for a programme's mean
PRESENCE_BAND_HZ = (2000.0, 6000.0)

Powers = npt.NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def add_powers(audio: Audio, first: int, out: Powers) -> None:
    """Add the power of mid and side of `audio` (2, samples) to `out` (2, BINS), bin by bin.

    Frames lie a `HOP` apart in the whole programme, of which column 0 of `audio` is sample
    `first`; a frame that reaches over the end of this stretch is left out.
    """
    window = np.empty(SIZE)
    for n in range(SIZE):
        window[n] = 0.5 - 0.5 * dcos(n / SIZE)
    real = np.empty(SIZE)
    imag = np.empty(SIZE)
    start = (HOP - first % HOP) % HOP
    while start + SIZE <= audio.shape[1]:
        for n in range(SIZE):
            real[n] = 0.5 * window[n] * (audio[0, start + n] + audio[1, start + n])
            imag[n] = 0.5 * window[n] * (audio[0, start + n] - audio[1, start + n])
        _transform(real, imag)
        for k in range(1, BINS):
            # The even part of the spectrum belongs to the real signal, the odd to the other.
            a, b = real[k], imag[k]
            c, d = real[SIZE - k], imag[SIZE - k]
            out[0, k] += 0.25 * ((a + c) * (a + c) + (b - d) * (b - d))
            out[1, k] += 0.25 * ((b + d) * (b + d) + (a - c) * (a - c))
        start += HOP


@njit(cache=True, error_model="numpy")
def _transform(real: Powers, imag: Powers) -> None:
    """Fourier-transform `SIZE` values in place, decimation in time."""
    other = 0
    for n in range(1, SIZE):
        bit = SIZE >> 1
        while other & bit:
            other ^= bit
            bit >>= 1
        other |= bit
        if n < other:
            real[n], real[other] = real[other], real[n]
            imag[n], imag[other] = imag[other], imag[n]
    span = 2
    while span <= SIZE:
        half = span // 2
        for k in range(half):
            c = dcos(k / span)
            s = -dsin(k / span)
            for low in range(k, SIZE, span):
                high = low + half
                x = c * real[high] - s * imag[high]
                y = c * imag[high] + s * real[high]
                real[high] = real[low] - x
                imag[high] = imag[low] - y
                real[low] += x
                imag[low] += y
        span *= 2
