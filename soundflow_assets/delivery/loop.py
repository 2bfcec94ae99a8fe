"""The loop cut: a stretch of a finished master that repeats without a seam, as Ogg Vorbis.

MP3 pads both ends and cannot be repeated gaplessly by most players; Vorbis keeps the exact number
of samples. The last bars of the stretch fade into the bars before its first one, beat on beat, so
that the file ends with the very sound that led into its beginning: wave, pulse and the ringing of
the room go on through the join. (Wrapping the tail of the end around onto the beginning instead
would need the last notes without what follows them, which a master does not hold, and would put
the room of one section into another.)

Which bars it is cut at is `loop_places`; the cut lies up to 10 ms before a bar.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio, Pcm
from soundflow_assets.compiled import njit
from soundflow_assets.composition.score import Score
from soundflow_assets.delivery.feed import write_vorbis
from soundflow_assets.delivery.loop_places import LEVEL_STEP_DB, STEP_COST, bar_samples, places
from soundflow_assets.synthesis.kernels.loudness import CELL, Energies, weighted_energies
from soundflow_assets.synthesis.kernels.math import gain_to_db

PcmReader = Callable[[int, int], Pcm]
Frames = npt.NDArray[np.float32]  # (n, 2), ±1 is full scale

_BLOCK = 10 * SAMPLE_RATE
_HIGHEST = 0.89  # -1 dBFS: peaks up to here are left to the blend
_TRIES = 40
_LEAD = round(0.01 * SAMPLE_RATE)
_CALM = 16  # samples whose largest step decides how calm it is
_CELL = 441  # 10 ms
_SHORT_CELLS = (40, 100)
_MOST_DB = 0.9 * LEVEL_STEP_DB  # coding, and meters with other windows, move it a little
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class LoopCut:
    """A loop's place in its track. `bars` is None where the music has no beat."""

    start: int  # first sample
    end: int  # the sample after the last
    bars: int | None
    bar: int  # samples of the first bar
    blend: int  # samples at the end that are blended

    @property
    def samples(self) -> int:
        """Length of the loop's file."""
        return self.end - self.start


def find_loop(
    score: Score, read: PcmReader, energies: Energies, samples: int, steady: bool
) -> LoopCut | None:
    """Return the best loop of a master, or None where there is none worth repeating.

    Parameters
    ----------
    score
        The track's score; bars and sections are taken from it.
    read
        Returns samples `start` to `stop` of the master, int16 (stop - start, 2).
    energies
        Of the master, K-weighted, of every whole 100 ms.
    samples
        Length of the master.
    steady
        Whether the music has a beat, so that the loop must be whole phrases.
    """
    edges = bar_samples(score, samples)
    powers = _bar_powers(energies, edges)
    best: tuple[float, LoopCut] | None = None
    for place in places(score, powers, steady)[:_TRIES]:
        if best is not None and place.cost >= best[0]:
            break
        lead = _lead(read, edges[place.start])
        start, end = edges[place.start] - lead, edges[place.end] - lead
        blend = edges[place.start] - edges[place.start - place.blend] - lead
        bar = edges[place.start + 1] - edges[place.start]
        cut = LoopCut(start, end, place.bars if steady else None, bar, blend)
        cost = place.cost + _unevenness(cut, read)
        if best is None or cost < best[0]:
            best = (cost, cut)
    return None if best is None or math.isinf(best[0]) else best[1]


def write_loop(cut: LoopCut, read: PcmReader, path: Path, title: str) -> None:
    """Write the loop's file; it decodes to exactly `cut.samples` samples."""
    tags = {
        "TITLE": f"{title} (loop)",
        "ARTIST": "SoundFlow",
        "LOOPSTART": "0",
        "LOOPLENGTH": str(cut.samples),
    }
    write_vorbis(path, loop_blocks(cut, read), tags)


def loop_blocks(cut: LoopCut, read: PcmReader) -> Iterator[Frames]:
    """Yield the loop in stretches, as it is before encoding."""
    turn = cut.end - cut.blend
    for start in range(cut.start, turn, _BLOCK):
        yield _floats(read(start, min(turn, start + _BLOCK)))
    yield _blended(read(turn, cut.end), read(cut.start - cut.blend, cut.start))


def _lead(read: PcmReader, edge: int) -> int:
    """Return how many samples before the bar at `edge` the wave is at its calmest.

    Cut there, the first stroke has its whole attack, early ones too, and the join lies before it.
    """
    before = min(edge, _LEAD)
    steps = np.abs(np.diff(read(edge - before, edge).astype(np.int32), axis=0)).max(axis=1)
    if len(steps) < _CALM:
        return 0
    around = np.lib.stride_tricks.sliding_window_view(steps, _CALM).max(axis=1)
    return before - int(around.argmin()) - _CALM // 2


