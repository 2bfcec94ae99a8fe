"""One pass over a programme, and what is kept of it for all measures.

A file of an hour is heard in bounded memory: block by block, everything that later measures need is
taken down as short series (a value or a few dozen every 10 to 100 ms, some 60 MB an hour) and the
samples are forgotten. Frame k of a spectral series begins at sample k·hop of the programme at
44.1 kHz; its middle stands half a window later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import Audio
from soundflow_assets.listening import bands, clicks, joins, meter, pitches, pulse
from soundflow_assets.listening.stretches import Stretch, Stretcher
from soundflow_assets.synthesis.kernels import loudness as kernels

Floats = npt.NDArray[np.float64]
Series = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hearing:
    """A programme as the measures know it."""

    levels: meter.Heard
    ends: joins.Ends
    mono_energies: Floats  # K-weighted per 100 ms, when both channels play their mean
    powers: Floats  # long-term power: left, right, cross (3, bins)
    clicks: Floats  # places in samples, rising
    mel: Series  # power in mel bands (frames, bands.MEL_BANDS), per bands.MEL_HOP
    flux: Series  # onset strength before its local mean is taken away, per bands.FLUX_HOP
    low_flux: Series  # the same under 150 Hz
    long_bands_db: Series  # levels in bands (frames, pulse.BANDS), per pulse.HOP
    octaves: Series  # power per semitone (frames, 108), per pitches.HOP
    chroma: Series  # 36 pitch classes, per pitches.HOP
    bass: Series  # the same of the lowest notes

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.levels.duration_s


def hear(blocks: Iterable[Audio], sample_rate: int) -> Hearing:
    """Hear float32 (1 or 2, n) that comes in blocks of `reel.BLOCK` samples.

    Another rate than 44.1 kHz, which nothing of ours has, is converted as a whole.

    Raises
    ------
    BadInput
        When a block is of another shape or not finite, or there is no sound at all.
    """
    notes = _Notes()
    return notes.finished(meter.listen(blocks, sample_rate, notes.feed))


class _Notes:
    """What is taken down while the sound goes by."""

    def __init__(self) -> None:
        self._stretcher = Stretcher()
        self._ends = joins.EndsTaker()
        self._series: dict[str, list[Series | Floats]] = {}
        self._powers = np.zeros((3, bands.LONG_SIZE // 2 + 1))

    def feed(self, audio: Audio) -> None:
        """Take the next float32 (2, n) at 44.1 kHz."""
        self._ends.feed(audio)
        for stretch in self._stretcher.feed(audio):
            self._take(stretch)

    def finished(self, levels: meter.Heard) -> Hearing:
        """Return everything, at the end."""
        for stretch in self._stretcher.finish():
            self._take(stretch)
        series: dict[str, Any] = {n: np.concatenate(parts) for n, parts in self._series.items()}
        return Hearing(levels=levels, ends=self._ends.ends(), powers=self._powers, **series)

    def _take(self, stretch: Stretch) -> None:
        mono = stretch.audio.mean(axis=0, dtype=np.float32)
        parts: dict[str, Series | Floats] = {
            "mono_energies": _energies(stretch, np.stack((mono, mono))),
            "clicks": clicks.clicks_in(stretch),
            "mel": bands.mel(stretch, mono),
            **bands.fluxes(stretch, mono),
            "long_bands_db": pulse.levels(stretch, mono),
            **pitches.pitched(stretch, mono),
        }
        for name, part in parts.items():
            self._series.setdefault(name, []).append(part)
        self._powers += bands.long_term(stretch)


def _energies(stretch: Stretch, audio: Audio) -> Floats:
    """Return the owned cells' energies; a second before them has settled the filter."""
    cells = kernels.weighted_energies(audio, kernels.CELL)
    first = (stretch.first - stretch.origin) // kernels.CELL
    owned: Floats = cells[first:][: (stretch.last - stretch.first) // kernels.CELL]
    return owned
