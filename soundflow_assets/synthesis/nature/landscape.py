"""What a bed consists of: its washes, tones and events, and the place they sound in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from soundflow_assets.audio import Audio
from soundflow_assets.synthesis.nature.grains import Table
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.tones import Partials
from soundflow_assets.synthesis.nature.wash import Band


class Events(Protocol):
    """A kind of event of a bed, to be asked tile by tile, from the first on."""

    @property
    def name(self) -> str:
        """What it is called among the bed's events."""

    def schedule(self, start: int) -> Table:
        """Return the grains that begin in the tile from sample `start` on, without a sound."""

    def add(self, start: int, gain: float, dry: Audio, wet: Audio) -> None:
        """Add the grains of that tile to `dry`, and what reverberates to `wet`.

        Both are (2, tile + longest grain); what reaches beyond the tile is kept for the next.
        """


@dataclass(frozen=True, slots=True)
class Landscape:
    """One bed, ready to be made once. `level_db` brings its default form to about -20 LUFS."""

    bands: tuple[Band, ...]
    events: tuple[Events, ...]
    space: Space | None
    level_db: float
    tones: tuple[Partials, ...] = ()
