"""Generated sound to the house's rate: resampled, and several takes joined into one.

Models speak 32 or 48 kHz, the house 44.1. Takes that a provider delivers in parts overlap; parts
that continue each other are not the same signal there, so their powers add and the crossfade is of
equal power, where the second begins at the shift that correlates best with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import numpy.typing as npt
from scipy import signal

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import BadInput

_STOP_DB = 100.0  # of images and aliases, after the filter's Kaiser window
_TRANSITION = 0.05  # share of the lower rate's band that the filter falls in
SEARCH_S = 0.05


def at_house_rate(audio: Audio, sample_rate: int) -> Audio:
    """Return float32 (channels, n) at 44.1 kHz, by a polyphase filter without aliases above -90 dB.

    Length is n·44100/sample_rate, rounded up; a take's end is cut to the sample elsewhere.

    Raises
    ------
    BadInput
        For rates outside 8 to 192 kHz.
    """
    if sample_rate == SAMPLE_RATE:
        return audio
    if not 8000 <= sample_rate <= 192_000:
        raise BadInput(f"sample rate {sample_rate} Hz: expected 8000 to 192000")
    common = gcd(SAMPLE_RATE, sample_rate)
    up, down = SAMPLE_RATE // common, sample_rate // common
    taps = _low_pass(up, down)
    made: Audio = np.stack(
        [signal.resample_poly(row.astype(np.float64), up, down, window=taps) for row in audio]
    ).astype(np.float32)
    return made


def _low_pass(up: int, down: int) -> npt.NDArray[np.float64]:
    """Return a linear-phase low-pass that ends where the lower of both rates does."""
    edge = 1.0 / max(up, down)  # of the Nyquist frequency at the common multiple of the rates
    taps, beta = signal.kaiserord(_STOP_DB, _TRANSITION * edge)
    made: npt.NDArray[np.float64] = signal.firwin(
        taps | 1, edge * (1.0 - 0.5 * _TRANSITION), window=("kaiser", beta)
    )
    return made


def joined(takes: Sequence[Audio], overlap: int) -> tuple[Audio, list[int]]:
    """Return takes laid over each other by `overlap` samples, and where the seams begin.

    Parameters
    ----------
    takes
        float32 (channels, n), each longer than the overlap and what is searched for the shift.
    overlap
        In samples.

    Raises
    ------
    BadInput
        When a take is too short for its overlap.
    """
    whole = takes[0]
    seams: list[int] = []
    for take in takes[1:]:
        room = min(round(SEARCH_S * SAMPLE_RATE), overlap // 4)
        if min(whole.shape[1], take.shape[1]) < overlap + room:
            raise BadInput(f"a take of {take.shape[1]} samples is too short to be joined")
        shift = _best_shift(whole[:, -overlap:], take, room)
        aligned = take[:, shift:]
        turn = (np.arange(overlap, dtype=np.float64) + 0.5) / overlap * (np.pi / 2.0)
        fall, rise = np.cos(turn).astype(np.float32), np.sin(turn).astype(np.float32)
        blend = whole[:, -overlap:] * fall + aligned[:, :overlap] * rise
        seams.append(whole.shape[1] - overlap)
        whole = np.concatenate([whole[:, :-overlap], blend, aligned[:, overlap:]], axis=1)
    return whole, seams


def _best_shift(before: Audio, after: Audio, room: int) -> int:
    """Return by how many samples, 0 to `room`, `after` starts late to fit `before` best."""
    low = before.mean(axis=0, dtype=np.float64)[: before.shape[1] - room]
    reach = after.mean(axis=0, dtype=np.float64)[: low.shape[0] + room]
    products = signal.correlate(reach, low, mode="valid")
    powers = np.convolve(reach**2, np.ones(low.shape[0]), mode="valid")
    return int(np.argmax(products / np.sqrt(np.maximum(powers, 1e-12))))
