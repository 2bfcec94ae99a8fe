"""Clicks where notes are cut: samples that the sound before them did not announce.

Over a few milliseconds music is an autoregressive process: each sample is nearly a weighted sum of
the ones before it, and what the best weights leave over, the residual, is small and even. A wave
that stops or starts in mid-swing breaks the rule for an instant and leaves a lone spike (Vaseghi
and Rayner 1990; Godsill and Rayner, *Digital Audio Restoration*, 1998, 5.2). Much else leaves tall
residuals, so a click is a residual that

- is at least -54 dBFS: what is lower is masked by the music;
- stands 11 times above the residual's RMS over 4 ms on either side: blows and plucks are followed
  by noise, so theirs do not;
- stands 6 times above the residual's RMS within 1 ms: the crackle of a record or of rain is a grain
  of sound, not a step;
- has no equal within 25 ms: the flanks of a low saw tooth come again and again, and beside a blow
  nobody hears a click.

The predictor has 8 weights, by the autocorrelation method on Hann windows of 512 samples every 256
(Levinson's recursion), steadied by noise 30 dB under the music. Clicks of both channels within 5 ms
count once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.listening.stretches import Stretch

Floats = npt.NDArray[np.float64]

_FLOOR = 10.0 ** (-54.0 / 20.0)
_ABOVE_AROUND, _ABOVE_BESIDE, _ABOVE_OTHERS = 11.0, 6.0, 1.5
_FRAME, _HOP, _ORDER = 512, 256, 8
_STEADYING = 1e-3
# Samples from the spike: its own width, its surroundings, the sides, and how far others are sought.
_WIDTH, _BESIDE, _AROUND, _OTHERS = 4, 48, 180, SAMPLE_RATE // 40
_APART = SAMPLE_RATE // 200


def clicks_in(stretch: Stretch) -> Floats:
    """Return the owned clicks' places in the programme, in samples, rising."""
    window = np.hanning(_FRAME)
    found = np.concatenate([_clicks(channel, window) for channel in stretch.audio])
    places = np.sort(found) + stretch.origin
    return places[(places >= stretch.first) & (places < stretch.last)].astype(np.float64)


def clicks_per_minute(places: Floats, duration_s: float) -> float:
    """Return how many distinct clicks a minute there are among `places` (samples, rising)."""
    if not places.size:
        return 0.0
    distinct = 1 + int((np.diff(places) > _APART).sum())
    return round(distinct * 60.0 / duration_s, 2)


@njit(cache=True)
def _clicks(signal: npt.NDArray[np.float32], window: Floats) -> npt.NDArray[np.int64]:
    residual = _residual(signal, window)
    samples = residual.shape[0]
    energy = np.zeros(samples + 1)
    for n in range(samples):
        energy[n + 1] = energy[n] + residual[n] * residual[n]
    out = np.empty(samples // 2 + 1, dtype=np.int64)
    count = 0
    for n in range(_AROUND, samples - _AROUND - 1):
        height = abs(residual[n])
        if height < _FLOOR or height <= abs(residual[n - 1]) or height < abs(residual[n + 1]):
            continue
        if _stands_out(energy, n, height) and _is_alone(residual, n, height):
            out[count] = n
            count += 1
    return out[:count]


@njit(cache=True)
def _stands_out(energy: Floats, n: int, height: float) -> bool:
    """Compare a spike with the residual's level around and beside it; `energy` is cumulative."""
    before = energy[n - _WIDTH] - energy[n - _AROUND]
    after = energy[n + _AROUND + 1] - energy[n + _WIDTH + 1]
    around = max(before, after, 0.0) / (_AROUND - _WIDTH)
    beside = energy[n - _WIDTH] - energy[n - _BESIDE]
    beside += energy[n + _BESIDE + 1] - energy[n + _WIDTH + 1]
    beside = max(beside, 0.0) / (2 * (_BESIDE - _WIDTH))
    power = height * height
    stands: bool = power >= _ABOVE_AROUND**2 * around and power >= _ABOVE_BESIDE**2 * beside
    return stands


@njit(cache=True)
def _is_alone(residual: Floats, n: int, height: float) -> bool:
    limit = height / _ABOVE_OTHERS
    for k in range(_BESIDE, _OTHERS):
        if n - k >= 0 and abs(residual[n - k]) > limit:
            return False
        if n + k < residual.shape[0] and abs(residual[n + k]) > limit:
            return False
    return True


@njit(cache=True)
def _residual(signal: npt.NDArray[np.float32], window: Floats) -> Floats:
    """Return what a predictor refitted every `_HOP` samples leaves of `signal`."""
    samples = signal.shape[0]
    out = np.zeros(samples)
    frame = np.empty(_FRAME)
    weights = np.empty(_ORDER + 1)
    for start in range(0, samples - _FRAME + 1, _HOP):
        loudest = 0.0
        for n in range(_FRAME):
            frame[n] = window[n] * signal[start + n]
            loudest = max(loudest, abs(frame[n]))
        if loudest < _FLOOR:
            continue
        _predictor(frame, weights)
        # The middle of the window belongs to it, at the top also the beginning.
        middle = start + (_FRAME - _HOP) // 2
        for n in range(max(_ORDER, middle), middle + _HOP):
            left = 0.0
            for k in range(_ORDER + 1):
                left += weights[k] * signal[n - k]
            out[n] = left
    return out


@njit(cache=True)
def _predictor(frame: Floats, weights: Floats) -> None:
    """Fill `weights` (order + 1,) with the prediction-error filter of `frame` (Levinson)."""
    lags = np.empty(_ORDER + 1)
    for k in range(_ORDER + 1):
        total = 0.0
        for n in range(k, _FRAME):
            total += frame[n] * frame[n - k]
        lags[k] = total
    # Without it, weights for pure tones grow huge and answer every bend of an envelope.
    error = lags[0] * (1.0 + _STEADYING)
    weights[:] = 0.0
    weights[0] = 1.0
    old = np.empty(_ORDER + 1)
    for m in range(1, _ORDER + 1):
        if error <= 0.0:
            return
        total = lags[m]
        for k in range(1, m):
            total += weights[k] * lags[m - k]
        reflection = -total / error
        old[:] = weights
        for k in range(1, m):
            weights[k] = old[k] + reflection * old[m - k]
        weights[m] = reflection
        error *= 1.0 - reflection * reflection
