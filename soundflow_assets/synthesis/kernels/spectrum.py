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
from soundflow_assets.synthesis.kernels.lanes import LANES, load, store
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
    turns = _turns()
    real = np.empty(SIZE)
    imag = np.empty(SIZE)
    start = (HOP - first % HOP) % HOP
    while start + SIZE <= audio.shape[1]:
        for n in range(SIZE):
            real[n] = 0.5 * window[n] * (audio[0, start + n] + audio[1, start + n])
            imag[n] = 0.5 * window[n] * (audio[0, start + n] - audio[1, start + n])
        _transform(real, imag, turns)
        for k in range(1, BINS):
            # The even part of the spectrum belongs to the real signal, the odd to the other.
            a, b = real[k], imag[k]
            c, d = real[SIZE - k], imag[SIZE - k]
            out[0, k] += 0.25 * ((a + c) * (a + c) + (b - d) * (b - d))
            out[1, k] += 0.25 * ((b + d) * (b + d) + (a - c) * (a - c))
        start += HOP


@njit(cache=True, error_model="numpy")
def _turns() -> Powers:
    """Return cosine and negative sine (2, SIZE) of k / span, k < span / 2, from `span / 2` on."""
    turns = np.empty((2, SIZE))
    half = 1
    while half < SIZE:
        for k in range(half):
            turns[0, half + k] = dcos(k / (2 * half))
            turns[1, half + k] = -dsin(k / (2 * half))
        half *= 2
    return turns


@njit(cache=True, error_model="numpy")
def _transform(real: Powers, imag: Powers, turns: Powers) -> None:
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
    half = 1
    while half < SIZE:
        cosine, sine = turns[0, half : 2 * half], turns[1, half : 2 * half]
        for low in range(0, SIZE, 2 * half):
            a, b = real[low : low + half], imag[low : low + half]
            c, d = real[low + half : low + 2 * half], imag[low + half : low + 2 * half]
            if half < LANES:
                for k in range(half):
                    x = cosine[k] * c[k] - sine[k] * d[k]
                    y = cosine[k] * d[k] + sine[k] * c[k]
                    c[k], d[k] = a[k] - x, b[k] - y
                    a[k], b[k] = a[k] + x, b[k] + y
                continue
            for k in range(0, half, LANES):
                x = load(cosine, k) * load(c, k) - load(sine, k) * load(d, k)
                y = load(cosine, k) * load(d, k) + load(sine, k) * load(c, k)
                store(c, k, load(a, k) - x)
                store(d, k, load(b, k) - y)
                store(a, k, load(a, k) + x)
                store(b, k, load(b, k) + y)
        half *= 2
