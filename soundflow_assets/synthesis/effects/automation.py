"""Curves over the whole track: section energy, slow drift, fades, ducking, sends.

A curve is float32, one value every `CONTROL` samples, one more than the last sample needs. Curves
are how the form is heard in the sound: energy opens filters and widens the image, it never turns
the volume up.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.composition.score import Score
from soundflow_assets.synthesis.kernels.dynamics import duck_curve
from soundflow_assets.synthesis.kernels.math import dsin
from soundflow_assets.synthesis.kernels.mixing import CONTROL, Curve

LEAST_KICK_VELOCITY = 40  # softer kicks are ghosts and do not duck
DUCK_RETURN_BEATS = 0.65
FADE_BARS = 2.0
THROW_BEATS = 2.0
DRIFT_PERIODS_S = (7.0, 11.0, 17.0, 23.0)


def control_points(samples: int) -> int:
    """Return the length of a curve over `samples`."""
    return (samples + CONTROL - 1) // CONTROL + 1


def lines(points: Iterable[tuple[float, float]], length: int) -> Curve:
    """Return a curve through (seconds, value) points, flat before the first and after the last."""
    ordered = sorted(points)
    at = np.arange(length, dtype=np.float64) * (CONTROL / SAMPLE_RATE)
    times = np.array([time for time, _ in ordered])
    values = np.array([value for _, value in ordered])
    curve: Curve = np.interp(at, times, values).astype(np.float32)
    return curve


def energy_curve(score: Score, length: int) -> Curve:
    """Return section energy as it is heard: it leans towards the next section before it arrives.

    Within a section energy holds for 60 % of the way, then moves halfway to the next; the rest of
    the step happens in the first half bar of the next section.
    """
    points: list[tuple[float, float]] = []
    half_bar_s = 120.0 / score.bpm
    for index, section in enumerate(score.sections):
        following = score.sections[min(index + 1, len(score.sections) - 1)]
        span = section.end_s - section.start_s
        points.append((section.start_s + min(half_bar_s, 0.3 * span), section.energy))
        points.append((section.start_s + 0.6 * span, section.energy))
        points.append((section.end_s, 0.5 * (section.energy + following.energy)))
    return lines(points or [(0.0, 0.5)], length)


@njit(cache=True, error_model="numpy")
def _drift(length: int, first_s: float, second_s: float, phase: float) -> Curve:
    """Return the mean of two sines of unrelated periods, within ±1."""
    out = np.empty(length, dtype=np.float32)
    for p in range(length):
        t = p * CONTROL / SAMPLE_RATE
        out[p] = 0.55 * dsin(t / first_s + phase) + 0.45 * dsin(t / second_s + 2.6 * phase)
    return out


def drift_curve(length: int, pair: int, phase: float) -> Curve:
    """Return slow movement within ±1: pair 0 has periods of 7 and 17 s, pair 1 of 11 and 23 s."""
    first = DRIFT_PERIODS_S[pair % 2]
    second = DRIFT_PERIODS_S[pair % 2 + 2]
    curve: Curve = _drift(length, first, second, phase)
    return curve


def kick_curve(score: Score, length: int) -> Curve:
    """Return the duck caused by the score's kicks, 0 (none) to 1 (fully down)."""
    kicks = np.array(
        [
            round(hit.onset_s * SAMPLE_RATE)
            for hit in sorted(score.hits, key=lambda hit: hit.onset_s)
            if hit.sound == "kick" and hit.velocity >= LEAST_KICK_VELOCITY
        ],
        dtype=np.int64,
    )
    curve: Curve = duck_curve(kicks, length, DUCK_RETURN_BEATS * 60.0 / score.bpm)
    return curve


def presence_curve(score: Score, role: str, length: int) -> Curve:
    """Return a part's fade in and out across boundaries whose transition is `fade`, 0 to 1.

    A role that stops at such a boundary fades over the last two bars before it (a third of the
    section at most), one that enters fades in over the first two after it.
    """
    fade_s = FADE_BARS * 240.0 / score.bpm
    curve = np.ones(length, dtype=np.float32)
    for here, following in zip(score.sections, score.sections[1:], strict=False):
        plays, goes_on = role in here.roles, role in following.roles
        if here.transition != "fade" or plays == goes_on:
            continue
        if plays:
            span = min(fade_s, (here.end_s - here.start_s) / 3)
            fade = lines([(here.end_s - span, 1.0), (here.end_s, 0.12)], length)
            fade[round(here.end_s * SAMPLE_RATE) // CONTROL + 1 :] = 1.0
            # What still rings belongs to the fade; the role itself may come back later.
            curve = _hold_until_return(curve * fade, score, role, here.end_s)
        else:
            span = min(fade_s, (following.end_s - following.start_s) / 3)
            start = round(following.start_s * SAMPLE_RATE) // CONTROL
            fade = lines([(following.start_s, 0.12), (following.start_s + span, 1.0)], length)
            fade[:start] = 1.0
            curve = curve * fade
    return curve


def _hold_until_return(curve: Curve, score: Score, role: str, from_s: float) -> Curve:
    """Keep the level at the end of a fade until a section brings the role back."""
    back = [s.start_s for s in score.sections if s.start_s >= from_s - 1e-6 and role in s.roles]
    start = round(from_s * SAMPLE_RATE) // CONTROL + 1
    stop = round(back[0] * SAMPLE_RATE) // CONTROL if back else curve.shape[0]
    curve[start:stop] *= curve[max(0, start - 1)]
    return curve


def throw_curve(score: Score, length: int) -> Curve:
    """Return the delay send's factor: 1, tripled in the last two beats of every section."""
    beats_s = THROW_BEATS * 60.0 / score.bpm
    curve = np.ones(length, dtype=np.float32)
    for section in score.sections[:-1]:
        start = round((section.end_s - beats_s) * SAMPLE_RATE) // CONTROL
        stop = round(section.end_s * SAMPLE_RATE) // CONTROL
        curve[max(0, start) : stop] = 3.0
    return curve
