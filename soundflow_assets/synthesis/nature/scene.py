"""Landscapes heard together, made tile by tile.

What they consist of is made together where it is alike: the bands of one rate in banks of four, all
that is slow on one ladder. Memory in work is one tile, whatever the length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.nature.curves import TILE
from soundflow_assets.synthesis.nature.grains import LONGEST
from soundflow_assets.synthesis.nature.ladder import Ladder
from soundflow_assets.synthesis.nature.landscape import Landscape
from soundflow_assets.synthesis.nature.wash import banks


def tiles(heard: Sequence[tuple[Landscape, float]], samples: int) -> Iterator[tuple[int, Audio]]:
    """Yield (start, tile) of fresh landscapes, each at its gain, `samples` long.

    A tile, float32 (2, up to `TILE`), is good until the next one is asked for.
    """
    ladder = Ladder()
    washes = banks([(band, gain) for landscape, gain in heard for band in landscape.bands])
    full = _buffer()
    wets = [_buffer() for _ in heard]
    for start in range(0, samples, TILE):
        for bank in washes:
            bank.add(start, ladder, full)
        for landscape, gain in heard:
            for tones in landscape.tones:
                tones.add(start, gain, ladder, full)
        ladder.climb(full)
        for (landscape, gain), wet in zip(heard, wets, strict=True):
            for events in landscape.events:
                events.add(start, gain, full, wet)
            if landscape.space is not None:
                landscape.space.add(start, wet, full)
                _advance(wet)
        yield start, full[:, : min(TILE, samples - start)]
        _advance(full)


def _buffer() -> Audio:
    """Return silence as long as a tile and what events may add beyond it."""
    return np.zeros((2, TILE + LONGEST), np.float32)


def _advance(buffer: Audio) -> None:
    """Move what reaches beyond the tile to the front and clear the rest."""
    buffer[:, :LONGEST] = buffer[:, TILE:]
    buffer[:, LONGEST:] = 0.0
