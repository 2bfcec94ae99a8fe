"""Filters whose cutoff may move at any moment: state-variable, one-pole, four-pole ladder.

The state-variable filter is the trapezoidal one of Andrew Simper ("Solving the continuous SVF
equations using trapezoidal integration and equivalent currents", Cytomic 2013): g = tan(π·fc/sr),
k = 1/Q; it stays stable and in tune while both move. The ladder solves its feedback without delay
(Zavalishin, "The Art of VA Filter Design", ch. 5). Sample functions are inlined into the kernels
that own the state; `filter_stereo` and `peaks` work on whole buffers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.math import db_to_gain, dtan_pi

LOWPASS, HIGHPASS, BANDPASS = 0, 1, 2
HIGHEST = 0.45  # of the sample rate: no cutoff is set above
QUIETEST = 1e-18  # keeps memories out of the denormal numbers, which are slow


@njit(cache=True, inline="always")
def svf_g(cutoff_hz: float) -> float:
    """Return the integrator gain g of `cutoff_hz`, kept within 5 Hz and 0.45 of the rate."""
    return dtan_pi(min(max(cutoff_hz, 5.0), HIGHEST * SAMPLE_RATE) / SAMPLE_RATE)


@njit(cache=True, inline="always")
def svf(x: float, ic1: float, ic2: float, g: float, k: float) -> tuple[float, float, float, float]:
    """Advance one sample: return (low-pass, band-pass, next ic1, next ic2).

    High-pass is x - k·band - low; a band-pass of unit peak is k·band.
    """
    a1 = 1.0 / (1.0 + g * (g + k))
    a2 = g * a1
    v3 = x - ic2
    band = a1 * ic1 + a2 * v3
    low = ic2 + a2 * ic1 + g * a2 * v3
    return low, band, 2.0 * band - ic1, 2.0 * low - ic2


@njit(cache=True, inline="always")
def one_pole(x: float, state: float, g: float) -> tuple[float, float]:
    """Advance a trapezoidal one-pole: return (low-pass, next state); high-pass is x - low."""
    v = (x - state) * g / (1.0 + g)
    low = v + state
    return low, low + v


@njit(cache=True)
def filter_stereo(
    audio: npt.NDArray[np.float32], kind: int, cutoff_hz: float, q: float, stages: int
) -> None:
    """Filter `audio` (channels, samples) in place with a fixed SVF, `stages` times in series."""
    g = svf_g(cutoff_hz)
    k = 1.0 / q
    for channel in range(audio.shape[0]):
        for _ in range(stages):
            ic1 = 0.0
            ic2 = 0.0
            for i in range(audio.shape[1]):
                x = np.float64(audio[channel, i])
                low, band, ic1, ic2 = svf(x, ic1, ic2, g, k)
                if kind == LOWPASS:
                    audio[channel, i] = low
                elif kind == HIGHPASS:
                    audio[channel, i] = x - k * band - low
                else:
                    audio[channel, i] = k * band


@njit(cache=True)
def peaks(
    audio: npt.NDArray[np.float32],
    freqs_hz: npt.NDArray[np.float64],
    gains_db: npt.NDArray[np.float64],
    q: float,
) -> None:
    """Add resonances to `audio` (channels, samples) in place: each a band-pass laid over it."""
    k = 1.0 / q
    last = audio.shape[0] - 1  # with one channel, both halves of the loop see the same samples
    for p in range(freqs_hz.shape[0]):
        g = svf_g(freqs_hz[p])
        lift = (db_to_gain(gains_db[p]) - 1.0) * k
        a = 0.0
        b = 0.0
        c = 0.0
        d = 0.0
        for i in range(audio.shape[1]):
            x = np.float64(audio[0, i])
            y = np.float64(audio[last, i])
            _, band, a, b = svf(x, a, b, g, k)
            audio[0, i] = x + lift * band
            if last > 0:
                _, band, c, d = svf(y, c, d, g, k)
                audio[last, i] = y + lift * band
