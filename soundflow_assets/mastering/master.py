"""Stems to master: sum, console, fades, loudness, true-peak limiting, 16 bits.

Everything but the sum goes through the programme in stretches, on reels, so that an hour needs no
more memory than a minute. The costly half (`premaster`) and the cheap half (`level`) are apart, so
that a correction of the loudness after encoding repeats the cheap one only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from soundflow_assets.audio import CHANNELS, SAMPLE_RATE, Audio, Pcm
from soundflow_assets.composition.score import Score
from soundflow_assets.errors import Failed
from soundflow_assets.mastering.console import Console
from soundflow_assets.mastering.fit import fitted
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.plans.seeds import seed_of
from soundflow_assets.reel import PcmReel, Reel, stretches
from soundflow_assets.synthesis.kernels.dynamics import limiter_gains, quantise
from soundflow_assets.synthesis.kernels.loudness import (
    AHEAD,
    CELL,
    FINE_CELL,
    Energies,
    block_peaks,
    fold_energies,
    integrated_loudness,
    raise_to_true_peaks,
)
from soundflow_assets.synthesis.kernels.math import db_to_gain, dexp, gain_to_db
from soundflow_assets.synthesis.kernels.mixing import fade_ends, tile_powers
from soundflow_assets.synthesis.kernels.weighting import Weighting, energies_of
from soundflow_assets.synthesis.stems import require_finite

ENCODER_OVERSHOOT_DB = 1.5  # decoding an MP3 raises the peaks of bright, dense music that far
HIGHEST_DBTP = -1.0  # of the decoded file
AHEAD_CELLS = 5  # 5.1 ms of look-ahead
RELEASE_S = 0.08
TOLERANCE_LU = 0.02
MOST_PASSES = 8
FADE_IN_S = 0.02
TAIL_HOLD = 0.25  # share of the tail after the last bar that rings on before the fade
SILENT_END_S = 0.03

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a master is levelled to, and by what its dither is drawn. `id` names it in errors."""

    id: str
    target_lufs: float
    highest_dbtp: float  # of the decoded file
    dither_seed: int
    headroom_db: float = 0.0  # kept below the ceiling beyond what every programme gets


@dataclass(frozen=True, slots=True)
class Master:
    """The finished programme before encoding, on a reel."""

    reel: PcmReel
    pcm_sha256: str
    loudness_lufs: float
    true_peak_dbtp: float
    energies: Energies  # K-weighted, of every whole 100 ms, as the limiter's gains leave them

    @property
    def samples(self) -> int:
        """Length in samples."""
        return self.reel.samples

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return SAMPLE_RATE

    @property
    def pcm(self) -> Pcm:
        """All of it, int16 (samples, 2): for short programmes."""
        return self.reel.read(0, self.samples)

    def blocks(self) -> Iterator[Pcm]:
        """Yield it in stretches, int16 (n, 2)."""
        for start, stop in stretches(self.samples):
            yield self.reel.read(start, stop)

    def read(self, start: int, stop: int) -> Audio:
        """Return samples `start` to `stop` as float32 (2, stop - start), ±1 full scale."""
        pcm = self.reel.read(start, stop)
        audio: Audio = np.empty((CHANNELS, len(pcm)), dtype=np.float32)
        np.multiply(pcm.T, np.float32(1.0 / 32768.0), out=audio, casting="unsafe")
        return audio


def highest_peak_dbtp(plan: TrackPlan) -> float:
    """Return the highest true peak of the decoded file: what players take, and the category asks.

    A category whose peaks shall stand at most so far above the loudness is limited there.
    """
    peak_to_loudness = plan.targets.peak_to_loudness_lu
    if peak_to_loudness is None:
        return HIGHEST_DBTP
    return min(HIGHEST_DBTP, plan.target_lufs + peak_to_loudness[1])


def premaster(plan: TrackPlan, score: Score, mixed: Reel) -> None:
    """Run the mix through the console and fade its ends, in place.

    Raises
    ------
    Failed
        If the mix is silent: a track without sound is never a master. If it is not finite, before
        or after the console; names the section.
    """
    energies = energies_of(audio for _, audio in mixed.blocks())
    require_finite(plan, score, "the mix", energies, CELL)
    mix_lufs = float(integrated_loudness(energies))
    if mix_lufs == -np.inf:
        raise Failed(f"{plan.id}: no stem sounds; layers are {plan.layers}, beds {len(plan.beds)}")
    bus = plan.spec.master
    console = Console(bus, mix_lufs, fitted(bus, plan.targets, mixed))
    samples = mixed.samples
    silent = round(SILENT_END_S * SAMPLE_RATE)
    tail_s = max(0.5, plan.duration_s - score.body_s)
    fall = round((plan.duration_s - tail_s * (1.0 - TAIL_HOLD)) * SAMPLE_RATE)
    rise = round(FADE_IN_S * SAMPLE_RATE)
    for start, audio in mixed.blocks():
        console.process(audio)
        powers = tile_powers(audio, CELL)
        require_finite(plan, score, "what left the console", powers, CELL, start)
        fade_ends(audio, rise, max(0, fall), samples - silent, start)
        mixed.write(start, audio)


