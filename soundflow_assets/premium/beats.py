"""Where the beats of generated music really are.

Models keep a tempo only roughly and start it anywhere, so that effects on a grid of the tempo that
was asked for drift away from what is heard. The beats are those of D. Ellis, "Beat Tracking by
Dynamic Programming" (Journal of New Music Research 36/1, 2007): the sequence of onsets that is
strongest while its steps stay near the measured period.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.listening.bands import FLUX_RATE_HZ
from soundflow_assets.listening.grid import CLEAR_PULSE
from soundflow_assets.listening.hearing import Hearing
from soundflow_assets.listening.music_report import heard_tempo
from soundflow_assets.listening.tempo import onset_strength

Floats = npt.NDArray[np.float64]

TIGHTNESS = 100.0  # Ellis's α: how dear it is to leave the period
_FLUX_LEAD_S = 0.5 / FLUX_RATE_HZ  # a frame's flux stands half a step before its middle


def beats_of(heard: Hearing, asked_bpm: float = 0.0) -> tuple[tuple[float, ...], float]:
    """Return the times of the beats in seconds, and the tempo in BPM; nothing without a pulse.

    `asked_bpm` decides between octaves of the measured tempo where it is near one of them.
    """
    tempo = heard_tempo(heard)
    if tempo is None or tempo.pulse_clarity < CLEAR_PULSE:
        return (), 0.0
    bpm = tempo.bpm
    for octave in (0.5, 2.0):
        if asked_bpm and abs(np.log2(bpm * octave / asked_bpm)) < abs(np.log2(bpm / asked_bpm)):
            bpm = tempo.bpm * octave
            break
    strength = onset_strength(heard.flux) + onset_strength(heard.low_flux)
    frames = track(strength, 60.0 * FLUX_RATE_HZ / bpm)
    times = tuple(round(float(frame) / FLUX_RATE_HZ + _FLUX_LEAD_S, 4) for frame in frames)
    return times, round(float(bpm), 2)


def track(strength: Floats, period: float) -> list[int]:
    """Return the frames of the beats of an onset strength (frames,) with a period in frames."""
    spread = float(strength.std())
    if spread <= 0.0 or len(strength) < 2 * period:
        return []
    # Beats are rounded over a 32nd of the period, as in the paper.
    width = max(1.0, period / 32.0)
    reach = np.arange(-int(4 * width), int(4 * width) + 1)
    local = np.convolve(strength / spread, np.exp(-0.5 * (reach / width) ** 2), mode="same")
    lags = np.arange(-round(2.0 * period), -round(0.5 * period) + 1)
    cost = -TIGHTNESS * np.log(-lags / period) ** 2
    score = np.zeros(len(local))
    before = np.full(len(local), -1)
    begun = False
    for frame in range(len(local)):
        places = frame + lags
        usable = places >= 0
        best, at = 0.0, -1
        if usable.any():
            candidates = cost[usable] + score[places[usable]]
            pick = int(candidates.argmax())
            best, at = float(candidates[pick]), int(places[usable][pick])
        score[frame] = local[frame] + best
        begun = begun or local[frame] >= 0.01 * local.max()
        before[frame] = at if begun else -1
    last = len(local) - round(period)
    frame = last + int(score[last:].argmax())
    beats: list[int] = []
    while frame >= 0:
        beats.append(frame)
        frame = int(before[frame])
    return beats[::-1]
