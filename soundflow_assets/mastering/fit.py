"""Tone and width that a mix still lacks of what its category asks for.

Genres are balanced in their files, but instrument sets differ by several dB in the treble, and one
genre is played in categories that want it dark or open. So the mix is heard once before the
console, and the console is told a tilt, a bell in the presence and a gain of the side signal: the
smallest that bring the programme inside the category's targets, a few dB at most. What lies inside
is left alone, and nothing moves with the music.

What the console's own filters will do is reckoned with; its saturation is not, which is one reason
why the aim lies a little inside the targets.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.mastering.console import (
    HEAD_BUMP_DB,
    HEAD_BUMP_HZ,
    HEAD_BUMP_Q,
    LOWEST_HZ,
    MONO_BELOW_HZ,
    PRESENCE_HZ,
    PRESENCE_Q,
    TILT_HZ,
    Fit,
    tape_top_hz,
)
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.plans.targets import CategoryTargets, Interval
from soundflow_assets.reel import Reel
from soundflow_assets.synthesis.kernels.filters import svf_g
from soundflow_assets.synthesis.kernels.math import db_to_gain, dlog2, gain_to_db
from soundflow_assets.synthesis.kernels.spectrum import (
    BINS,
    PRESENCE_BAND_HZ,
    SIZE,
    Powers,
    add_powers,
)

MOST_DB = 4.0  # of tilt, presence and side each
COARSE_DB, FINE_DB = 1.0, 0.25
THIRDS = 20  # third-octave bands of the tilt, from 100 Hz to 8 kHz
TILT_MARGIN = 0.3  # dB per octave by which the aim lies inside the target
SHARE_MARGIN_DB = 1.1
SIDE_MARGIN_DB = 0.5
MISS_WEIGHT = 40.0  # of a dB missed against a dB of correction, both squared
SLOPE_WEIGHT = 16.0  # a quarter of a dB per octave counts as a dB
LOWEST_BIN = 4  # 20 Hz
PRESENCE_BINS = tuple(int(-(-hz * SIZE // SAMPLE_RATE)) for hz in PRESENCE_BAND_HZ)
ANY = (-1000.0, 1000.0)

Bins = npt.NDArray[np.int64]

_TO_DB = 3.010299956639812  # dB of a power from its log2


def fitted(bus: MasterBus, targets: CategoryTargets, mixed: Reel) -> Fit:
    """Return what brings a mix inside `targets` on its way through `bus`, within bounds.

    A target that is None asks for nothing.
    """
    powers: Powers = np.zeros((2, BINS))
    for start, audio in mixed.blocks():
        add_powers(audio, start, powers)
    _through_console(powers, bus.tilt_db, HEAD_BUMP_DB * bus.tape, tape_top_hz(bus.tape))
    mid, side = powers[0].sum(), powers[1].sum()
    if not mid > 0.0:
        return Fit()
    level = float(gain_to_db(side / mid)) / 2.0 if side > 0.0 else 0.0
    side_db = _nearest(level, targets.side_to_mid_db, SIDE_MARGIN_DB) if side > 0.0 else 0.0
    both = powers[0] + float(db_to_gain(2.0 * side_db)) * powers[1]
    asked = (targets.tilt_db_per_octave or ANY, targets.presence_db or ANY)
    coarse = _best(both, *asked, (0.0, 0.0), COARSE_DB, round(MOST_DB / COARSE_DB))
    tilt_db, presence_db = _best(both, *asked, coarse, FINE_DB, round(COARSE_DB / FINE_DB))
    return Fit(tilt_db, presence_db, side_db)


def _nearest(level_db: float, interval: Interval | None, margin: float) -> float:
    """Return the change in dB that takes a level into the interval, less its margin."""
    if interval is None:
        return 0.0
    low, high = interval
    inset = min(margin, 0.5 * (high - low))
    change = max(0.0, low + inset - level_db) - max(0.0, level_db - high + inset)
    return min(MOST_DB, max(-MOST_DB, change))


@njit(cache=True, error_model="numpy")
def bell_power(u: float, gain_db: float, q: float) -> float:
    """Return the power gain of a bell at `u`, the warped frequency over that of its centre.

    H(s) = (s² + s·A/Q + 1) / (s² + s/(A·Q) + 1), s = ju, with A² the gain at the centre.
    """
    a = db_to_gain(0.5 * gain_db)
    flat = (1.0 - u * u) * (1.0 - u * u)
    return (flat + (u * a / q) * (u * a / q)) / (flat + (u / (a * q)) * (u / (a * q)))


@njit(cache=True, error_model="numpy")
def tilt_power(u: float, tilt_db: float) -> float:
    """Return the power gain of a first-order tilt of ∓tilt_db/2 at `u` times its centre."""
    return (db_to_gain(-tilt_db) + db_to_gain(tilt_db) * u * u) / (1.0 + u * u)


@njit(cache=True, error_model="numpy")
def _fourth_power(x: float) -> float:
    return x * x * x * x


@njit(cache=True, error_model="numpy")
def _through_console(powers: Powers, tilt_db: float, bump_db: float, top_hz: float) -> None:
    """Weigh the power of mid and side (2, BINS) by the console's filters, in place.

    High-passes of second order, the side's of fourth; the tape's low-pass of second, if there is
    one (`top_hz` above 0).
    """
    warped = _warped()
    for k in range(BINS):
        w = warped[k]
        low = _fourth_power(w / svf_g(LOWEST_HZ))
        mono = _fourth_power(w / svf_g(MONO_BELOW_HZ))
        both = tilt_power(w / svf_g(TILT_HZ), tilt_db)
        both *= bell_power(w / svf_g(HEAD_BUMP_HZ), bump_db, HEAD_BUMP_Q)
        if top_hz > 0.0:
            both /= 1.0 + _fourth_power(w / svf_g(top_hz))
        powers[0, k] *= both * low / (1.0 + low)
        powers[1, k] *= both * (mono / (1.0 + mono)) * (mono / (1.0 + mono))


@njit(cache=True, error_model="numpy")
def _warped() -> Powers:
    """Return the frequency of each bin as the bilinear transform warps it, `filters.svf_g`."""
    warped = np.empty(BINS)
    for k in range(BINS):
        warped[k] = svf_g(k * SAMPLE_RATE / SIZE)
    return warped


@njit(cache=True, error_model="numpy")
def _first_bins() -> Bins:
    """Return the first bin of each third-octave band of the tilt, and the one after the last."""
    first = np.zeros(THIRDS + 1, dtype=np.int64)
    for k in range(LOWEST_BIN, BINS):
        third = int(np.floor(3.0 * dlog2(k * SAMPLE_RATE / SIZE / 100.0) + 0.5))
        if 0 <= third <= THIRDS and first[third] == 0:
            first[third] = k
    return first


@njit(cache=True, error_model="numpy")
def _tone(power: Powers, first_bins: Bins) -> tuple[float, float]:
    """Return slope (dB per octave) and presence share (dB) of `power` (BINS,).

    The slope is that of the least-squares line through the third-octave densities.
    """
    rise = 0.0
    spread = 0.0
    for third in range(THIRDS):
        octaves = (third - 0.5 * (THIRDS - 1)) / 3.0
        first, last = first_bins[third], first_bins[third + 1]
        density = power[first:last].sum() / (last - first)
        rise += octaves * _TO_DB * dlog2(density + 1e-30)
        spread += octaves * octaves
    presence = 1e-30
    for k in range(PRESENCE_BINS[0], PRESENCE_BINS[1]):
        presence += power[k]
    total = 1e-30
    for k in range(LOWEST_BIN, BINS):
        total += power[k]
    return rise / spread, _TO_DB * dlog2(presence / total)


@njit(cache=True, error_model="numpy")
def _missed(value: float, low: float, high: float, margin: float) -> float:
    """Return by how much `value` lies outside the interval less its margin."""
    inset = min(margin, 0.5 * (high - low))
    return max(0.0, low + inset - value, value - high + inset)


@njit(cache=True, error_model="numpy")
def _best(
    power: Powers,
    slopes: tuple[float, float],
    shares: tuple[float, float],
    centre: tuple[float, float],
    step: float,
    steps: int,
) -> tuple[float, float]:
    """Return the cheapest (tilt, presence) in dB on a grid around `centre`: small, few misses."""
    best = centre
    least = 1e30
    first_bins = _first_bins()
    warped = _warped()
    bells = np.empty((2 * steps + 1, BINS))
    for j in range(-steps, steps + 1):
        for k in range(BINS):
            u = warped[k] / svf_g(PRESENCE_HZ)
            bells[j + steps, k] = bell_power(u, centre[1] + j * step, PRESENCE_Q)
    tilted = np.empty(BINS)
    for i in range(-steps, steps + 1):
        tilt = centre[0] + i * step
        for k in range(BINS):
            tilted[k] = power[k] * tilt_power(warped[k] / svf_g(TILT_HZ), tilt)
        for j in range(-steps, steps + 1):
            presence = centre[1] + j * step
            if max(abs(tilt), abs(presence)) > MOST_DB:
                continue
            slope, share = _tone(tilted * bells[j + steps], first_bins)
            off = _missed(slope, slopes[0], slopes[1], TILT_MARGIN)
            away = _missed(share, shares[0], shares[1], SHARE_MARGIN_DB)
            cost = tilt * tilt + presence * presence
            cost += MISS_WEIGHT * (SLOPE_WEIGHT * off * off + away * away)
            if cost < least:
                least = cost
                best = (tilt, presence)
    return best