def aim_of(plan: TrackPlan) -> Aim:
    """Return what a planned track is levelled to."""
    seed = seed_of(*plan.scope("dither")) & 0x7FFFFFFF
    headroom_db = plan.spec.master.headroom_db
    return Aim(plan.id, plan.target_lufs, highest_peak_dbtp(plan), seed, headroom_db)


def level(
    aim: Aim,
    premastered: Reel,
    *,
    gain_offset_db: float = 0.0,
    encoder_gain_db: float = 0.0,
    on_progress: Progress = lambda fraction: None,
) -> Master:
    """Bring a premaster to its loudness under the true-peak ceiling, as 16-bit samples.

    Parameters
    ----------
    premastered
        Not changed, so that this step can be repeated.
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
    levels = _Levels(premastered)
    if not np.isfinite(levels.cells).all():
        at_s = int(np.flatnonzero(~np.isfinite(levels.cells))[0]) * FINE_CELL / SAMPLE_RATE
        raise Failed(f"{aim.id}: the master is not finite from {at_s:.1f} s on")
    on_progress(0.3)
    target = aim.target_lufs + gain_offset_db + encoder_gain_db
    overshoot_db = ENCODER_OVERSHOOT_DB + aim.headroom_db
    ceiling = float(db_to_gain(aim.highest_dbtp - overshoot_db + encoder_gain_db))
    gains, loudness = _levelled(aim, levels, target, ceiling)
    on_progress(0.6)
    reel, digest = premastered.empty_pcm(), hashlib.sha256()
    for start, audio in premastered.blocks():
        first = start // FINE_CELL
        span = -(-audio.shape[1] // FINE_CELL)
        pcm: Pcm = quantise(
            audio, gains[first : first + span + 1], FINE_CELL, aim.dither_seed, start
        )
        digest.update(pcm.data)
        reel.append(pcm)
        on_progress(0.6 + 0.3 * reel.samples / premastered.samples)
    peak = float(gain_to_db(levels.true_peak(gains)))
    on_progress(1.0)
    return Master(reel, digest.hexdigest(), loudness, peak, fold_energies(levels.cells, gains))


class _Levels:
    """What the limiter knows of a premaster: energy and peak of each cell of a millisecond."""

    def __init__(self, audio: Reel) -> None:
        self._audio = audio
        weighting, peaks = Weighting(FINE_CELL), []
        for _, block in audio.blocks():
            weighting.feed(block)
            peaks.append(block_peaks(block, FINE_CELL))
        self.cells = weighting.energies()
        self.sample_peaks: Energies = np.concatenate(peaks)
        self._peaks, self._exact_from = self.sample_peaks, np.inf

    def true_peaks(self, threshold: float) -> Energies:
        """Return the cells' true peaks, exact wherever they may pass `threshold`."""
        if threshold >= self._exact_from:
            return self._peaks
        out = self.sample_peaks.copy()
        for start, stop, offset, near in self._audio.surrounded(AHEAD):
            cells = start // FINE_CELL, -(-stop // FINE_CELL)
            raise_to_true_peaks(
                out, near, offset, self.sample_peaks, FINE_CELL, threshold, *cells
            )  # fmt: skip
        self._peaks, self._exact_from = out, threshold
        return out

    def true_peak(self, gains: Energies) -> float:
        """Return the true peak after the gains: cell by cell, as the limiter sees it."""
        highest = np.maximum(gains[:-1], gains[1:])[: self.sample_peaks.shape[0]]
        level = float((self._peaks * highest).max())
        if level == 0.0:
            return 0.0
        # Where the limiter turned down, cells with larger peaks may end lower: every cell counts
        # that could still pass the highest peak known so far.
        threshold = level / float(highest.max())
        return float((self.true_peaks(threshold) * highest).max())


def _levelled(aim: Aim, levels: _Levels, target: float, ceiling: float) -> tuple[Energies, float]:
    """Return gains at cell edges that reach `target` LUFS through the limiter, and what they reach.

    The limiter takes loudness away, so the gain before it is raised until both hold.
    """
    cells = levels.cells
    ones = np.ones(cells.shape[0] + 1)
    loudness = float(integrated_loudness(fold_energies(cells, ones)))
    if loudness < -100.0:
        raise Failed(f"{aim.id}: the master is too short or too quiet to have a loudness")
    gain = float(db_to_gain(target - loudness))
    release = 1.0 - float(dexp(-FINE_CELL / (SAMPLE_RATE * RELEASE_S)))
    reach = 0.0
    for _ in range(MOST_PASSES):
        if gain > reach:  # peaks are exact up to this much gain
            reach = 1.25 * gain
            peaks = levels.true_peaks(ceiling / reach)
        gains = limiter_gains(peaks, gain, ceiling, AHEAD_CELLS, release)
        loudness = float(integrated_loudness(fold_energies(cells, gains)))
        if abs(loudness - target) < TOLERANCE_LU:
            break
        gain *= float(db_to_gain(target - loudness))
    return gains, loudness
