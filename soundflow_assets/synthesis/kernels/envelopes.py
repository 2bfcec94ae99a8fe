"""Envelopes of single notes, and the last touch every note gets before it is placed.

An envelope is recursive: a straight attack, an exponential decay to the sustain level, an
exponential release. T60 is the time of a 60 dB fall, as for rooms and strings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.extremes import highest
from soundflow_assets.synthesis.kernels.lanes import (
    FIRST,
    LANES,
    last,
    load,
    shifted,
    splat,
    store,
    total_of,
)
from soundflow_assets.synthesis.kernels.math import dexp2, soft_clip

WINDOW = 2048  # samples over which loudness is taken: 46 ms
ROUNDING = 0.03  # of the way a sample: 0.75 ms, so that no envelope has a corner
EAR_HZ = 90.0  # high-pass that stands for the ear's own where loudness is taken
BLOCKER_HZ = 6.0  # high-pass against DC
CLEAN_S = 0.012  # straight fade at the very end, so that the last sample is silence


@njit(cache=True, inline="always")
def decay_factor(t60_s: float) -> float:
    """Return the gain per sample of a decay by 60 dB in `t60_s`: 2^(-log2(1000) / samples)."""
    return dexp2(-9.965784284662087 / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def fallen(samples: float, t60_s: float) -> float:
    """Return what a decay by 60 dB in `t60_s` leaves after so many samples."""
    return dexp2(-9.965784284662087 * samples / (max(t60_s, 1e-4) * SAMPLE_RATE))


@njit(cache=True, inline="always")
def next_level(
    level: float, i: int, attack: int, hold: int, sustain: float, decay: float, release: float
) -> float:
    """Return the envelope after sample `i`: attack and hold in samples, the rest as factors.

    The attack rises by equal steps; a note let go inside its attack falls from where it was.
    """
    if i >= hold:
        return level * release
    if i < attack:
        return level + 1.0 / attack
    return sustain + (level - sustain) * decay


@njit(cache=True)
def shape(
    audio: npt.NDArray[np.float32],
    attack_s: float,
    hold_s: float,
    release_t60_s: float,
    tremolo_depth: float,
    tremolo_hz: float,
    tremolo_phase: float,
) -> None:
    """Lay attack, release and tremolo over sound that decays by itself, (channels, n) in place.

    The tremolo is a smooth swell between 1 - depth and 1, opposite in the two channels by a
    quarter of its cycle, as the rotors of a vibraphone spread it.
    """
    attack = max(int(attack_s * SAMPLE_RATE), 88)
    hold = int(hold_s * SAMPLE_RATE)
    release = decay_factor(release_t60_s)
    step = tremolo_hz / SAMPLE_RATE
    left, right = audio[0], audio[audio.shape[0] - 1]
    level = 0.0
    smooth = 0.0
    for i in range(left.shape[0]):
        level = next_level(level, i, attack, hold, 1.0, 0.0, release)
        smooth += (level - smooth) * ROUNDING
        gain_l = gain_r = smooth
        if tremolo_depth > 0.0:
            phase = tremolo_phase + step * (i + 1)
            gain_l *= 1.0 - tremolo_depth * _swell(phase)
            gain_r *= 1.0 - tremolo_depth * _swell(phase + 0.25)
        left[i] *= gain_l
        if audio.shape[0] == 2:
            right[i] *= gain_r


@njit(cache=True, inline="always")
def _swell(phase: float) -> float:
    """Return a parabola, close to a raised sine: 0 at whole cycles, 1 between."""
    part: float = phase - np.floor(phase)
    return 4.0 * part * (1.0 - part)


@njit(cache=True)
def finish(audio: npt.NDArray[np.float32], drive: float, target: float, peak: float) -> None:
    """Make a note ready for placement, (channels, n) in place: no DC, even level, silent end.

    Level is the loudest 46 ms after a gentle 90 Hz high-pass that stands for the ear's own, so
    that low and high notes of an instrument are equally loud; `peak` then bounds the samples.
    `drive` > 0 saturates at that level before: about 3 dB of compression at 1.
    """
    gain = _level(audio, target, peak)
    into = 1.5 * gain * (1.0 + 2.0 * drive)
    channels, samples = audio.shape
    crest = 1e-9
    row = np.zeros(samples + LANES)
    for channel in range(channels):
        for i in range(samples):
            row[i] = audio[channel, i]
        row[samples:] = 0.0
        if drive > 0.0:
            for i in range(samples):
                row[i] = soft_clip(into * row[i]) * 0.5
        high_passed(row, samples, BLOCKER_HZ)
        crest = max(crest, highest(row, 0, samples))
        for i in range(samples):
            audio[channel, i] = row[i]
    gain = min(1.0 if drive > 0.0 else gain, peak / crest)
    fade = min(int(CLEAN_S * SAMPLE_RATE), samples)
    for channel in range(channels):
        for i in range(samples - fade):
            audio[channel, i] *= gain
        for i in range(samples - fade, samples):
            audio[channel, i] *= gain * (samples - 1 - i) / fade


@njit(cache=True)
def high_passed(row: npt.NDArray[np.float64], samples: int, corner_hz: float) -> None:
    """Run `row[:samples]` through y[n] = x[n] - x[n-1] + k·y[n-1] in place, eight at a time.

    k = 1 - 2π·corner/rate. Within eight samples the recursion is a running sum that doubles its
    reach three times (Hillis & Steele, "Data parallel algorithms", CACM 29, 1986); what came
    before them decays over them as k, k², …, k⁸. `row` has room for seven samples more.
    """
    k = 1.0 - 6.283185307179586 * corner_hz / SAMPLE_RATE
    powers = np.empty(LANES)
    powers[0] = k
    for lane in range(1, LANES):
        powers[lane] = powers[lane - 1] * k
    decay = load(powers, 0)
    k2 = k * k
    k4 = k2 * k2
    x1 = 0.0
    y1 = 0.0
    for i in range(0, samples, LANES):
        x = load(row, i)
        y = x - (shifted(x, 1) + load(FIRST, 0) * x1)
        x1 = last(x)
        y = y + k * shifted(y, 1)
        y = y + k2 * shifted(y, 2)
        y = y + k4 * shifted(y, 4) + decay * y1
        y1 = last(y)
        store(row, i, y)


@njit(cache=True)
def _level(audio: npt.NDArray[np.float32], target: float, peak: float) -> float:
    """Return the gain that brings the loudest 46 ms to `target`, unless a sample passes `peak`."""
    channels, samples = audio.shape
    most = 1e-9
    power = np.zeros(samples // WINDOW + 1)
    row = np.zeros(samples + LANES)
    for channel in range(channels):
        for i in range(samples):
            row[i] = audio[channel, i]
        row[samples:] = 0.0
        most = max(most, highest(row, 0, samples))
        high_passed(row, samples, EAR_HZ)
        row[samples:] = 0.0
        for window in range(power.shape[0]):
            total = splat(0.0)
            for i in range(window * WINDOW, min((window + 1) * WINDOW, samples), LANES):
                y = load(row, i)
                total = total + y * y
            power[window] += total_of(total)
    loudest: float = 1e-18
    for window in range(power.shape[0]):
        loudest = max(loudest, power[window])
    rms: float = np.sqrt(loudest / (WINDOW * channels))
    return min(target / rms, peak / most)


@njit(cache=True, inline="always")
def samples_of(duration_s: float, release_t60_s: float) -> int:
    """Return the length of a note whose release runs 70 dB down before the closing fade."""
    return int((duration_s + 1.17 * release_t60_s + CLEAN_S) * SAMPLE_RATE)
