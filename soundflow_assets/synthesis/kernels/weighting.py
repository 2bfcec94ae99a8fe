"""K-weighted energies of a programme that comes in blocks: what its loudness is taken from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.kernels.k_weighting import (
    CELL,
    WEIGHTING_STATE,
    Energies,
    weighted_energies_on,
)


class Weighting:
    """Takes a programme block by block; all blocks but the last are whole cells long."""

    def __init__(self, cell: int = CELL) -> None:
        """Begin a programme whose energies are wanted of every `cell` samples."""
        self._cell = cell
        self._state = np.zeros(WEIGHTING_STATE)
        self._energies: list[Energies] = []

    def feed(self, audio: Audio) -> None:
        """Take the next float32 (2, n)."""
        self._energies.append(weighted_energies_on(audio, self._cell, self._state))

    def energies(self) -> Energies:
        """Return the energy of each whole cell fed so far, float64 (cells,)."""
        return np.concatenate(self._energies)


def energies_of(blocks: Iterable[Audio], cell: int = CELL) -> Energies:
    """Return the K-weighted energy of each whole cell of a programme in blocks, float64 (cells,).

    Energies of `CELL` samples are what `loudness.integrated_loudness` takes.
    """
    weighting = Weighting(cell)
    for audio in blocks:
        weighting.feed(audio)
    return weighting.energies()
