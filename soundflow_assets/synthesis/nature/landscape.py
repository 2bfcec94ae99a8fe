"""What a bed consists of: its layers and the place they sound in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.nature.space import Space


class Layer(Protocol):
    """A part of a bed that is made tile by tile, from the first on."""

    def add(self, start: int, dry: Audio, wet: Audio) -> None:
        """Add the tile that begins at sample `start` to `dry`, and what reverberates to `wet`.

        Both are (2, tile + longest grain); what reaches beyond the tile is kept for the next.
        """


@dataclass(frozen=True, slots=True)
class Landscape:
    """One bed, ready to be made once. `level_db` brings its default form to about -20 LUFS."""

    layers: tuple[Layer, ...]
    space: Space | None
    level_db: float