def _bar_powers(energies: Energies, edges: Sequence[int]) -> list[float]:
    """Return the mean K-weighted power of each bar."""
    places = [min(len(energies) - 1, round(edge / CELL)) for edge in edges]
    return [float(energies[a : max(a + 1, b)].mean()) for a, b in itertools.pairwise(places)]


def _unevenness(cut: LoopCut, read: PcmReader) -> float:
    """Return what the level's step at the join costs; over a bar it may not be heard at all.

    Over less than a bar, groove and fills make steps of their own; small ones are better.
    """
    old, new = read(cut.end - cut.blend, cut.end), read(cut.start - cut.blend, cut.start)
    last = _blended(old, new)[-cut.bar :]
    first = _floats(read(cut.start, cut.start + cut.bar))
    joined: Audio = np.ascontiguousarray(np.concatenate((last, first)).T)
    weighted = weighted_energies(joined, _CELL)
    cells = len(last) // _CELL
    plain = [float(np.square(part, dtype=np.float64).mean()) for part in (last, first)]
    over_a_bar = (_step_db(*plain), _step_db_around(weighted, cells, cells))
    if max(map(abs, over_a_bar)) > _MOST_DB:
        return math.inf
    spans = [span for span in _SHORT_CELLS if span <= cells]
    short = [abs(_step_db_around(weighted, cells, span)) for span in spans]
    return STEP_COST * max(0.0, max(short, default=0.0) - LEVEL_STEP_DB)


def _step_db_around(energies: Energies, join: int, span: int) -> float:
    """Return the step from `span` cells before the join to as many after it."""
    before, after = energies[join - span : join], energies[join : join + span]
    return _step_db(float(before.mean()), float(after.mean()))


def _step_db(last: float, first: float) -> float:
    return float(0.5 * gain_to_db((first + _NOTHING) / (last + _NOTHING)))


def _blended(old: Pcm, new: Pcm) -> Frames:
    """Fade from `old` to `new` at even power, whatever they have in common.

    With gains a, b and correlation r the power is a² + b² + 2·r·a·b: dividing by its root keeps it
    level from strangers (r = 0, equal power) to twins (r = 1, equal gain). Where peaks meet, the
    law leans to equal gain, which never passes the louder of the two.
    """
    blend: Frames = np.empty(old.shape, dtype=np.float32)
    loudest = max(int(np.abs(part.astype(np.int32)).max()) for part in (old, new))
    highest = max(_HIGHEST, loudest / 32768.0)
    correlation = _correlation(old, new)
    for quarter in range(5):
        likeness = correlation + (1.0 - correlation) * quarter / 4.0
        if _blend(old, new, likeness, blend) <= highest:
            break
    return blend


@njit(cache=True)
def _blend(old: Pcm, new: Pcm, likeness: float, out: Frames) -> float:
    """Fill `out` with a blend for a correlation of `likeness`; return its highest magnitude."""
    samples, highest = old.shape[0], 0.0
    for n in range(samples):
        place = (n + 0.5) / samples
        share = place * place * (3.0 - 2.0 * place)
        falling, rising = math.sqrt(1.0 - share), math.sqrt(share)
        level = 1.0 / math.sqrt(1.0 + 2.0 * likeness * falling * rising)
        for channel in range(old.shape[1]):
            first, second = old[n, channel] / 32768.0, new[n, channel] / 32768.0
            value = falling * level * first + rising * level * second
            highest = max(highest, abs(value))
            out[n, channel] = value
    return highest


def _correlation(one: Pcm, other: Pcm) -> float:
    """Return the correlation of two stretches, 0 to 1: in whole numbers, so exactly."""
    both, first, second = _products(one, other)
    return max(0.0, both / math.sqrt(first * second)) if first and second else 0.0


@njit(cache=True)
def _products(one: Pcm, other: Pcm) -> tuple[int, int, int]:
    """Return the sums of `one`·`other`, `one`² and `other`²."""
    both, first, second = 0, 0, 0
    for n in range(one.shape[0]):
        for channel in range(one.shape[1]):
            a, b = int(one[n, channel]), int(other[n, channel])
            both += a * b
            first += a * a
            second += b * b
    return both, first, second


def _floats(pcm: Pcm) -> Frames:
    return pcm.astype(np.float32) * np.float32(1.0 / 32768.0)
