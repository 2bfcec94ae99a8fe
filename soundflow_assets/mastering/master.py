"""Stems to master: sum, console, fades, loudness, true-peak limiting, 16 bits.

The costly half (`premaster`) and the cheap half (`finish`) are apart, so that a correction of the
loudness after encoding repeats the cheap one only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import numpy as np

from soundflow_assets.audio import SAMPLE_RATE, Audio, Master, Pcm, Stem
from soundflow_assets.composition.score import Score
from soundflow_assets.errors import Failed
from soundflow_assets.mastering.console import run_console
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.synthesis.kernels.dynamics import limiter_gains, quantise
from soundflow_assets.synthesis.kernels.loudness import (
    FINE_CELL,
    Energies,
    block_peaks,
    fold_energies,
    integrated_loudness,
    true_peaks,
    weighted_energies,
)
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp, gain_to_db
from soundflow_assets.synthesis.kernels.mixing import add, fade_ends
from soundflow_assets.synthesis.stems import render_stems

CEILING_DBTP = -2.5  # decoding an MP3 raises the peaks of bright, dense music by over a decibel
AHEAD_CELLS = 5  # 5.1 ms of look-ahead
RELEASE_S = 0.08
TOLERANCE_LU = 0.02
MOST_PASSES = 8
FADE_IN_S = 0.02
TAIL_HOLD = 0.25  # share of the tail after the last bar that rings on before the fade
SILENT_END_S = 0.03

Progress = Callable[[float], None]


def mix(stems: Iterable[Stem], samples: int) -> Audio:
    """Return the sum of `stems`, float32 (2, samples), reading each before the next is made."""
    total: Audio = np.zeros((2, samples), dtype=np.float32)
    for stem in stems:
        add(total, stem.audio, 1.0)
    return total


def premaster(plan: TrackPlan, score: Score, mixed: Audio) -> Audio:
    """Run the mix through the console and fade its ends, in place; return it.

    Raises
    ------
    Failed
        If the mix is silent: a track without sound is never a master.
    """
    if not mixed.any():
        raise Failed(f"{plan.id}: no stem sounds; layers are {plan.layers}, beds {len(plan.beds)}")
    run_console(mixed, plan.spec.master)
    samples = mixed.shape[1]
    silent = round(SILENT_END_S * SAMPLE_RATE)
    tail_s = max(0.5, plan.duration_s - score.body_s)
    fall = round((plan.duration_s - tail_s * (1.0 - TAIL_HOLD)) * SAMPLE_RATE)
    fade_ends(mixed, round(FADE_IN_S * SAMPLE_RATE), max(0, fall), samples - silent)
    return mixed


def finish(
    plan: TrackPlan,
    premastered: Audio,
    *,
    gain_offset_db: float = 0.0,
    encoder_gain_db: float = 0.0,
    on_progress: Progress = lambda fraction: None,
) -> Master:
    """Bring a premaster to its loudness under the true-peak ceiling, as 16-bit samples.

    Parameters
    ----------
    premastered
        float32 (2, samples); not changed, so that this step can be repeated.
    gain_offset_db
        Correction of the target, for example after measuring the decoded file.
    encoder_gain_db
        How much the encoder will turn the programme down; both the target and the ceiling are
        raised by it, so that the decoded file meets them.

    Raises
    ------
    Failed
        If the programme is not finite, or holds less than one loudness block of sound.
    """
    cells = weighted_energies(premastered, FINE_CELL)
    if not np.isfinite(cells).all():
        at_s = int(np.flatnonzero(~np.isfinite(cells))[0]) * FINE_CELL / SAMPLE_RATE
        raise Failed(f"{plan.id}: the master is not finite from {at_s:.1f} s on")
    on_progress(0.3)
    target = plan.target_lufs + gain_offset_db + encoder_gain_db
    ceiling = float(db_to_gain(CEILING_DBTP + encoder_gain_db))
    gains, loudness = _levelled(plan, premastered, cells, target, ceiling)
    on_progress(0.7)
    seed = seed_of(*plan.scope("dither")) & 0x7FFFFFFF
    pcm: Pcm = quantise(premastered, gains, FINE_CELL, seed)
    digest = hashlib.sha256(pcm.data).hexdigest()
    on_progress(0.9)
    peak = _true_peak(premastered, gains)
    on_progress(1.0)
    return Master(pcm, SAMPLE_RATE, digest, loudness, float(gain_to_db(peak)))


def _levelled(
    plan: TrackPlan, audio: Audio, cells: Energies, target: float, ceiling: float
) -> tuple[Energies, float]:
    """Return gains at cell edges that reach `target` LUFS through the limiter, and what they reach.

    The limiter takes loudness away, so the gain before it is raised until both hold.
    """
    ones = np.ones(cells.shape[0] + 1)
    loudness = float(integrated_loudness(fold_energies(cells, ones)))
    if loudness < -100.0:
        raise Failed(f"{plan.id}: the master is too short or too quiet to have a loudness")
    gain = float(db_to_gain(target - loudness))
    sample_peaks = block_peaks(audio, FINE_CELL)
    release = 1.0 - float(dexp(-FINE_CELL / (SAMPLE_RATE * RELEASE_S)))
    reach = 0.0
    for _ in range(MOST_PASSES):
        if gain > reach:  # peaks are exact up to this much gain
            reach = 1.25 * gain
            peaks = true_peaks(audio, sample_peaks, FINE_CELL, ceiling / reach)
        gains = limiter_gains(peaks, gain, ceiling, AHEAD_CELLS, release)
        loudness = float(integrated_loudness(fold_energies(cells, gains)))
        if abs(loudness - target) < TOLERANCE_LU:
            break
        gain *= float(db_to_gain(target - loudness))
    return gains, loudness


def _true_peak(audio: Audio, gains: Energies) -> float:
    """Return the true peak after the gains: block by block, as the limiter sees it."""
    sample_peaks = block_peaks(audio, FINE_CELL)
    highest = np.maximum(gains[:-1], gains[1:])[: sample_peaks.shape[0]]
    level = float((sample_peaks * highest).max())
    if level == 0.0:
        return 0.0
    # Where the limiter turned down, blocks with larger peaks may end lower: look at every block
    # whose neighbourhood could still pass the loudest sample.
    threshold = level / float(highest.max())
    peaks = true_peaks(audio, sample_peaks, FINE_CELL, threshold)
    return float((peaks * highest).max())


def master(
    plan: TrackPlan,
    score: Score,
    *,
    gain_offset_db: float = 0.0,
    encoder_gain_db: float = 0.0,
    on_progress: Progress = lambda fraction: None,
) -> Master:
    """Render and master a track; arguments as in `finish`, progress over all of it."""
    stems = render_stems(plan, score, lambda fraction: on_progress(0.8 * fraction))
    mixed = mix(stems, round(plan.duration_s * SAMPLE_RATE))
    premastered = premaster(plan, score, mixed)
    on_progress(0.9)
    return finish(
        plan,
        premastered,
        gain_offset_db=gain_offset_db,
        encoder_gain_db=encoder_gain_db,
        on_progress=lambda fraction: on_progress(0.9 + 0.1 * fraction),
    )
