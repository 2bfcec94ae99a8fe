"""What a bed consists of: its washes, tones and events, and the place they sound in."""

from __future__ import annotations

from dataclasses import dataclass

from soundflow_assets.synthesis.nature.grains import Grains
from soundflow_assets.synthesis.nature.space import Space
from soundflow_assets.synthesis.nature.tones import Partials
from soundflow_assets.synthesis.nature.wash import Band


@dataclass(frozen=True, slots=True)
class Landscape:
    """One bed, ready to be made once. `level_db` brings its default form to about -20 LUFS."""

    bands: tuple[Band, ...]
    events: tuple[Grains, ...]
    space: Space | None
    level_db: float
    tones: tuple[Partials, ...] = ()
