"""Filter and amplifier of a subtractive note: what moves them, and how long they remember."""

from __future__ import annotations

from typing import NamedTuple

from soundflow_assets.audio import SAMPLE_RATE
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.bank import GRID, Numbers
from soundflow_assets.synthesis.kernels.cuts import CUTS, Places
from soundflow_assets.synthesis.kernels.envelopes import ROUNDING, decay_factor, fallen
from soundflow_assets.synthesis.kernels.filters import HIGHEST
from soundflow_assets.synthesis.kernels.lanes import LANES, larger, load, smaller, store
from soundflow_assets.synthesis.kernels.math import dexp2, exp2s, sines, tans_pi
from soundflow_assets.synthesis.kernels.waves import BLOCK, RAMP

T60 = 9.965784284662087  # octaves of 60 dB: log2(1000)
FORGOTTEN = 16.0  # nepers after which the beginning of a filter is inaudible: -139 dB


class Tone(NamedTuple):
    """Filter and amplifier of a subtractive note; times in seconds, decays as T60."""

    hold_s: float
    attack_s: float
    decay_s: float
    sustain: float  # 0 to 1
    release_s: float
    cutoff_hz: float
    resonance: float = 0.7  # Q of the resonant stage; 0.7 is none
    poles: float = 2.0  # 2 or 4
    sweep_octaves: float = 0.0  # filter envelope: how far above the cutoff it reaches
    sweep_attack_s: float = 0.002
    sweep_decay_s: float = 1.0
    sweep_sustain: float = 0.0
    drift_octaves: float = 0.0  # slow wander of the cutoff
    drift_hz: float = 0.1
    highpass_hz: float = 0.0  # 0 for none
    drive: float = 0.0  # saturation before the filter, 0 to 1
    noise: float = 0.0  # air mixed in before the filter, decorrelated left and right
    vibrato_delay_s: float = 0.0


@njit(cache=True, error_model="numpy")
def warm_up(tone: Tone) -> int:
    """Return the samples, a multiple of `GRID`, in which filters forget how they began."""
    lowest_hz = tone.cutoff_hz * dexp2(min(tone.sweep_octaves, 0.0) - abs(tone.drift_octaves))
    slowest = max(lowest_hz, 5.0) * min(1.0, 0.5 / tone.resonance)
    if tone.highpass_hz > 0.0:
        slowest = min(slowest, 0.7 * max(tone.highpass_hz, 5.0))
    samples = FORGOTTEN * SAMPLE_RATE / (6.283185307179586 * slowest)
    return int(max(samples, FORGOTTEN / ROUNDING) / GRID + 1.0) * GRID


@njit(cache=True, error_model="numpy")
def level_at(
    n: int, attack: int, hold: int, sustain: float, decay_s: float, release_s: float
) -> float:
    """Return the envelope of `envelopes.next_level` after `n` samples; decays as T60."""
    before = min(n, hold)
    level = before / attack
    if before > attack:
        level = sustain + (1.0 - sustain) * fallen(before - attack, decay_s)
    return level * fallen(n - hold, release_s) if n > hold else level


@njit(cache=True, error_model="numpy")
def envelope(
    cut: int,
    start: int,
    attack: int,
    hold: int,
    tone: Tone,
    grow: Numbers,
    add: Numbers,
    filled: Places,
) -> None:
    """Write what `envelopes.next_level` does to a cut's level in the `GRID` at `start`.

    `filled` (CUTS,) says which of attack, decay and release, 1 to 3, fills a cut's columns of
    `grow` and `add` already; 0 is none or several.
    """
    stage = 3 if start >= hold else 1 if start < attack else 2
    last = start + GRID - 1
    if stage != (3 if last >= hold else 1 if last < attack else 2):
        stage = 0
    if stage > 0 and filled[cut] == stage:
        return
    filled[cut] = stage
    decay = decay_factor(tone.decay_s)
    release = decay_factor(tone.release_s)
    for i in range(GRID):
        n = start + i
        by, plus = decay, tone.sustain * (1.0 - decay)
        if n >= hold:
            by, plus = release, 0.0
        elif n < attack:
            by, plus = 1.0, 1.0 / attack
        for lane in (cut, CUTS + cut):
            grow[i * LANES + lane] = by
            add[i * LANES + lane] = plus


@njit(cache=True, error_model="numpy")
def corners(tone: Tone, start: int, start_drift: float, corners: Numbers) -> None:
    """Fill `corners` (8,) with the low-pass's `svf_g` in each block of the `GRID` at `start`."""
    n = start + BLOCK * load(RAMP, 0)
    time_s = n * (1.0 / SAMPLE_RATE)
    drift = 0.6 * sines(time_s * tone.drift_hz + start_drift)
    drift = drift + 0.4 * sines(time_s * (tone.drift_hz * 1.571) + (0.4 - start_drift))
    # The envelope of `envelopes.next_level`, never let go.
    attack = float(max(int(tone.sweep_attack_s * SAMPLE_RATE), 1))
    since = larger(n - attack, 0.0)
    fall = exp2s(larger(since * (-T60 / (tone.sweep_decay_s * SAMPLE_RATE)), -900.0))
    sweep = smaller(n / attack, 1.0)
    sweep = sweep * (tone.sweep_sustain + (1.0 - tone.sweep_sustain) * fall)
    octaves = tone.sweep_octaves * sweep + tone.drift_octaves * drift
    cutoff_hz = tone.cutoff_hz * exp2s(octaves)
    cutoff_hz = smaller(larger(cutoff_hz, 5.0), HIGHEST * SAMPLE_RATE)
    store(corners, 0, tans_pi(cutoff_hz * (1.0 / SAMPLE_RATE)))
