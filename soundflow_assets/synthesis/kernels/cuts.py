"""A stretch of sound cut into pieces that run side by side, in eight lanes or in sixteen.

Stereo is cut into four (`read_cuts`, `write_cuts`) or eight (`read_wide`, `write_wide`), one
channel into sixteen (`read_wide_row`, `write_wide_row`).

Recursive filters forget: a cut begins some samples before the sound it answers for, with empty
memories, and by the time it counts it is where one run over the whole would be. Samples of a cut
stand in a row of `LANES` or `WIDE_LANES` numbers each: of stereo all lefts, then their rights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.compiled import njit
from soundflow_assets.synthesis.kernels.lanes import LANES, WIDE_LANES, load, store
from soundflow_assets.synthesis.kernels.shuffles import turned

CUTS = LANES // 2
# Samples of each cut to take at a time. Sixteen stretches of memory are open at once: a quarter as
# many samples at a time cost twice as long to read and write.
CHUNK = 128

Places = npt.NDArray[np.int64]  # (CUTS,), (LANES,) or (WIDE_LANES,): a sample of each cut
Row = npt.NDArray[np.float32]


@njit(cache=True, error_model="numpy")
def read_cuts(audio: Audio, places: Places, size: int, row: Row) -> None:
    """Fill `row` (size * LANES,) with `size` samples of each cut; `size` is a multiple of 8.

    What lies outside of `audio` is silence.
    """
    samples = audio.shape[1]
    for cut in range(CUTS):
        if places[cut] < 0 or places[cut] + size > samples:
            for channel in range(2):
                for other in range(CUTS):
                    lane = channel * CUTS + other
                    _read_lane(audio[channel], places[other], size, row, LANES, lane)
            return
    left, right = audio[0], audio[1]
    a, b, c, d = places[0], places[1], places[2], places[3]
    for n in range(0, size, LANES):
        store_all(row, n * LANES, LANES, turned(
            load(left, a + n), load(left, b + n), load(left, c + n), load(left, d + n),
            load(right, a + n), load(right, b + n), load(right, c + n), load(right, d + n),
        ))  # fmt: skip


@njit(cache=True, error_model="numpy")
def write_cuts(row: Row, audio: Audio, places: Places, stops: Places, size: int) -> None:
    """Put `size` samples of each cut back, but none from its `stop` on; the inverse of `read_cuts`.

    `size` is a multiple of 8.
    """
    for cut in range(CUTS):
        if places[cut] + size > stops[cut]:
            for channel in range(2):
                for other in range(CUTS):
                    lane = channel * CUTS + other
                    into, place = audio[channel], places[other]
                    _write_lane(row, LANES, lane, into, place, stops[other], size)
            return
    left, right = audio[0], audio[1]
    a, b, c, d = places[0], places[1], places[2], places[3]
    for n in range(0, size, LANES):
        p, q, r, s, t, u, v, w = turned_row(row, n * LANES, LANES)
        store(left, a + n, p)
        store(left, b + n, q)
        store(left, c + n, r)
        store(left, d + n, s)
        store(right, a + n, t)
        store(right, b + n, u)
        store(right, c + n, v)
        store(right, d + n, w)


@njit(cache=True, inline="always")
def span_of(samples: int, cuts: int) -> int:
    """Return the samples of each of 8 or 16 cuts of a stretch: an odd number of chunks.

    So no two of eight cuts lie a multiple of 4 KiB apart, where they would push each other out of
    the first cache.
    """
    return ((samples + cuts * CHUNK - 1) // (cuts * CHUNK) | 1) * CHUNK


@njit(cache=True, error_model="numpy")
def read_wide(audio: Audio, places: Places, size: int, row: Row) -> None:
    """Do as `read_cuts` for eight cuts, `places` (LANES,), in a `row` (size * WIDE_LANES,)."""
    _read(audio[0], places, size, row, WIDE_LANES, 0)
    _read(audio[1], places, size, row, WIDE_LANES, LANES)


@njit(cache=True, error_model="numpy")
def write_wide(row: Row, audio: Audio, places: Places, stops: Places, size: int) -> None:
    """Do as `write_cuts` for eight cuts, `places` (LANES,), of a `row` (size * WIDE_LANES,)."""
    _write(row, audio[0], places, stops, size, WIDE_LANES, 0)
    _write(row, audio[1], places, stops, size, WIDE_LANES, LANES)


@njit(cache=True, error_model="numpy")
def read_wide_row(sound: Row, places: Places, size: int, row: Row) -> None:
    """Do as `read_wide` for one channel (samples,) in sixteen cuts, `places` (WIDE_LANES,)."""
    _read(sound, places[:LANES], size, row, WIDE_LANES, 0)
    _read(sound, places[LANES:], size, row, WIDE_LANES, LANES)


@njit(cache=True, error_model="numpy")
def write_wide_row(row: Row, sound: Row, places: Places, stops: Places, size: int) -> None:
    """Do as `write_wide` for one channel (samples,) in sixteen cuts, `places` (WIDE_LANES,)."""
    _write(row, sound, places[:LANES], stops[:LANES], size, WIDE_LANES, 0)
    _write(row, sound, places[LANES:], stops[LANES:], size, WIDE_LANES, LANES)


@njit(cache=True, error_model="numpy")
def _read(sound: Row, places: Places, size: int, row: Row, apart: int, lane: int) -> None:
    """Read eight cuts of a channel into lanes `lane` and on of a row of `apart` numbers each."""
    for cut in range(LANES):
        if places[cut] < 0 or places[cut] + size > sound.shape[0]:
            _read_edge(sound, places, size, row, apart, lane)
            return
    a, b, c, d = places[0], places[1], places[2], places[3]
    e, f, g, h = places[4], places[5], places[6], places[7]
    for n in range(0, size, LANES):
        store_all(row, n * apart + lane, apart, turned(
            load(sound, a + n), load(sound, b + n), load(sound, c + n), load(sound, d + n),
            load(sound, e + n), load(sound, f + n), load(sound, g + n), load(sound, h + n),
        ))  # fmt: skip


@njit(cache=True, error_model="numpy")
def _write(
    row: Row, sound: Row, places: Places, stops: Places, size: int, apart: int, lane: int
) -> None:
    """Undo `_read`, but put back none of a cut from its stop on."""
    for cut in range(LANES):
        if places[cut] + size > stops[cut]:
            _write_edge(row, sound, places, stops, size, apart, lane)
            return
    for n in range(0, size, LANES):
        p, q, r, s, t, u, v, w = turned_row(row, n * apart + lane, apart)
        store(sound, places[0] + n, p)
        store(sound, places[1] + n, q)
        store(sound, places[2] + n, r)
        store(sound, places[3] + n, s)
        store(sound, places[4] + n, t)
        store(sound, places[5] + n, u)
        store(sound, places[6] + n, v)
        store(sound, places[7] + n, w)


@njit(cache=True, error_model="numpy")
def _read_edge(sound: Row, places: Places, size: int, row: Row, apart: int, lane: int) -> None:
    """Do as `_read` where cuts reach over an end of the sound."""
    eights = np.empty(LANES * LANES, dtype=np.float32)
    for n in range(0, size, LANES):
        for cut in range(LANES):
            start = places[cut] + n
            if start >= 0 and start + LANES <= sound.shape[0]:
                store(eights, cut * LANES, load(sound, start))
            else:
                _read_lane(sound, start, LANES, eights, 1, cut * LANES)
        store_all(row, n * apart + lane, apart, turned_row(eights, 0, LANES))


@njit(cache=True, error_model="numpy")
def _write_edge(
    row: Row, sound: Row, places: Places, stops: Places, size: int, apart: int, lane: int
) -> None:
    """Do as `_write` where cuts reach over their stops."""
    eights = np.empty(LANES * LANES, dtype=np.float32)
    for n in range(0, size, LANES):
        store_all(eights, 0, LANES, turned_row(row, n * apart + lane, apart))
        for cut in range(LANES):
            start = places[cut] + n
            if start + LANES <= stops[cut]:
                store(sound, start, load(eights, cut * LANES))
            else:
                _write_lane(eights, 1, cut * LANES, sound, start, stops[cut], LANES)


@njit(cache=True, error_model="numpy")
def side_by_side(sounds: Audio, row: Row) -> None:
    """Fill `row` (n * LANES,) with eight `sounds` (LANES, n), a lane each; n is a multiple of 8."""
    a, b, c, d = sounds[0], sounds[1], sounds[2], sounds[3]
    e, f, g, h = sounds[4], sounds[5], sounds[6], sounds[7]
    for n in range(0, a.shape[0], LANES):
        store_all(row, n * LANES, LANES, turned(
            load(a, n), load(b, n), load(c, n), load(d, n),
            load(e, n), load(f, n), load(g, n), load(h, n),
        ))  # fmt: skip


@njit(cache=True, inline="always")
def store_all(row: Row, at: int, apart: int, lanes: Any) -> None:
    """Write eight lanes to `row`, `apart` elements from one to the next."""
    store(row, at, lanes[0])
    store(row, at + apart, lanes[1])
    store(row, at + 2 * apart, lanes[2])
    store(row, at + 3 * apart, lanes[3])
    store(row, at + 4 * apart, lanes[4])
    store(row, at + 5 * apart, lanes[5])
    store(row, at + 6 * apart, lanes[6])
    store(row, at + 7 * apart, lanes[7])


@njit(cache=True, inline="always")
def turned_row(row: Row, at: int, apart: int) -> Any:
    """Return eight samples of eight cuts from `at` on, one cut to the lanes.

    `apart` numbers lie between a sample and the next.
    """
    return turned(
        load(row, at), load(row, at + apart), load(row, at + 2 * apart),
        load(row, at + 3 * apart), load(row, at + 4 * apart), load(row, at + 5 * apart),
        load(row, at + 6 * apart), load(row, at + 7 * apart),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _read_lane(sound: Row, start: int, size: int, row: Row, apart: int, lane: int) -> None:
    for n in range(size):
        inside = 0 <= start + n < sound.shape[0]
        row[n * apart + lane] = sound[start + n] if inside else np.float32(0.0)


@njit(cache=True, error_model="numpy")
def _write_lane(
    row: Row, apart: int, lane: int, sound: Row, start: int, stop: int, size: int
) -> None:
    for n in range(min(size, stop - start)):
        sound[start + n] = row[n * apart + lane]
