"""The mix of a track on a reel: of a short one as it is, of a long one movement by movement.

A movement is rendered alone, with what rings on after its last bar, brought to the loudness that
all movements have, and laid over its neighbours: in with a rise, out with a fall, over the bars
they share. So memory holds one movement, however many there are. The beds run under all of them
and never begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from soundflow_assets.audio import BED, CHANNELS, SAMPLE_RATE, Audio
from soundflow_assets.composition.draft import BEATS_PER_BAR
from soundflow_assets.composition.programme import Passage, has_beat, joined
from soundflow_assets.errors import Failed
from soundflow_assets.plans.model import TrackPlan
from soundflow_assets.reel import HeldReel, Reel, reel_of, stretches
from soundflow_assets.synthesis.dry import bed_sum
from soundflow_assets.synthesis.kernels.loudness import CELL, integrated_loudness, loudness_of
from soundflow_assets.synthesis.kernels.math import db_to_gain
from soundflow_assets.synthesis.kernels.mixing import add, cross_fade_ends, fade_ends
from soundflow_assets.synthesis.kernels.weighting import energies_of
from soundflow_assets.synthesis.stems import (
    BED_RISE_S,
    MIX_LUFS,
    render_stems,
    render_sum,
    require_finite,
)

BED_SHARE = 0.08  # of the work on a long programme

Progress = Callable[[float], None]


def render_mix(
    plan: TrackPlan,
    passages: Sequence[Passage],
    folder: Path | None = None,
    on_progress: Progress = lambda fraction: None,
) -> Reel:
    """Return the mix of a track, exactly as long as planned; `passages` are its movements.

    Raises
    ------
    Failed
        If a stem is not finite, or a movement of a programme is silent.
    """
    samples = round(plan.duration_s * SAMPLE_RATE)
    if plan.programme is None:
        only = passages[0]
        return HeldReel(render_sum(only.plan, only.score, on_progress))
    reel = Reel(samples, folder)
    if plan.beds:
        _lay_beds(plan, passages, reel)
    share = (1.0 - BED_SHARE) / len(passages)
    for index, passage in enumerate(passages):
        told = _within(on_progress, BED_SHARE + share * index, share)
        fades = _fades(passage, plan.programme.blend_bars, index, len(passages))
        audio = _movement(passage, fades, told)
        _lay(reel, round(passage.start_s * SAMPLE_RATE), audio)
        del audio  # before the next movement takes its place
    return reel


def render_apart(
    plan: TrackPlan, passages: Sequence[Passage], folder: Path | None = None
) -> dict[str, Reel]:
    """Return every stem of a track on a reel of its own, by role; together they are its mix.

    `bed` is apart from the rest: it is in no other stem's room.
    """
    samples = round(plan.duration_s * SAMPLE_RATE)
    if plan.programme is None:
        only = passages[0]
        stems = render_stems(only.plan, only.score)
        return {stem.role: reel_of(stem.audio, folder) for stem in stems}
    reels: dict[str, Reel] = {}
    for index, passage in enumerate(passages):
        fades = _fades(passage, plan.programme.blend_bars, index, len(passages))
        for role, audio in _movement_apart(passage, fades, folder):
            if role not in reels:
                reels[role] = Reel(samples, folder)
            _lay(reels[role], round(passage.start_s * SAMPLE_RATE), audio)
    if plan.beds:
        reels[BED] = Reel(samples, folder)
        _lay_beds(plan, passages, reels[BED])
    return reels


def _within(on_progress: Progress, start: float, share: float) -> Progress:
    """Return what tells the progress of a piece of the work that begins at `start`."""
    return lambda done: on_progress(start + share * done)


def _lay_beds(plan: TrackPlan, passages: Sequence[Passage], reel: Reel) -> None:
    """Put the beds on the empty reel, at their loudness against music at `MIX_LUFS`."""
    for start, tile in bed_sum(plan, plan.beds, reel.samples):
        reel.write(start, tile)
    energies = energies_of(audio for _, audio in reel.blocks())
    require_finite(plan, joined(plan, passages), f"stem {BED!r}", energies, CELL)
    loudness = float(integrated_loudness(energies))
    if loudness == -np.inf:
        return
    gain = np.float32(db_to_gain(MIX_LUFS + plan.bed_loudness_lu - loudness))
    rise = round(BED_RISE_S * SAMPLE_RATE)
    for start, audio in reel.blocks():
        audio *= gain
        fade_ends(audio, rise, reel.samples, reel.samples + 1, start)
        reel.write(start, audio)


def _movement(passage: Passage, fades: tuple[int, int, int], on_progress: Progress) -> Audio:
    """Return a movement's mix at `MIX_LUFS`, faded at its ends."""
    audio = render_sum(passage.plan, passage.score, on_progress)
    audio *= _gain(passage, audio)
    cross_fade_ends(audio, *fades)
    return audio


def _movement_apart(
    passage: Passage, fades: tuple[int, int, int], folder: Path | None
) -> Iterator[tuple[str, Audio]]:
    """Yield role and sound of a movement's stems, which add up to `_movement`."""
    samples = round(passage.plan.duration_s * SAMPLE_RATE)
    total: Audio = np.zeros((CHANNELS, samples), dtype=np.float32)
    stems = {}
    for stem in render_stems(passage.plan, passage.score):
        stems[stem.role] = reel_of(stem.audio, folder)
        add(total, stem.audio, 1.0)
    gain = _gain(passage, total)
    for role, reel in stems.items():
        audio = reel.read(0, samples)
        audio *= gain
        cross_fade_ends(audio, *fades)
        yield role, audio


def _gain(passage: Passage, mixed: Audio) -> np.float32:
    """Return what brings a movement to `MIX_LUFS`."""
    loudness = loudness_of(mixed)
    if loudness == -np.inf:
        raise Failed(f"{passage.plan.id}: no stem sounds from {passage.start_s:.0f} s on")
    return np.float32(db_to_gain(MIX_LUFS - loudness))


def _fades(passage: Passage, blend_bars: int, index: int, count: int) -> tuple[int, int, int]:
    """Return over how many samples a movement rises, and from where to where it falls.

    Where heavy parts change hands in the middle of a blend, the one who has them is at full level.
    """
    times = passage.score.beat_times_s
    beats = BEATS_PER_BAR * (blend_bars // 2 if has_beat(passage.plan) else blend_bars)
    rise = round(times[beats] * SAMPLE_RATE) if index else 0
    end = round(passage.plan.duration_s * SAMPLE_RATE)
    if index == count - 1:
        return rise, end, end
    return rise, round(times[-1 - beats] * SAMPLE_RATE), round(times[-1] * SAMPLE_RATE)


def _lay(reel: Reel, start: int, audio: Audio) -> None:
    """Add `audio` to the reel from sample `start` on, as far as the reel goes."""
    for first, last in stretches(min(audio.shape[1], reel.samples - start)):
        held = reel.read(start + first, start + last)
        held += audio[:, first:last]
        reel.write(start + first, held)
