"""Beats and bars: from the score where there is one, from the sound otherwise.

A machine's beat is even, so from sound alone the grid is one tempo and one phase: the tempo found
by `tempo`, refined until the onset strength's Fourier sums at the beat's rate and its multiples are
highest (a tenth of a percent off would be lost after two minutes), then the phase in which most
onsets fall on beats. The first beat of a bar is where harmony changes and the bass drum falls. A
piece without a pulse has no beats; measures by bars then go by stretches of four seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.composition.score import Score
from soundflow_assets.listening.bands import FLUX_HOP, FLUX_RATE_HZ, FLUX_SIZE
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.pitches import RATE_HZ, SIZE
from soundflow_assets.listening.tempo import Tempo, onset_strength

Floats = npt.NDArray[np.float64]
BEATS_PER_BAR = 4
CLEAR_PULSE = 0.3  # below this there is no tempo to speak of
_STRETCH_S = 4.0
_FLUX_DELAY_S = 0.5 * FLUX_SIZE / SAMPLE_RATE - 0.5 * FLUX_HOP / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Grid:
    """Times of beats and bar lines in seconds, the last bar's end included."""

    bars_s: Floats
    beats_s: Floats | None  # None without a pulse
    written: bool  # of a score, so that bar 0 is the first bar


def grid_of(heard: Hearing, score: Score | None, tempo: Tempo | None) -> Grid:
    """Return the grid of a programme."""
    if score is not None:
        beats = np.asarray(score.beat_times_s)
        return Grid(beats[::BEATS_PER_BAR], beats, True)
    if tempo is None or tempo.pulse_clarity < CLEAR_PULSE:
        return Grid(np.arange(0.0, heard.duration_s, _STRETCH_S), None, False)
    beats = _beats(heard, tempo.bpm)
    first = _downbeat(heard, beats)
    return Grid(beats[first::BEATS_PER_BAR], beats[first:], False)


def at_times(series: npt.NDArray[np.float32], times_s: Sequence[float] | Floats) -> Floats:
    """Return a flux series at moments in time, 0 beyond its ends."""
    places = (np.asarray(times_s) - _FLUX_DELAY_S) * FLUX_RATE_HZ
    values: Floats = np.interp(places, np.arange(len(series)), series, left=0.0, right=0.0)
    return values


def _beats(heard: Hearing, bpm: float) -> Floats:
    strength = onset_strength(heard.flux)
    period = 60.0 / _refined(strength, bpm)
    # Off-beat hats may be the louder onsets; the bass drum says where the beat is.
    accents = strength / max(1e-9, strength.mean())
    low = onset_strength(heard.low_flux)
    accents = (accents + 2.0 * low / max(1e-9, float(low.mean()))).astype(np.float32)
    phases = np.arange(64) / 64.0 * period
    steps = period * np.arange(int(heard.duration_s / period))
    sums = [at_times(accents, phase + steps).sum() for phase in phases]
    beats: Floats = phases[int(np.argmax(sums))] + steps
    return beats


def _refined(strength: Floats, bpm: float) -> float:
    """Return the tempo within 0.8 % of `bpm` at which the Fourier sums are highest."""
    # Padded to eight times the length: neighbouring sums lie an eighth of a beat apart.
    size = 1 << (8 * len(strength) - 1).bit_length()
    sums = np.abs(np.fft.rfft(strength - strength.mean(), size))
    tempi = bpm * np.linspace(0.992, 1.008, 801)
    scores = np.zeros(len(tempi))
    for multiple in (1, 2, 4):
        places = tempi / 60.0 * multiple * size / FLUX_RATE_HZ
        scores += np.interp(places, np.arange(len(sums)), sums)
    return float(tempi[scores.argmax()])


def _downbeat(heard: Hearing, beats: Floats) -> int:
    """Return which of the first four beats begins a bar."""
    frames = np.clip(
        np.rint((beats - 0.5 * SIZE / SAMPLE_RATE) * RATE_HZ).astype(np.int64),
        0,
        len(heard.chroma) - 1,
    )
    classes = heard.chroma.astype(np.float64)
    sums: Floats = np.concatenate((np.zeros((1, classes.shape[1])), np.cumsum(classes, axis=0)))
    reach = np.maximum(1, np.diff(frames, append=frames[-1]))
    after = sums[np.minimum(frames + reach, len(heard.chroma))] - sums[frames]
    before = sums[frames] - sums[np.maximum(0, frames - reach)]
    change = np.linalg.norm(after - before, axis=1) / reach
    kick = at_times(heard.low_flux, beats)
    votes = change / max(1e-9, float(change.mean())) + kick / max(1e-9, float(kick.mean()))
    return int(np.argmax([votes[phase::BEATS_PER_BAR].mean() for phase in range(BEATS_PER_BAR)]))
