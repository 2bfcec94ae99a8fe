"""Generated sound to a premaster: the house chain, and what the request asks for on top.

The console and the limiter are those of the free tracks. What is different is what goes in: one
stereo take of unknown balance, whose bass models like to put to one side, and whose top is harsh
and ends at the codec's 16 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from soundflow_assets.audio import SAMPLE_RATE, Audio
from soundflow_assets.errors import Failed
from soundflow_assets.mastering.colour import Binaural, Exciter, add_binaural, ducking
from soundflow_assets.mastering.console import BUS_LUFS, Console
from soundflow_assets.mastering.fit import fitted
from soundflow_assets.mastering.master import SILENT_END_S
from soundflow_assets.plans.buses import MasterBus
from soundflow_assets.plans.targets import CategoryTargets
from soundflow_assets.reel import Reel
from soundflow_assets.synthesis.kernels.loudness import integrated_loudness
from soundflow_assets.synthesis.kernels.mixing import fade_ends
from soundflow_assets.synthesis.kernels.weighting import energies_of

Floats = npt.NDArray[np.float64]

# Slow wide-band glue under 2 dB and next to no saturation: models deliver mixed music.
BUS = MasterBus(glue_db=1.5, saturation=0.05)


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done beyond the house chain. Zeros are off."""

    targets: CategoryTargets = field(default_factory=CategoryTargets)
    beats_s: tuple[float, ...] = ()  # as measured in the music
    sidechain: float = 0.0
    exciter: float = 0.0
    binaural_hz: float = 0.0
    binaural_base_hz: float = 180.0
    binaural_mix: float = 0.0  # amplitude of the tones against the music's RMS
    fade_in_s: float = 1.5
    fade_out_s: float = 3.0


def premaster_generated(name: str, mixed: Reel, finish: Finish) -> None:
    """Run generated sound through the console and fade its ends, in place.

    Raises
    ------
    Failed
        If it is silent or not finite.
    """
    energies = energies_of(audio for _, audio in mixed.blocks())
    if not np.isfinite(energies).all():
        raise Failed(f"{name}: what was generated is not finite")
    mix_lufs = float(integrated_loudness(energies))
    if mix_lufs == -np.inf:
        raise Failed(f"{name}: what was generated is silent")
    console = Console(BUS, mix_lufs, fitted(BUS, finish.targets, mixed))
    gains = ducking(mixed.samples, np.asarray(finish.beats_s), finish.sidechain)
    exciter = Exciter(finish.exciter) if finish.exciter > 0.0 else None
    tones = _tones(finish)
    rise, fall, silent = _edges(mixed.samples, finish)
    for start, audio in mixed.blocks():
        if finish.sidechain > 0.0:
            audio *= gains[start : start + audio.shape[1]].astype(np.float32)
        console.process(audio)
        if exciter is not None:
            exciter.process(audio)
        if tones is not None:
            add_binaural(audio, start, mixed.samples, tones)
        fade_ends(audio, rise, fall, silent, start)
        mixed.write(start, audio)


def cut_to_length(audio: Audio, duration_s: float) -> Audio:
    """Return float32 (2, n) of exactly `duration_s` at 44.1 kHz; what is missing is silence."""
    samples = round(duration_s * SAMPLE_RATE)
    if audio.shape[1] >= samples:
        return np.ascontiguousarray(audio[:, :samples])
    return np.pad(audio, ((0, 0), (0, samples - audio.shape[1])))


def _tones(finish: Finish) -> Binaural | None:
    if finish.binaural_hz <= 0.0 or finish.binaural_mix <= 0.0:
        return None
    # The console leaves music at BUS_LUFS, where RMS and loudness are about the same number.
    rms = 10.0 ** (BUS_LUFS / 20.0)
    return Binaural(finish.binaural_hz, finish.binaural_base_hz, finish.binaural_mix * rms)


def _edges(samples: int, finish: Finish) -> tuple[int, int, int]:
    silent = samples - round(SILENT_END_S * SAMPLE_RATE)
    rise = min(round(finish.fade_in_s * SAMPLE_RATE), samples // 4)
    fall = silent - min(round(finish.fade_out_s * SAMPLE_RATE), samples // 3)
    return max(1, rise), fall, silent
